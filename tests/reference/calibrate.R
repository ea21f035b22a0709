# Answers for survey/weights.py: post-stratification and raking, and the errors that follow from them.
# Run as: Rscript calibrate.R. Needs MASS for bounded raking.
# "greg" stands for calibrate(calfun = "raking"), which takes residuals with the design weights; rake() takes
# them without. The weights are the same.
source("answers.R")
options(contrasts = c("contr.treatment", "contr.poly"))

gender <- data.frame(gender = c("female", "male"), Freq = c(52000, 48000))
cells <- expand.grid(gender = c("female", "male"), age_group = c("18-34", "35-54", "55+"), stringsAsFactors = FALSE)
cells$Freq <- c(19000, 18500, 18000, 17500, 15000, 12000)
age <- data.frame(age_group = c("18-34", "35-54", "55+"), Freq = c(37500, 35500, 27000))
place <- data.frame(province = c("01", "02", "48", "79", "96"), Freq = c(25000, 9000, 12000, 39000, 15000))
tight <- list(maxit = 500, epsilon = 1e-15)
raked <- function(design) {
  # rake() stops when no cell moves by more than epsilon x the sum of the weights; the last bits may never rest
  suppressWarnings(rake(design, list(~gender, ~age_group, ~province), list(gender, age, place), control = tight))
}
totals <- c(`(Intercept)` = 100000, gendermale = 48000, `age_group35-54` = 35500, `age_group55+` = 27000,
            province02 = 9000, province48 = 12000, province79 = 39000, province96 = 15000)
base <- 100000 / sum(waves$weight)  # the bounds are on the change from weights of the right size
scaled <- update(designs$panel, one = 1)
scaled$prob <- scaled$prob / base
bounded <- function(design, low, high)
  calibrate(design, ~gender + age_group, totals[1:4], calfun = "raking", bounds = c(low, high),
            epsilon = 1e-14, maxit = 500)

calibrated <- list()
for (name in c("panel", "stages", "jkn")) {
  calibrated[[paste0("gender/", name)]] <- postStratify(designs[[name]], ~gender, gender)
  calibrated[[paste0("cells/", name)]] <- postStratify(designs[[name]], ~gender + age_group, cells)
  calibrated[[paste0("raked/", name)]] <- raked(designs[[name]])
}
calibrated[["twice/panel"]] <- postStratify(raked(designs$panel), ~gender + age_group, cells)
for (name in c("panel", "stages"))
  calibrated[[paste0("greg/", name)]] <- calibrate(designs[[name]], ~gender + age_group + province, totals,
                                                 calfun = "raking", epsilon = 1e-14, maxit = 500)
calibrated[["bounded/panel"]] <- bounded(scaled, 0.9, 1.15)

estimates <- function(case, design) {
  kept <- subset(design, known == 1)
  put <- function(key, value, df = degf(kept)) record(case, key, as.vector(coef(value)), as.vector(SE(value)), df)
  put("proportion used", svymean(~used, design, na.rm = TRUE))
  put("proportion profile", svymean(~profile, design), degf(design))
  put("mean years", svymean(~years, design), degf(design))
  put("total profile", svytotal(~profile, design), degf(design))
  put("total one", svytotal(~one, design), degf(design))
  put("ratio profile/years", svyratio(~profile, ~years, design), degf(design))
  inside <- subset(design, urban == 1 & known == 1)
  put("proportion used urban", svymean(~yes, inside), degf(inside))
  for (level in c("Kinh", "other")) {
    inside <- subset(design, ethnicity == level & known == 1)
    put(paste("proportion used", level), svymean(~yes, inside), degf(inside))
  }
  both <- update(design, a1 = yes * (ethnicity == "other"), b1 = known * (ethnicity == "other"),
                 a2 = yes * (ethnicity == "Kinh"), b2 = known * (ethnicity == "Kinh"))
  if (inherits(design, "svyrep.design")) {
    gap <- withReplicates(both, function(w, d) sum(w * d$a1) / sum(w * d$b1) - sum(w * d$a2) / sum(w * d$b2))
    fit <- svyglm(used ~ ethnicity + years, design, family = quasibinomial(),
                  control = list(epsilon = 1e-15, maxit = 100))
  } else {
    gap <- svycontrast(svytotal(~a1 + b1 + a2 + b2, both), quote(a1 / b1 - a2 / b2))
    fit <- svyglm(used ~ ethnicity + years, design, family = quasibinomial(), epsilon = 1e-15, maxit = 100)
  }
  put("difference used other - Kinh", gap)
  for (term in names(coef(fit)))
    record(case, paste("logit", term), coef(fit)[[term]], sqrt(vcov(fit)[term, term]), fit$df.residual)
  test <- svychisq(~profile + age_group, design, statistic = "F")
  record(case, "association profile age_group", NA, df = as.vector(test$parameter)[2],
         statistic = as.vector(test$statistic), ndf = as.vector(test$parameter)[1], p_value = as.vector(test$p.value))
  w <- weights(design, "sampling")
  for (i in c(1, 100, 250, 400)) record(case, paste("weight", waves$id[i]), w[i])
}
for (case in names(calibrated)) estimates(case, calibrated[[case]])
# weights taken as given after calibration: the errors that must not be given
fixed <- svydesign(~district, strata = ~interaction(province, panel), nest = TRUE, data = waves,
                   weights = weights(calibrated[["cells/panel"]]))
estimates("cells/fixed", fixed)
save_answers("calibrate.csv")
