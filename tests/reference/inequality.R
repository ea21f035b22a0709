# Answers for survey/inequality.py. Run as: HEALTHEQUAL=<checkout of github WHOequity/healthequal> Rscript inequality.R
# WHO's functions (AGPL) are sourced to be run, nothing of them is kept: points on healthequal's own sample tables.
# Errors: R's withReplicates, each measure computed anew with every replicate.
source("answers.R")
suppressMessages({library(dplyr); library(emmeans)})
folder <- Sys.getenv("HEALTHEQUAL")
for (f in list.files(file.path(folder, "R"), full.names = TRUE)) source(f)
for (f in list.files(file.path(folder, "data"), full.names = TRUE)) load(f)
many <- rep(100, nrow(NonorderedSample)) # healthequal 1.0.1 fails without errors and a scale
quiet <- function(x) suppressWarnings(suppressMessages(x))
say <- function(case, name, x) record(case, name, x$estimate)
o <- OrderedSample; u <- NonorderedSample
write.csv(format(data.frame(sample = rep(c("ordered", "unordered"), c(nrow(o), nrow(u))),
                            estimate = c(o$estimate, u$estimate), population = c(o$population, u$population),
                            rank = c(o$subgroup_order, rep(0, nrow(u))),
                            reference = c(rep(0, nrow(o)), u$reference_subgroup)), digits = 17, trim = TRUE),
          "inequality_samples.csv", row.names = FALSE, quote = FALSE)
for (good in c(1, 0)) {
  both <- list(ordered = list(o, 1, o$subgroup_order), unordered = list(u, 0, NULL))
  for (kind in names(both)) {
    x <- both[[kind]][[1]]; ordered <- rep(both[[kind]][[2]], nrow(x)); rank <- both[[kind]][[3]]
    fav <- rep(good, nrow(x)); case <- paste(kind, good); scale <- rep(100, nrow(x))
    say(case, "difference", quiet(d(x$estimate, x$se, fav, ordered, rank)))
    say(case, "ratio", quiet(r(x$estimate, x$se, fav, ordered, rank)))
    say(case, "par", quiet(parisk(x$estimate, x$population, fav, ordered, rank, scaleval = scale)))
    say(case, "paf", quiet(paf(x$estimate, x$population, fav, ordered, rank, scaleval = scale)))
  }
  fav <- rep(good, nrow(u)); case <- paste("unordered", good)
  say(case, "mdb", quiet(mdbw(est = u$estimate, se = u$se, pop = u$population, favourable_indicator = fav, scaleval = many, sim = 100)))
  say(case, "mdbu", quiet(mdbu(est = u$estimate, se = u$se, favourable_indicator = fav, scaleval = many, sim = 100)))
  say(paste("reference", good), "difference", quiet(d(u$estimate, u$se, fav, rep(0, nrow(u)), NULL, u$reference_subgroup)))
}
a <- u$estimate; n <- u$population
say("unordered 1", "mdm", quiet(mdmw(est = a, se = u$se, pop = n, scaleval = many, sim = 100))); say("unordered 1", "mdmu", quiet(mdmu(est = a, se = u$se, pop = n, scaleval = many, sim = 100)))
say("reference 1", "mdr", quiet(mdrw(est = a, se = u$se, pop = n, scaleval = many, reference_subgroup = u$reference_subgroup, sim = 100)))
say("reference 1", "mdru", quiet(mdru(est = a, se = u$se, scaleval = many, reference_subgroup = u$reference_subgroup, sim = 100)))
for (m in c("bgv", "bgsd", "covar", "idisw", "idisu", "ti", "mld"))
  say("unordered 1", c(bgv = "bgv", bgsd = "bgsd", covar = "cov", idisw = "idis", idisu = "idisu", ti = "theil", mld = "mld")[[m]],
      quiet(get(m)(est = a, pop = n)))
say("ordered 1", "aci", quiet(aci(o$estimate, o$subgroup_order, o$population)))
say("ordered 1", "rci", quiet(rci(o$estimate, o$subgroup_order, o$population)))
bounded <- quiet(rci(o$estimate / 100, o$subgroup_order, o$population, method = "wagstaff", lmin = 0, lmax = 1))
say("ordered 1", "wagstaff", bounded)
say("ordered 1", "erreygers", quiet(rci(o$estimate / 100, o$subgroup_order, o$population, method = "erreygers", lmin = 0, lmax = 1)))
# slopes from people, as healthequal fits them to a survey (quasibinomial, and linear)
waves$ok <- !is.na(waves$used)
w <- waves[waves$ok, ]; w$rank <- match(w$age_group, c("18-34", "35-54", "55+"))
for (linear in c(FALSE, TRUE)) for (m in c("sii", "rii")) {
  # emmeans and marginaleffects are only needed for errors; the fit itself is svyglm's
  order <- order(w$rank); s <- w[order, ]; cum <- cumsum(s$weight)
  high <- ave(cum, s$rank, FUN = max); low <- ave(cum - s$weight, s$rank, FUN = min)
  s$position <- (low + high) / 2 / sum(s$weight)
  fit <- suppressWarnings(svyglm(used ~ position, svydesign(~1, weights = ~weight, data = s),
                family = if (linear) gaussian() else quasibinomial(), epsilon = 1e-15, maxit = 200))
  at <- as.vector(predict(fit, data.frame(position = c(1, 0)), type = "response"))
  record(paste("people", if (linear) "linear" else "logit"), m, if (m == "sii") at[1] - at[2] else at[1] / at[2])
}
# errors: every measure anew with every jackknife replicate
measures <- function(p, s) {
  m <- sum(s * p); R <- cumsum(s) - s / 2
  c(difference = p[3] - p[1], aci = sum(2 * s * p * (R - 0.5)), rci = sum(2 * s * p * (R - 0.5)) / m,
    sii = unname(coef(lm(p ~ R, weights = s))[2]))
}
again <- withReplicates(designs$jkn, function(w, data) {
  ok <- !is.na(data$used)
  n <- tapply(w[ok], data$age_group[ok], sum); p <- tapply((w * data$used)[ok], data$age_group[ok], sum) / n
  measures(as.vector(p), as.vector(n / sum(n)))
})
for (i in 1:4) record("jkn ordered", names(coef(again))[i], coef(again)[[i]], SE(again)[[i]])
again <- withReplicates(designs$jkn, function(w, data) {
  ok <- !is.na(data$used)
  n <- tapply(w[ok], data$province[ok], sum); p <- as.vector(tapply((w * data$used)[ok], data$province[ok], sum) / n)
  s <- as.vector(n / sum(n)); m <- sum(s * p)
  c(bgv = sum(s * (p - m)^2), mdm = sum(s * abs(p - m)), theil = 1000 * sum(s * p / m * log(p / m)))
})
for (i in 1:3) record("jkn unordered", names(coef(again))[i], coef(again)[[i]], SE(again)[[i]])
save_answers("inequality.csv")
