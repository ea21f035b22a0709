# What the recipes of compare, model and calibrate share: the sample, its designs, and how answers are written.
#
# Every answer has 17 significant digits; the first lines of a file of answers name the versions that gave them.
suppressMessages(library(survey))
options(survey.lonely.psu = "fail", digits = 17)

waves <- read.csv("waves.csv", colClasses = c(province = "character"))
waves$known <- as.integer(!is.na(waves$used))
waves$yes <- ifelse(is.na(waves$used), 0, waves$used)
waves$one <- 1

designs <- list(
  # districts are kept within a panel, so that waves share primary units: the stratum is province x panel
  panel = svydesign(~district, strata = ~interaction(province, panel), weights = ~weight, data = waves, nest = TRUE),
  # the usual mistake: every wave taken as a sample of its own
  independent = svydesign(~district, strata = ~interaction(province, wave), weights = ~weight, data = waves,
                          nest = TRUE),
  stages = svydesign(~district + village, strata = ~interaction(province, panel), fpc = ~n_districts + n_villages,
                     weights = ~weight, data = waves, nest = TRUE)
)
designs$jkn <- as.svrepdesign(designs$panel, type = "JKn")

answers <- NULL
record <- function(case, key, estimate, se = NA, df = NA, statistic = NA, ndf = NA, p_value = NA, low = NA, high = NA) {
  answers <<- rbind(answers, data.frame(case, key, estimate, se, df, statistic, ndf, p_value, low, high,
                                        stringsAsFactors = FALSE))
}

save_answers <- function(path) {
  numbers <- vapply(answers, is.numeric, TRUE)
  text <- answers
  text[numbers] <- lapply(answers[numbers], function(x) ifelse(is.na(x), "", formatC(x, digits = 17, format = "g", width = 1)))
  versions <- sprintf("# R %s.%s, survey %s", R.version$major, R.version$minor, packageVersion("survey"))
  writeLines(versions, path)
  suppressWarnings(write.table(text, path, append = TRUE, sep = ",", quote = FALSE, row.names = FALSE, na = ""))
}
