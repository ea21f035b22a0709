# Answers for survey/compare.py: differences, trends and tests of association. Run as: Rscript compare.R
source("answers.R")

# ---- difference: two ratios of totals, their difference by the delta method, and the t of the domain's df ----
pair <- function(case, design, a, b, domain = rep(TRUE, nrow(design)), free = designs$panel) {
  ratio <- function(level) list(
    top = design$variables$yes * level * domain, bottom = design$variables$known * level * domain)
  first <- ratio(a); second <- ratio(b)
  design <- update(design, t1 = first$top, n1 = first$bottom, t2 = second$top, n2 = second$bottom)
  totals <- svytotal(~t1 + n1 + t2 + n2, design)
  gap <- svycontrast(totals, quote(t1 / n1 - t2 / n2))
  estimate <- as.vector(coef(gap)); se <- as.vector(SE(gap))
  inside <- first$bottom + second$bottom > 0
  df <- degf(subset(free, inside))
  case_answer(case, estimate, se, df)
}
case_answer <- function(case, estimate, se, df) {
  record(case[1], case[2], estimate, se, df, estimate / se, NA, 2 * pt(-abs(estimate / se), df),
         estimate - qt(0.975, df) * se, estimate + qt(0.975, df) * se)
}
is <- function(column, value) as.integer(waves[[column]] == value)

for (name in c("panel", "stages")) {
  d <- designs[[name]]
  pair(c(paste0("ethnicity/", name), "other - Kinh"), d, is("ethnicity", "other"), is("ethnicity", "Kinh"))
  for (w in 2019:2022)
    pair(c(paste0("ethnicity by wave/", name), w), d, is("ethnicity", "other"), is("ethnicity", "Kinh"),
         is("wave", w) == 1)
  pair(c(paste0("ethnicity in urban/", name), "other - Kinh"), d, is("ethnicity", "other"),
       is("ethnicity", "Kinh"), waves$urban == 1)
  for (w in 2020:2022)
    pair(c(paste0("wave/", name), paste(w, "- 2019")), d, is("wave", w), is("wave", 2019))
}
pairs <- list(c("35-54", "18-34"), c("55+", "18-34"), c("55+", "35-54"))
for (p in pairs) pair(c("age pairs/panel", paste(p, collapse = " - ")), designs$panel,
                      is("age_group", p[1]), is("age_group", p[2]))
holm <- p.adjust(answers$p_value[answers$case == "age pairs/panel"], "holm")
for (i in 1:3) record("age pairs holm/panel", paste(pairs[[i]], collapse = " - "), NA, p_value = holm[i])
# waves that share districts taken as independent: the value that must not be given
d <- designs$independent
pair(c("wave/independent", "2020 - 2019"), d, is("wave", 2020), is("wave", 2019), free = d)
# replicate weights: the difference of every replicate
gap <- withReplicates(designs$jkn, function(w, data) {
  r <- function(level) sum(w * data$yes * level) / sum(w * data$known * level)
  r(data$ethnicity == "other") - r(data$ethnicity == "Kinh")
})
case_answer(c("ethnicity/jkn", "other - Kinh"), as.vector(coef(gap)), as.vector(SE(gap)), degf(designs$jkn))
# the same difference from svyby and its covariance
groups <- svyby(~profile, ~ethnicity, designs$panel, svymean, covmat = TRUE)
gap <- svycontrast(groups, c(Kinh = -1, other = 1))
case_answer(c("profile ethnicity/svyby", "other - Kinh"), as.vector(coef(gap)), as.vector(SE(gap)),
            degf(designs$panel))

