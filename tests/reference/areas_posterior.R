# Hierarchical Bayes of the Fay-Herriot model with a flat prior of the between-area variance, by R hbsae 1.2 (H. J.
# Boonstra): posterior means and variances of areas. Usage: Rscript areas_posterior.R FILE, the file R/hbsae.R of the
# sources of hbsae (GPL-3; run, not copied). Reads areas_data.csv, writes areas_posterior.csv.
suppressMessages({library(Matrix); library(methods)})
source(commandArgs(TRUE)[1])
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
d <- read.csv(file.path(here, "areas_data.csv"), colClasses = c(province = "character"))
out <- list()
for (name in c("internet_home", "pesp_use", "npsp_use")) {
  own <- d[d$fit == name, ]
  y <- setNames(own$y, own$province)
  x <- cbind(1, own$income, own$dti)
  rownames(x) <- own$province
  # a large nu0 takes the sampling variances for known; hbsae's own, 1e4 an area, errs in the fifth figure
  s <- fSAE.Unit(y = y, X = x, area = factor(own$province, own$province), Xpop = x, fpc = FALSE, v = own$v,
                 nu0 = 1e8 * length(y), s20 = 1, method = "HB", rel.int.tol = 1e-9, silent = TRUE)
  for (what in c("mean", "variance")) {
    value <- if (what == "mean") s$est else s$mse
    out[[length(out) + 1]] <- data.frame(fit = name, what = what, name = own$province, value = sprintf("%.17g", value))
  }
}
write.csv(do.call(rbind, out), file.path(here, "areas_posterior.csv"), row.names = FALSE, quote = TRUE)
