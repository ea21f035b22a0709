# Answers for GREG weights of survey/weights.py and the likelihood interval. Run as: Rscript greg.R
source("answers.R")
say <- function(case, key, x, i = 1) record(case, key, as.vector(coef(x))[i], as.vector(SE(x))[i])
totals <- c("(Intercept)" = 62000, gendermale = 30000, years = 480000)
for (name in c("panel", "stages", "jkn")) {
  g <- calibrate(designs[[name]], ~gender + years, totals)
  say(name, "total years", svytotal(~years, g)); say(name, "mean profile", svymean(~profile, g))
  say(name, "total profile", svytotal(~profile, g))
  m <- svyby(~profile, ~ethnicity, g, svymean); for (i in 1:2) say(name, paste("profile", m$ethnicity[i]), m, i)
  one <- calibrate(designs[[name]], ~years, c("(Intercept)" = 62000, years = 480000))
  say(name, "count and number", svymean(~profile, one))
}
for (name in c("panel", "stages")) for (what in c("profile", "used")) {
  d <- designs[[name]]; d <- eval(bquote(subset(d, !is.na(.(as.name(what))))))
  ci <- attr(svyciprop(as.formula(paste0("~", what)), d, method = "likelihood"), "ci")
  record(paste("likelihood", name), what, NA, low = ci[1], high = ci[2], df = degf(d))
}
save_answers("greg.csv")
