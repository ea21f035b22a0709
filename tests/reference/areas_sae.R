# Fay-Herriot models by R sae 1.3 (I. Molina & Y. Marhuenda): between-area variance, coefficients, predictions and mean
# squared errors. Usage: Rscript areas_sae.R FOLDER, the folder R of the sources of sae (GPL-2; run, not copied). Reads
# areas_data.csv, writes areas_sae.csv.
folder <- commandArgs(TRUE)[1]
for (room in c("eblupFH.R", "mseFH.R")) source(file.path(folder, room))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
d <- read.csv(file.path(here, "areas_data.csv"), colClasses = c(province = "character"))
d <- d[d$fit != "waves", ]
out <- list()
add <- function(fit, what, name, value) {
  out[[length(out) + 1]] <<- data.frame(fit = fit, what = what, name = name, value = sprintf("%.17g", value))
}
for (name in unique(d$fit)) {
  own <- d[d$fit == name, ]
  for (kind in c("covariates", "none")) {
    model <- if (kind == "none") y ~ 1 else y ~ income + dti
    # sae stops at a relative change of 1e-4 by default
    m <- mseFH(model, v, method = "REML", MAXITER = 10000, PRECISION = 1e-12, data = own)
    key <- paste(name, kind)
    # it has no answer where the likelihood is highest below 0
    if (!m$est$fit$convergence) { add(key, "none", "", NA); next }
    add(key, "variance", "area", m$est$fit$refvar)
    add(key, "beta", rownames(m$est$fit$estcoef), m$est$fit$estcoef[, "beta"])
    add(key, "beta_se", rownames(m$est$fit$estcoef), m$est$fit$estcoef[, "std.error"])
    add(key, "blup", own$province, m$est$eblup)
    add(key, "mse", own$province, m$mse)
  }
}
write.csv(do.call(rbind, out), file.path(here, "areas_sae.csv"), row.names = FALSE, quote = TRUE)
