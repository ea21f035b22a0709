# Agreement with "not applicable" as a category of its own, by R's irrCAC with weights given as a matrix, for
# tests/audit/test_agreement.py.
#   Rscript agreement_category.R     reads ratings_category.csv, writes agreement_category.csv
# Levels are 1, 2, 3; x (not applicable) agrees with itself only. irrCAC rounds; its functions run here without.
library(irrCAC)
options(digits = 17)
exact <- function(f) {
  environment(f) <- list2env(list(round = function(x, ...) x), parent = environment(f))
  f
}
functions <- list(
  "percent agreement" = exact(pa.coeff.raw), "AC1" = exact(gwet.ac1.raw), "Fleiss kappa" = exact(fleiss.kappa.raw),
  "Krippendorff alpha" = exact(krippen.alpha.raw), "Conger kappa" = exact(conger.kappa.raw),
  "Brennan-Prediger" = exact(bp.coeff.raw)
)
beside <- function(own) {
  all <- diag(4)
  all[1:3, 1:3] <- own
  all
}
matrices <- list(identity = diag(4), linear = beside(linear.weights(1:3)), quadratic = beside(quadratic.weights(1:3)),
  ordinal = beside(ordinal.weights(1:3)))
wide <- as.matrix(read.csv("ratings_category.csv", colClasses = "character")[, -1])
wide[wide == "x"] <- "4"
answers <- do.call(rbind, lapply(names(matrices), function(metric) do.call(rbind, lapply(names(functions), function(name) {
  found <- functions[[name]](as.data.frame(wide), weights = matrices[[metric]], categ.labels = as.character(1:4))$est
  data.frame(metric, indicator = name, estimate = format(found$coeff.val, digits = 15),
    by_chance = format(found$pe, digits = 15), se = format(found$coeff.se, digits = 15))
}))))
write.csv(answers, "agreement_category.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("irrCAC", packageVersion("irrCAC"))), "agreement_category_versions.txt")