# ---- trend: slopes of svyglm, gaussian and quasibinomial, and the slope through the waves' estimates ----
slope <- function(case, key, design, family, column = "used", ...) {
  formula <- as.formula(paste(column, "~ wave0"))
  design <- update(design, wave0 = wave - 2019)
  fit <- if (inherits(design, "svyrep.design"))
    svyglm(formula, design, family = family, control = list(epsilon = 1e-15, maxit = 100)) else
    svyglm(formula, design, family = family, epsilon = 1e-15, maxit = 100)
  b <- coef(fit)[["wave0"]]; se <- sqrt(vcov(fit)["wave0", "wave0"]); df <- fit$df.residual
  record(case, key, b, se, df, b / se, NA, 2 * pt(-abs(b / se), df), b - qt(0.975, df) * se, b + qt(0.975, df) * se)
}
for (name in c("panel", "stages", "independent", "jkn")) {
  d <- designs[[name]]
  slope(paste0("linear/", name), "used", d, gaussian())
  slope(paste0("linear/", name), "profile", d, gaussian(), "profile")
  slope(paste0("logit/", name), "used", d, quasibinomial())
  slope(paste0("logit/", name), "profile", d, quasibinomial(), "profile")
}
for (level in c("Kinh", "other")) {
  d <- subset(designs$panel, ethnicity == level)
  slope("linear by ethnicity/panel", level, d, gaussian())
  slope("logit by ethnicity/panel", level, d, quasibinomial())
}
slope("linear in urban/panel", "used", subset(designs$panel, urban == 1), gaussian())
means <- function(design) {
  for (w in 2019:2022) design <- do.call(update, c(list(design), setNames(list(
    design$variables$yes * (design$variables$wave == w), design$variables$known * (design$variables$wave == w)),
    paste0(c("t", "n"), w))))
  totals <- svytotal(~t2019 + n2019 + t2020 + n2020 + t2021 + n2021 + t2022 + n2022, design)
  svycontrast(totals, quote((-1.5 * t2019 / n2019 - 0.5 * t2020 / n2020 + 0.5 * t2021 / n2021 +
                             1.5 * t2022 / n2022) / 5))
}
for (name in c("panel", "stages")) {
  through <- means(designs[[name]])
  df <- degf(subset(designs$panel, known == 1))
  case_answer(c(paste0("contrast/", name), "used"), as.vector(coef(through)), as.vector(SE(through)), df)
}

# ---- association: Rao-Scott and Wald ----
for (name in c("panel", "stages", "jkn")) {
  for (column in c("ethnicity", "age_group")) for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
    test <- svychisq(as.formula(paste("~profile +", column)), designs[[name]], statistic = statistic)
    parameter <- as.vector(test$parameter)
    record(paste0("association ", statistic, "/", name), paste("profile", column), NA,
           df = if (length(parameter) > 1) parameter[2] else NA, statistic = as.vector(test$statistic),
           ndf = parameter[1], p_value = as.vector(test$p.value))
  }
  test <- svychisq(~age_group + province, designs[[name]], statistic = "F")
  record(paste0("association F/", name), "age_group province", NA, df = test$parameter[2],
         statistic = test$statistic, ndf = test$parameter[1], p_value = test$p.value)
}
kept <- subset(designs$panel, known == 1 & urban == 1)
for (statistic in c("F", "Chisq", "Wald", "adjWald")) {
  test <- svychisq(~used + age_group, kept, statistic = statistic)
  parameter <- as.vector(test$parameter)
  record(paste0("association ", statistic, "/panel urban"), "used age_group", NA,
         df = if (length(parameter) > 1) parameter[2] else NA, statistic = as.vector(test$statistic),
         ndf = parameter[1], p_value = as.vector(test$p.value))
}
# ---- strata of one primary unit, and replicate weights of every kind ----
lonely <- read.csv("lonely.csv")
for (option in c("adjust", "average", "remove", "certainty")) {
  options(survey.lonely.psu = option)
  design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = lonely, nest = TRUE)
  both <- update(design, t1 = y * (g == "v"), n1 = 1 * (g == "v"), t2 = y * (g == "u"), n2 = 1 * (g == "u"))
  gap <- svycontrast(svytotal(~t1 + n1 + t2 + n2, both), quote(t1 / n1 - t2 / n2))
  case_answer(c(paste0("lonely/", option), "v - u"), as.vector(coef(gap)), as.vector(SE(gap)), degf(design))
}
options(survey.lonely.psu = "fail")
paired <- read.csv("paired_replicates.csv")
kinds <- list(BRR = list(type = "BRR"), Fay = list(type = "Fay", rho = 0.3), JK1 = list(type = "JK1"),
              JKn = list(type = "JKn", scale = 1, rscales = rep(0.5, 16)), bootstrap = list(type = "bootstrap"))
for (kind in names(kinds)) {
  design <- suppressWarnings(do.call(svrepdesign, c(list(
    data = paired, weights = ~w, repweights = paste0(kind, "_[0-9]+"), combined.weights = TRUE), kinds[[kind]])))
  gap <- svycontrast(svyby(~y, ~sex, design, svymean, covmat = TRUE), c(f = -1, m = 1))
  case_answer(c(paste0("replicates/", kind), "m - f"), as.vector(coef(gap)), as.vector(SE(gap)), degf(design))
  fit <- svyglm(y ~ sex + x, design, family = quasibinomial(), control = list(epsilon = 1e-15, maxit = 200))
  for (term in names(coef(fit))) {
    b <- coef(fit)[[term]]; se <- sqrt(vcov(fit)[term, term]); df <- fit$df.residual
    record(paste0("replicates logit/", kind), term, b, se, df, b / se, NA, 2 * pt(-abs(b / se), df),
           b - qt(0.975, df) * se, b + qt(0.975, df) * se)
  }
}
save_answers("compare.csv")
