# Tests of paired rounds, for tests/audit/test_paired.py: Rscript rounds.R writes rounds_*.csv.
# irr, coin and PropCIs, and base R: binom.test, friedman.test (of 0 and 1 it is Cochran's Q), p.adjust.
library(irr)
source_of <- Sys.getenv("PROPCIS", "scoreci.mp.R")  # the file of that function, or of the installed package
if (file.exists(source_of)) source(source_of) else library(PropCIs)
options(digits = 17)
pairs <- list(c(9, 2, 30), c(0, 5, 20), c(13, 13, 63), c(1, 0, 10), c(300, 0, 323), c(2, 251, 323), c(0, 0, 12))
two <- do.call(rbind, lapply(pairs, function(x) {
  p <- if (x[1] + x[2]) binom.test(x[1], x[1] + x[2])$p.value else 1
  limits <- scoreci.mp(x[2], x[1], x[3], 0.95)$conf.int
  data.frame(gained = x[1], lost = x[2], n = x[3], exact = p, low = limits[1], high = limits[2])
}))
write.csv(two, "rounds_two.csv", row.names = FALSE, quote = FALSE)

tables <- list(c(20, 10, 5, 3, 30, 15, 0, 5, 15), c(5, 1, 9, 0, 12, 3, 2, 7, 11))
levels <- do.call(rbind, lapply(seq_along(tables), function(i) {
  m <- matrix(tables[[i]], 3, byrow = TRUE)
  long <- do.call(rbind, lapply(1:3, function(a) do.call(rbind, lapply(1:3, function(b) matrix(rep(c(a, b), m[a, b]), ncol = 2, byrow = TRUE)))))
  sm <- stuart.maxwell.mh(m)
  bh <- bhapkar(long)
  data.frame(table = paste(tables[[i]], collapse = " "), stuart_maxwell = as.numeric(sm$value), p_stuart_maxwell = as.numeric(sm$p.value),
    bhapkar = bh$value, p_bhapkar = bh$p.value)
}))
write.csv(levels, "rounds_levels.csv", row.names = FALSE, quote = FALSE)

# Levels that nobody left or came to, and parts that exchange no portals: coin takes a generalised inverse and its
# rank; irr drops the levels before Stuart-Maxwell. Bhapkar's is Wald's statistic with the covariance of all subjects.
library(coin)
stable <- list(c(5, 9, 0, 2, 4, 0, 0, 0, 7), c(20, 10, 0, 5, 3, 30, 0, 15, 0, 0, 6, 0, 0, 5, 0, 15),
  c(5, 2, 0, 0, 1, 5, 0, 0, 0, 0, 5, 4, 0, 0, 1, 5), c(5, 2, 0, 0, 1, 5, 1, 0, 0, 1, 5, 4, 0, 0, 1, 5))
kept <- do.call(rbind, lapply(stable, function(x) {
  k <- sqrt(length(x))
  m <- matrix(x, k, byrow = TRUE, dimnames = list(before = seq_len(k), after = seq_len(k)))
  found <- suppressWarnings(mh_test(as.table(m)))  # it warns of levels without change
  dropped <- tryCatch(as.numeric(stuart.maxwell.mh(m)$value), error = function(e) NA)
  stopifnot(is.na(dropped) || abs(dropped - statistic(found)) < 1e-9)
  d <- rowSums(m) - colSums(m)
  w <- diag(rowSums(m) + colSums(m)) - m - t(m) - outer(d, d) / sum(m)
  b <- as.numeric(d %*% MASS::ginv(w) %*% d)
  data.frame(table = paste(x, collapse = " "), stuart_maxwell = as.numeric(statistic(found)), df = found@statistic@df,
    p_stuart_maxwell = as.numeric(pvalue(found)), bhapkar = b, p_bhapkar = pchisq(b, found@statistic@df, lower.tail = FALSE))
}))
write.csv(kept, "rounds_stable.csv", row.names = FALSE, quote = FALSE)

x <- matrix(c(1,1,0, 0,1,1, 0,0,1, 1,1,1, 0,1,1, 0,0,0, 1,0,1, 0,0,1, 0,1,0, 0,0,1), ncol = 3, byrow = TRUE)
q <- friedman.test(x)
p <- c(0.01, 0.04, 0.03, 0.2, 0.005)
write.csv(data.frame(what = c("cochran", "cochran p", paste("holm", seq_along(p))), value = c(q$statistic, q$p.value, p.adjust(p, "holm"))),
  "rounds_more.csv", row.names = FALSE, quote = FALSE)
