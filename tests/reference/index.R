# Steps of a composite index by R's COINr, for tests/audit/test_composite.py: Rscript index.R reads index_data.csv.
library(COINr)
options(digits = 17)
x <- as.matrix(read.csv("index_data.csv")[, -1])
w <- c(0.4, 0.3, 0.2, 0.1)
steps <- list(
  minmax = apply(x, 2, n_minmax, l_u = c(0, 1)), zscore = apply(x, 2, n_zscore), rank = apply(x, 2, n_rank),
  goalposts = apply(x, 2, n_goalposts, gposts = c(1, 8, 1))
)
rows <- do.call(rbind, lapply(names(steps), function(s) data.frame(step = s, unit = rep(seq_len(nrow(x)), ncol(x)),
  part = rep(seq_len(ncol(x)), each = nrow(x)), value = as.vector(steps[[s]]))))
y <- steps$minmax[rowSums(is.na(x)) == 0, ] + 0.05
whole <- list(arithmetic = apply(y, 1, a_amean, w = w), geometric = apply(y, 1, a_gmean, w = w),
  copeland = a_copeland(as.data.frame(y), w = w))
for (s in names(whole)) rows <- rbind(rows, data.frame(step = s, unit = seq_along(whole[[s]]), part = 0, value = whole[[s]]))
gappy <- apply(steps$minmax, 1, a_amean, w = w)
rows <- rbind(rows, data.frame(step = "arithmetic with gaps", unit = seq_along(gappy), part = 0, value = gappy))
write.csv(rows, "index.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("COINr", packageVersion("COINr"))), "index_versions.txt")
