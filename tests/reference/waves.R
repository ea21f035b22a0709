# Makes waves.csv: a small four-wave survey whose districts stay from wave to wave until they are drawn anew.
#
# Strata are provinces; district labels are reused over provinces and over the two panels, so that only
# province x panel x district names a primary sampling unit. Run as: Rscript waves.R
set.seed(20231107)
frame <- expand.grid(person = 1:7, district = 1:4, wave = 2019:2022, province = c("01", "02", "48", "79", "96"),
                     stringsAsFactors = FALSE)
frame$panel <- ifelse(frame$wave <= 2020, "A", "B")
frame <- frame[runif(nrow(frame)) < 0.9, ]
n <- nrow(frame)
key <- interaction(frame$province, frame$panel, frame$district, drop = TRUE)
push <- setNames(rnorm(nlevels(key), sd = 1.2), levels(key))[as.character(key)]
frame$village <- paste0("v", sample(1:2, n, TRUE))
frame$n_districts <- c("01" = 9, "02" = 11, "48" = 8, "79" = 24, "96" = 13)[frame$province]
frame$n_villages <- 12
frame$weight <- round(exp(rnorm(n, 5, 0.6)) * (1 + (frame$province == "79")), 3)
frame$gender <- sample(c("female", "male"), n, TRUE)
frame$ethnicity <- ifelse(runif(n) < plogis(-1.5 + push), "other", "Kinh")
frame$age_group <- sample(c("18-34", "35-54", "55+"), n, TRUE, c(.4, .35, .25))
frame$years <- pmax(0, round(rnorm(n, 9 - 2 * (frame$ethnicity == "other"), 3)))
score <- -1.2 + push + 0.25 * (frame$wave - 2019) - 0.8 * (frame$ethnicity == "other") +
  0.10 * (frame$years - 9) - 0.7 * (frame$age_group == "55+")
frame$used <- as.integer(runif(n) < plogis(score))
frame$profile <- as.integer(runif(n) < plogis(score - 2.5))
frame$used[runif(n) < 0.06] <- NA
frame$urban <- as.integer(runif(n) < plogis(push))
frame$id <- seq_len(n)
columns <- c("id", "province", "panel", "district", "village", "n_districts", "n_villages", "wave", "weight", "gender",
             "ethnicity", "age_group", "years", "urban", "used", "profile")
write.csv(frame[columns], "waves.csv", row.names = FALSE, quote = FALSE, na = "")
