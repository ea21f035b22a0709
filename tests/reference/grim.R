# The GRIM test on 10,000 random means and percentages, by R's scrutiny package (0.6.1).
# Run in this folder: Rscript grim.R [folder with scrutiny's R sources, where the package is not installed]
# Writes grim.csv: value as text, n, items, percentage or mean, consistent or not, and the test's power (grim_probability).
folder <- commandArgs(trailingOnly = TRUE)
if (length(folder)) {
  suppressPackageStartupMessages(library(magrittr))
  for (room in c("utils.R", "decimal-places.R", "round.R", "round-ceil-floor.R", "reround.R", "grim.R", "grim-stats.R")) {
    source(file.path(folder, room))
  }
} else {
  suppressPackageStartupMessages(library(scrutiny))
}
set.seed(20230711)
cases <- 10000
n <- round(exp(runif(cases, log(1), log(20000))))
items <- ifelse(runif(cases) < 0.8, 1, sample(2:7, cases, replace = TRUE))
percent <- runif(cases) < 0.6
digits <- sample(0:3, cases, replace = TRUE, prob = c(1, 3, 3, 1))
true <- runif(cases) < 0.4                      # of these the count is known to exist
top <- ifelse(percent, 100, 7)
count <- floor(runif(cases) * (n * items + 1))
share <- ifelse(true, count / (n * items), runif(cases))
half <- runif(cases) < 0.1 & !true              # some that lie on a half of the granules of small samples
n[half] <- sample(c(8, 16, 40, 80, 200, 400, 800, 2000), sum(half), replace = TRUE)
share[half] <- (floor(share[half] * n[half]) + 0.5 * (runif(sum(half)) < 0.3)) / n[half]
x <- sprintf(paste0("%.", digits, "f"), share * top)
consistent <- mapply(function(x, n, items, percent) grim(x = x, n = n, items = items, percent = percent), x, n, items, percent)
power <- mapply(function(x, n, items, percent) grim_probability(x = x, n = n, items = items, percent = percent), x, n, items, percent)
out <- data.frame(value = x, n = n, items = items, percent = as.integer(percent), consistent = as.integer(consistent), power = sprintf("%.10g", power))
write.csv(out, "grim.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "; consistent:", sum(consistent), "of", cases, "\n")
