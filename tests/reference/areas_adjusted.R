# The adjusted restricted likelihood (Yoshimori & Lahiri 2014) as R emdi maximises it. Usage: Rscript areas_adjusted.R
# FILE, the file R/estim_sigmau2.R of the sources of emdi (GPL; run, not copied). Reads areas_data.csv, writes
# areas_adjusted.csv.
# emdi stops at R's default tolerance, 1.2e-4, which is more than the variance itself: a smaller one is given
optimize <- function(..., tol) stats::optimize(..., tol = 1e-14)
source(commandArgs(TRUE)[1])
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
d <- read.csv(file.path(here, "areas_data.csv"))
own <- d[d$fit == "pesp_use", ]
x <- cbind(1, own$income, own$dti)
value <- AMRL_YL(c(0, 0.001), own$y, x, own$v, nrow(own))
write.csv(data.frame(fit = "pesp_use", method = "amrl_yl", value = sprintf("%.17g", value)),
          file.path(here, "areas_adjusted.csv"), row.names = FALSE)
