# Answers for Poisson and linear models and predictive margins of survey/model.py. Run as: Rscript regress.R
source("answers.R")
options(contrasts = c("contr.treatment", "contr.poly"))
fit <- function(formula, design, family) if (inherits(design, "svyrep.design"))
  svyglm(formula, design, family = family, control = list(epsilon = 1e-15, maxit = 200)) else
  svyglm(formula, design, family = family, epsilon = 1e-15, maxit = 200)
families <- list(poisson = quasipoisson(), linear = gaussian(), logit = quasibinomial())
formulas <- list(used = used ~ gender + ethnicity + age_group + years, years = years ~ ethnicity * urban)
for (name in names(designs)[c(1, 3, 4)]) for (family in c("poisson", "linear")) for (model in names(formulas)) {
  m <- fit(formulas[[model]], designs[[name]], families[[family]])
  for (i in seq_along(coef(m))) record(paste(family, model, name), names(coef(m))[i], coef(m)[[i]],
                                       sqrt(diag(vcov(m)))[[i]], m$df.residual)
}
# predictive margins: points by svypredmeans; errors by replicates, since svypredmeans leaves out how people and
# coefficients vary together
for (family in names(families)) {
  d <- update(subset(designs$panel, !is.na(used)), ethnicity = factor(ethnicity), gender = factor(gender))
  kind <- families[[family]]
  means <- svypredmeans(svyglm(used ~ gender + years, d, family = kind, epsilon = 1e-15, maxit = 200), ~ethnicity)
  for (group in names(coef(means))) record(paste("margin", family), group, coef(means)[[group]])
  again <- withReplicates(designs$jkn, function(w, data) {
    data$w <- w / mean(w)
    data <- data[!is.na(data$used), ]
    m <- suppressWarnings(glm(used ~ gender + years + ethnicity, families[[family]], data, weights = w, epsilon = 1e-15, maxit = 200))
    sapply(c("Kinh", "other"), function(e) weighted.mean(predict(m, transform(data, ethnicity = e), "response"), data$w))
  })
  for (i in 1:2) record(paste("margin jkn", family), c("Kinh", "other")[i], coef(again)[[i]], SE(again)[[i]])
}
save_answers("regress.csv")
