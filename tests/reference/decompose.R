# Answers for survey/decompose.py and kitagawa.py. Run as: Rscript decompose.R  (oaxaca 0.1.5, survey)
# Points of Oaxaca-Blinder by the package oaxaca, unweighted; errors by withReplicates, the decomposition anew each time.
source("answers.R")
suppressMessages(library(oaxaca))
w <- na.omit(waves[c("used", "years", "urban", "gender", "ethnicity", "weight")])
w$male <- as.integer(w$gender == "male"); w$kinh <- w$ethnicity == "Kinh"
found <- suppressMessages(oaxaca(used ~ years + urban + male | kinh, data = w, R = 2))
record("oaxaca threefold", "endowments", found$threefold$overall[["coef(endowments)"]])
record("oaxaca threefold", "coefficients", found$threefold$overall[["coef(coefficients)"]])
record("oaxaca threefold", "interaction", found$threefold$overall[["coef(interaction)"]])
record("oaxaca", "gap", found$y$y.diff)
weights <- c(compared = 1, reference = 0, average = 0.5, neumark = -1, pooled = -2)
overall <- as.data.frame(found$twofold$overall)
for (kind in names(weights)) {
  i <- which(abs(overall[["group.weight"]] - weights[[kind]]) < 1e-12)[1]
  record(paste("oaxaca", kind), "explained", overall[["coef(explained)"]][i])
  record(paste("oaxaca", kind), "unexplained", overall[["coef(unexplained)"]][i])
  detail <- as.data.frame(found$twofold$variables[[i]])
  for (v in c("years", "urban", "male")) record(paste("oaxaca", kind), v, detail[v, "coef(explained)"])
}
# errors over the jackknife's replicates: linear model with its group term, logistic model by pairing everybody
parts <- function(w, data, family) {
  ok <- !is.na(data$used); data <- data[ok, ]; data$w <- w[ok] / mean(w[ok]); data$male <- as.integer(data$gender == "male")
  one <- data$ethnicity == "other"
  b <- coef(suppressWarnings(glm(used ~ years + urban + male + ethnicity, family, data, weights = w, epsilon = 1e-15,
                                 maxit = 100)))[1:4]
  X <- cbind(1, data$years, data$urban, data$male)
  share <- function(who) data$w * who / sum(data$w * who)
  v <- function(take) { # columns that change hands
    left <- X[one, c(FALSE, take), drop = FALSE] %*% b[c(FALSE, take)]
    right <- X[!one, c(TRUE, !take), drop = FALSE] %*% b[c(TRUE, !take)]
    sum(outer(share(one)[one], share(!one)[!one]) * family$linkinv(outer(drop(left), drop(right), "+")))
  }
  orders <- rbind(c(1,2,3), c(1,3,2), c(2,1,3), c(2,3,1), c(3,1,2), c(3,2,1))
  detail <- c(0, 0, 0)
  for (i in 1:6) { take <- c(FALSE, FALSE, FALSE); for (k in orders[i, ]) { before <- v(take); take[k] <- TRUE
    detail[k] <- detail[k] + (v(take) - before) / 6 } }
  gap <- sum(share(one) * data$used) - sum(share(!one) * data$used)
  c(gap = gap, explained = sum(detail), unexplained = gap - sum(detail), years = detail[1], urban = detail[2], male = detail[3])
}
for (name in c("oaxaca", "fairlie")) {
  family <- if (name == "oaxaca") gaussian() else quasibinomial()
  again <- withReplicates(designs$jkn, function(w, data) parts(w, data, family))
  for (i in 1:6) record(paste("jkn", name), names(coef(again))[i], coef(again)[[i]], SE(again)[[i]])
}
again <- withReplicates(designs$jkn, function(w, data) {
  ok <- !is.na(data$used); w <- w[ok]; data <- data[ok, ]
  n <- tapply(w, list(data$ethnicity, data$age_group), sum); p <- tapply(w * data$used, list(data$ethnicity, data$age_group), sum) / n
  s <- n / rowSums(n)
  c(gap = sum(s[2, ] * p[2, ]) - sum(s[1, ] * p[1, ]), composition = sum((s[2, ] - s[1, ]) * (p[2, ] + p[1, ]) / 2),
    rates = sum((p[2, ] - p[1, ]) * (s[2, ] + s[1, ]) / 2))
})
for (i in 1:3) record("jkn kitagawa", names(coef(again))[i], coef(again)[[i]], SE(again)[[i]])
save_answers("decompose.csv")
