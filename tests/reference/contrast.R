# Answers for survey/contrast.py and for lonely PSUs of totals. Run as: Rscript contrast.R  (survey >= 4.5)
source("answers.R")
stopifnot(packageVersion("survey") >= "4.5")
say <- function(case, key, x, take = 1) record(case, key, as.vector(coef(x))[take], as.vector(SE(x))[take])
group <- function(formula, by, design, fun, ...) svyby(formula, by, design, fun, covmat = TRUE, na.rm = TRUE, ...)

for (name in c("panel", "stages")) {
  d <- designs[[name]]
  e <- list(mean = group(~years, ~ethnicity, d, svymean), total = group(~years, ~ethnicity, d, svytotal),
            proportion = group(~used, ~ethnicity, d, svymean))
  for (kind in names(e)) {
    say(paste0(kind, " difference/", name), "other - Kinh", svycontrast(e[[kind]], c(Kinh = -1, other = 1)))
    say(paste0(kind, " log ratio/", name), "other - Kinh", svycontrast(e[[kind]], quote(log(other / Kinh))))
  }
  # ratios of totals in two domains, whose sums vary together
  k <- update(d, ta = used * (ethnicity == "other"), tb = years * (ethnicity == "other") * known,
              tc = used * (ethnicity == "Kinh"), td = years * (ethnicity == "Kinh") * known)
  sums <- svytotal(~ta + tb + tc + td, k, na.rm = TRUE)
  say(paste0("ratio difference/", name), "other - Kinh", svycontrast(sums, quote(ta / tb - tc / td)))
  # difference in differences, and the ratio of ratios
  w <- group(~used, ~ethnicity + wave, d, svymean)
  say(paste0("change of the gap/", name), "2022 - 2019",
      svycontrast(w, c(Kinh.2019 = 1, other.2019 = -1, Kinh.2022 = -1, other.2022 = 1)))
  say(paste0("log change of the gap/", name), "2022 - 2019",
      svycontrast(w, quote(log(`other.2022` / `Kinh.2022` / (`other.2019` / `Kinh.2019`)))))
  # two indicators
  both <- svymean(~used + profile, subset(d, !is.na(used)))
  say(paste0("log profile over used/", name), "", svycontrast(both, quote(log(profile / used))))
  v <- vcov(group(~used, ~wave, d, svymean))
  for (i in 1:4) for (j in 1:4) record(paste0("covariance/", name), paste(i, j), v[i, j])
}
jkn <- function(case, f) say(case, "", withReplicates(designs$jkn, f))
r <- function(w, data, level) sum(w * data$yes * level) / sum(w * data$known * level)
jkn("proportion log ratio/jkn", function(w, data)
  log(r(w, data, data$ethnicity == "other") / r(w, data, data$ethnicity == "Kinh")))
jkn("change of the gap/jkn", function(w, data) {
  at <- function(e, y) r(w, data, data$ethnicity == e & data$wave == y)
  at("other", 2022) - at("Kinh", 2022) - at("other", 2019) + at("Kinh", 2019)
})

# lonely PSUs: totals, differences of totals, tests of totals, calibrated totals, and lonely units of stage two
l <- read.csv("lonely.csv")
l$n1 <- 12; l$ssu <- seq_len(nrow(l)) %/% 3; l$n2 <- 9; l$thin <- as.integer(l$thin)
for (lonely in c("adjust", "average", "remove")) {
  options(survey.lonely.psu = lonely)
  d <- svydesign(~psu, strata = ~stratum, weights = ~w, data = l, nest = TRUE)
  for (what in c("x", "y")) say(paste0("lonely ", lonely), paste("total", what), svytotal(as.formula(paste0("~", what)), d))
  test <- svychisq(~y + g, d, statistic = "Wald")
  record(paste0("lonely ", lonely), "Wald", unname(test$statistic))
  p <- postStratify(d, ~g, data.frame(g = c("u", "v"), Freq = c(300, 700)))
  say(paste0("lonely ", lonely), "post-stratified", svytotal(~x, p))
  say(paste0("lonely ", lonely), "post-stratified domain", svytotal(~x, subset(p, thin == 1)))
}
options(survey.lonely.psu = "adjust")
two <- svydesign(~psu + ssu, strata = ~stratum, weights = ~w, fpc = ~n1 + n2, data = l, nest = TRUE)
say("lonely stages", "total x", svytotal(~x, two))
say("lonely stages", "domain", svytotal(~x, subset(two, thin == 1)))
one <- svydesign(~psu, strata = ~psu2, weights = ~w, data = transform(l, psu2 = paste(stratum, psu)), nest = TRUE)
say("lonely everywhere", "total x", svytotal(~x, one))
save_answers("contrast.csv")
