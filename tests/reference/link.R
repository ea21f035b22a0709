# A line through 63 points with errors in both directions, by R's metafor (bivariate random-effects model), statpsych
# (interval of Spearman's correlation), pwr (power) and simex (a second correction for errors of the predictor).
# Run in this folder: Rscript link.R <file statpsych2.R of statpsych's sources>
# Writes link_pairs.csv (the points), link.csv and link_power.csv (answers).
suppressMessages(library(metafor))
library(pwr); library(simex)
source(commandArgs(trailingOnly = TRUE)[1])
set.seed(20230711)
rows <- list(); points <- list()
keep <- function(case, name, value) rows[[length(rows) + 1]] <<- data.frame(case, name, value = format(value, digits = 17))
tight <- list(optimizer = "bobyqa", rhobeg = 0.1, rhoend = 1e-10)
for (case in c("clear", "weak", "noisy")) {
  n <- 63
  true <- rnorm(n, 0.5, 0.15)
  rate <- 0.05 + c(clear = 0.25, weak = 0.05, noisy = 0.1)[case] * (true - 0.5) + rnorm(n, 0, 0.02)
  vx <- runif(n, 0.5, 1.5)^2 * c(clear = 0.03, weak = 0.02, noisy = 0.08)[case]^2
  vy <- runif(n, 0.5, 1.5)^2 * c(clear = 0.01, weak = 0.015, noisy = 0.02)[case]^2
  x <- true + rnorm(n, 0, sqrt(vx)); y <- rate + rnorm(n, 0, sqrt(vy))
  x <- round(x, 6); y <- round(y, 6); vx <- round(vx, 9); vy <- round(vy, 9)
  points[[case]] <- data.frame(case, x, y, vx, vy)
  long <- data.frame(z = c(rbind(x, y)), v = c(rbind(vx, vy)), outcome = factor(rep(c("x", "y"), n)), province = rep(1:n, each = 2))
  both <- rma.mv(z, v, mods = ~ 0 + outcome, random = ~ outcome | province, struct = "UN", data = long, control = tight)
  none <- rma.mv(z, v, mods = ~ 0 + outcome, random = ~ outcome | province, struct = "UN", rho = 0, data = long, control = tight)
  ends <- confint(both, rho = 1, control = list(tol = 1e-10))$random["rho", ]
  keep(case, "correlation", both$rho); keep(case, "low", ends[["ci.lb"]]); keep(case, "high", ends[["ci.ub"]])
  keep(case, "slope", both$rho * sqrt(both$tau2[2] / both$tau2[1]))
  keep(case, "spread", sqrt(both$tau2[1])); keep(case, "rate_spread", sqrt(both$tau2[2]))
  keep(case, "p_value", anova(both, none)$pval)
  one <- rma(y, vy, mods = ~ x, method = "REML", test = "knha", control = list(threshold = 1e-14, maxiter = 1000))
  keep(case, "weighted", one$beta[2]); keep(case, "weighted_se", one$se[2]); keep(case, "between", one$tau2)
  keep(case, "weighted_low", one$ci.lb[2]); keep(case, "weighted_p", one$pval[2])
  keep(case, "spearman", cor(x, y, method = "spearman"))
  keep(case, "spearman_p", cor.test(x, y, method = "spearman", exact = FALSE)$p.value)
  keep(case, "statpsych_low", ci.spear(0.05, y, x)[1, "LL"]); keep(case, "statpsych_high", ci.spear(0.05, y, x)[1, "UL"])
  w <- 1 / (one$tau2 + vy); own <- data.frame(x, y, w)
  naive <- lm(y ~ x, own, weights = w, x = TRUE, y = TRUE)
  keep(case, "simex", simex(naive, "x", matrix(sqrt(vx)), B = 4000, fitting.method = "quad", asymptotic = FALSE, jackknife.estimation = FALSE)$coefficients["x"])
}
write.csv(do.call(rbind, points), "link_pairs.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, rows), "link.csv", row.names = FALSE, quote = FALSE)
power <- expand.grid(n = c(10, 34, 63), r = c(0.05, 0.2, 0.3, 0.4, 0.6), level = c(0.9, 0.95))
power$power <- mapply(function(n, r, level) pwr.r.test(n = n, r = r, sig.level = 1 - level)$power, power$n, power$r, power$level)
least <- sapply(c(10, 34, 63), function(n) pwr.r.test(n = n, power = 0.8)$r)
power <- rbind(power, data.frame(n = c(10, 34, 63), r = least, level = 0.95, power = 0.8))
write.csv(format(power, digits = 17, trim = TRUE), "link_power.csv", row.names = FALSE, quote = FALSE)
