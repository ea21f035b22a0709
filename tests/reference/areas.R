# Fay-Herriot models by metafor: between-area variances, coefficients, best predictions. Reads areas_data.csv and
# areas_v_waves.csv (areas_inputs.py), writes areas.csv and areas_versions.txt.
suppressMessages(library(metafor))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
d <- read.csv(file.path(here, "areas_data.csv"), colClasses = c(province = "character"))
out <- list()
add <- function(fit, what, name, value) {
  out[[length(out) + 1]] <<- data.frame(fit = fit, what = what, name = name, value = sprintf("%.17g", value))
}
for (name in c("internet_home", "pesp_use", "npsp_use")) {
  own <- d[d$fit == name, ]
  for (kind in c("covariates", "none")) {
    mods <- if (kind == "none") ~1 else ~ income + dti
    m <- rma(y, v, mods = mods, data = own, method = "REML",
             control = list(threshold = 1e-15, maxiter = 10000))
    key <- paste(name, kind)
    add(key, "variance", "area", m$tau2)
    add(key, "beta", rownames(m$beta), m$beta[, 1])
    add(key, "beta_se", rownames(m$beta), m$se)
    b <- blup(m)
    add(key, "blup", own$province, b$pred)
    add(key, "blup_se", own$province, b$se)
    add(key, "residual", own$province, rstandard(m)$z)
    add(key, "cook", own$province, cooks.distance(m))
  }
}
own <- d[d$fit == "waves", ]
joint <- as.matrix(read.csv(file.path(here, "areas_v_waves.csv"), header = FALSE))

own$row <- seq_len(nrow(own))
m <- rma.mv(y, joint, mods = ~ 0 + factor(wave) + income + dti, random = list(~1 | province, ~1 | row), data = own,
            method = "REML", sparse = FALSE,
            control = list(rel.tol = 1e-12))
add("waves", "variance", c("area", "area_wave"), m$sigma2)
add("waves", "loglik", "reml", as.numeric(logLik(m)))
add("waves", "beta", rownames(m$beta), m$beta[, 1])
u <- ranef(m)
value <- fitted(m) + u$province$intrcpt[match(own$province, rownames(u$province))] +
  u$row$intrcpt[match(own$row, rownames(u$row))]
add("waves", "blup", paste(own$wave, own$province), value)
write.csv(do.call(rbind, out), file.path(here, "areas.csv"), row.names = FALSE, quote = TRUE)
writeLines(c(R.version.string, paste("metafor", packageVersion("metafor"))), file.path(here, "areas_versions.txt"))
