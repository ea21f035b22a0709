# Answers for survey/quantile.py, by R's svyquantile (survey >= 4.5). Run as: Rscript quantile.R
source("answers.R")
stopifnot(packageVersion("survey") >= "4.5")
set.seed(1)
for (name in c("panel", "stages", "jkn")) for (rule in c("math", "school")) for (type in c("mean", "xlogit", "beta", "asin")) {
  d <- designs[[name]]
  for (what in c("years", "weight")) for (g in c("all", "Kinh", "other")) {
    part <- if (g == "all") d else eval(bquote(subset(d, ethnicity == .(g))))
    q <- svyquantile(as.formula(paste0("~", what)), part, c(0.1, 0.5, 0.9), qrule = rule, interval.type = type)[[1]]
    for (i in 1:3) record(paste(name, rule, type), paste(what, g, c(0.1, 0.5, 0.9)[i]), q[i, 1], q[i, 4], degf(part), low = q[i, 2], high = q[i, 3])
  }
}
save_answers("quantile.csv")
