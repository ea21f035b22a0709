# Failing criteria not seen, for tests/audit/test_unseen.py: Rscript pages.R reads failures.csv, writes pages*.csv.
# vegan: specpool (Chao's second estimator), specaccum (the exact curve). Base R: hypergeometric and binomial limits.
library(vegan)
options(digits = 17)
input <- read.csv("failures.csv")
pool <- curve <- list()
for (one in unique(input$table)) {
  own <- input[input$table == one, ]
  x <- xtabs(fails ~ page + criterion, own)
  class(x) <- "matrix"
  found <- specpool(x)
  pool[[one]] <- data.frame(table = one, seen = found$Species, estimate = found$chao, se = found$chao.se)
  steps <- specaccum(x, method = "exact")
  curve[[one]] <- data.frame(table = one, pages = steps$sites, mean = steps$richness, sd = steps$sd)
}
write.csv(do.call(rbind, pool), "pages_pool.csv", row.names = FALSE, quote = FALSE)
write.csv(do.call(rbind, curve), "pages_curve.csv", row.names = FALSE, quote = FALSE)

# The numbers of failing pages that a tail probability does not rule out, tried one by one.
limits <- list()
for (size in list(c(5, 14), c(8, 20), c(3, 100))) for (x in 0:size[1]) for (level in c(0.9, 0.95)) {
  tail <- (1 - level) / 2
  k <- 0:size[2]
  ok <- phyper(x - 1, k, size[2] - k, size[1], lower.tail = FALSE) > tail & phyper(x, k, size[2] - k, size[1]) > tail
  exact <- binom.test(x, size[1], conf.level = level)$conf.int
  limits[[length(limits) + 1]] <- data.frame(pages = size[1], total = size[2], failing = x, level, low = min(k[ok]) / size[2],
    high = max(k[ok]) / size[2], low_binomial = exact[1], high_binomial = exact[2])
}
write.csv(do.call(rbind, limits), "pages_limits.csv", row.names = FALSE, quote = FALSE)

missed <- expand.grid(on_pages = c(0, 1, 2, 5, 40), total = c(12, 60, 400), draws = c(1, 5, 12))
missed <- missed[missed$on_pages <= missed$total, ]
missed$probability <- choose(missed$total - missed$on_pages, missed$draws) / choose(missed$total, missed$draws)
missed$probability <- ifelse(missed$draws > missed$total - missed$on_pages, 0, missed$probability)
write.csv(missed, "pages_missed.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("vegan", packageVersion("vegan"))), "pages_versions.txt")
