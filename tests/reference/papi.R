# Rates, intervals, design effects and a model on the simulated survey, by R's survey package.
# Run in this folder: Rscript papi.R   (reads ../../data/papi-simulated/respondents.csv, writes papi_answers.csv)
suppressPackageStartupMessages(library(survey))
papi <- read.csv("../../data/papi-simulated/respondents.csv", colClasses = c(province = "character", stratum = "character", psu = "character"))
items <- c("internet_home", "online_news", "npsp_use", "npsp_profile", "npsp_procedure", "pesp_use")
for (item in items) papi[[item]][papi[[item]] %in% c(888, 999)] <- NA
papi$one <- 1
design <- svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = papi, nest = TRUE)
rows <- list()
add <- function(what, item, domain, value) {
  rows[[length(rows) + 1]] <<- data.frame(what = what, item = item, domain = as.character(domain), value = sprintf("%.17g", value))
}
for (item in items) {
  f <- reformulate(item)
  by_wave <- svyby(f, ~wave, design, svymean, na.rm = TRUE, deff = TRUE)
  for (k in seq_len(nrow(by_wave))) {
    add("wave", item, by_wave$wave[k], by_wave[[item]][k])
    add("wave_se", item, by_wave$wave[k], SE(by_wave)[k])
    add("wave_deff", item, by_wave$wave[k], deff(by_wave)[k])
  }
  in2022 <- subset(design, wave == 2022)
  known <- subset(design, wave == 2022 & !is.na(papi[[item]]))
  for (method in c("beta", "xlogit", "asin")) {
    limits <- confint(svyciprop(f, known, method = method, df = degf(known)))
    add(paste0(method, "_low"), item, 2022, limits[1])
    add(paste0(method, "_high"), item, 2022, limits[2])
  }
  provinces <- svyby(f, ~province, in2022, svymean, na.rm = TRUE)
  for (k in seq_len(nrow(provinces))) {
    add("province", item, provinces$province[k], provinces[[item]][k])
    add("province_se", item, provinces$province[k], SE(provinces)[k])
  }
}
fit <- svyglm(npsp_use ~ sex + ethnicity, design = subset(design, wave == 2022), family = quasibinomial(), control = glm.control(epsilon = 1e-14, maxit = 100))
for (term in names(coef(fit))) {
  add("logit", "npsp_use", term, coef(fit)[[term]])
  add("logit_se", "npsp_use", term, SE(fit)[[term]])
}
rows[[length(rows) + 1]] <- data.frame(what = "version", item = "survey", domain = as.character(packageVersion("survey")), value = "0")
write.csv(do.call(rbind, rows), "papi_answers.csv", row.names = FALSE, quote = FALSE, eol = "\n")
