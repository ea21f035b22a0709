# Answers for survey/standardise.py, by R's svystandardize. Run as: Rscript standardise.R
source("answers.R")
shares <- c("18-34" = 0.5, "35-54" = 0.3, "55+" = 0.2)
say <- function(case, key, x, i = 1) record(case, key, as.vector(coef(x))[i], as.vector(SE(x))[i])
for (name in c("panel", "stages", "jkn")) {
  d <- designs[[name]]
  for (item in c("used", "years")) {
    missing <- as.formula(paste0("~", item))
    std <- svystandardize(d, by = ~age_group, over = ~ethnicity, population = shares, excluding.missing = missing)
    groups <- svyby(missing, ~ethnicity, std, svymean, na.rm = TRUE, covmat = TRUE)
    for (i in 1:2) say(paste0(item, "/", name), rownames(groups)[i], groups, i)
    say(paste0(item, " gap/", name), "other", svycontrast(groups, c(Kinh = -1, other = 1)))
  }
  std <- svystandardize(d, by = ~age_group + gender, over = ~1, population = rep(1, 6), excluding.missing = ~used)
  say(paste0("everybody/", name), "", svymean(~used, std, na.rm = TRUE))
}
save_answers("standardise.csv")
