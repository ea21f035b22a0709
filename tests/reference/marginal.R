# A foreign witness of average marginal effects: the package margins (0.3.26, MIT) on svyglm. Run as: Rscript marginal.R
# It takes the persons as fixed (the delta method on the coefficients' covariance) and differentiates numerically, so its
# numbers hold to some seven digits.
source("answers.R")
suppressMessages(library(margins))
options(contrasts = c("contr.treatment", "contr.poly"))

formulas <- list(
  used = used ~ gender + ethnicity + age_group + years,
  interaction = used ~ ethnicity * years,
  powers = used ~ gender + years + I(years^2)
)
for (name in c("panel", "stages")) for (model in names(formulas)) {
  names_used <- all.vars(formulas[[model]])
  design <- designs[[name]]
  kept <- complete.cases(design$variables[names_used])
  fit <- svyglm(formulas[[model]], design, family = quasibinomial(), epsilon = 1e-15, maxit = 200)
  # margins wants the persons that the model was fitted to, with their weights
  people <- subset(design, kept)
  found <- summary(margins(fit, data = people$variables, design = people))
  for (i in seq_len(nrow(found)))
    record(paste(model, name, sep = "/"), found$factor[i], found$AME[i], found$SE[i])
}
save_answers("marginal.csv")
