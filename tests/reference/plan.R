# Sample sizes of 20 designs by R's PracTools (1.7.5), and variance components of nested stages by R's VCA (2.0.0).
# Run in this folder: Rscript plan.R <folder with PracTools' R sources>
# Of PracTools the sources are read, since it needs packages that have nothing to do with sizes. Writes plan.csv and
# stages.csv: numbers only. Costs are what PracTools does not round.
folder <- commandArgs(trailingOnly = TRUE)[1]
for (room in c("nPropMoe.R", "clusOpt2.R", "clusOpt3.R")) source(file.path(folder, room))
rows <- list()
keep <- function(kind, ...) rows[[length(rows) + 1]] <<- data.frame(kind = kind, ...)
empty <- list(c1 = NA, c2 = NA, c3 = NA, delta1 = NA, delta2 = NA, cv = NA, m = NA, n = NA, q = NA)
for (case in list(c(0.05, 0.5, Inf, 0.05), c(0.02, 0.0485, Inf, 0.05), c(0.01, 0.03, Inf, 0.1), c(0.03, 0.18, 63, 0.05),
                  c(0.1, 0.5, 100, 0.05), c(0.01, 0.01, 20000, 0.01), c(0.02, 0.76, 5000, 0.05), c(0.005, 0.5, 1e6, 0.05))) {
  n <- nPropMoe(moe.sw = 1, e = case[1], alpha = case[4], pU = case[2], N = case[3])
  keep("margin", margin = case[1], share = case[2], of = case[3], level = 1 - case[4], data.frame(empty), answer = n)
}
for (case in list(c(750, 100, 0.05, 1, 0.05), c(300, 5, 0.02, 19.6, 0.2), c(100, 20, 0.2, 0.32, 0.05),
                  c(500, 12, 0.01, 89, 0.3), c(40, 40, 0.5, 1, 0.1), c(1200, 8, 0.004, 9, 0.1))) {
  x <- clusOpt2(C1 = case[1], C2 = case[2], delta = case[3], unit.rv = case[4], CV0 = case[5], cal.sw = 2)
  keep("two stages", margin = NA, share = 1 / (1 + case[4]), of = NA, level = NA,
       data.frame(c1 = case[1], c2 = case[2], c3 = NA, delta1 = case[3], delta2 = NA, cv = case[5], m = x$m.opt, n = x$n.opt, q = NA), answer = x$cost)
}
for (case in list(c(500, 100, 120, 0.01, 0.1, 1, 0.05), c(300, 50, 5, 0.02, 0.05, 19.6, 0.2), c(300, 50, 5, 0.05, 0.02, 0.32, 0.03),
                  c(1000, 200, 10, 0.005, 0.03, 89, 0.25), c(100, 100, 100, 0.2, 0.3, 1, 0.1), c(800, 60, 4, 0.015, 0.04, 4, 0.08))) {
  # components that add up to the whole: k1 = 1, k2 = 1 - delta1
  x <- clusOpt3(unit.cost = case[1:3], delta1 = case[4], delta2 = case[5], unit.rv = case[6], k1 = 1, k2 = 1 - case[4], CV0 = case[7], cal.sw = 2)
  keep("three stages", margin = NA, share = 1 / (1 + case[6]), of = NA, level = NA,
       data.frame(c1 = case[1], c2 = case[2], c3 = case[3], delta1 = case[4], delta2 = case[5], cv = case[7], m = x$m.opt, n = x$n.opt, q = x$q.opt), answer = x$cost)
}
out <- do.call(rbind, rows)
numbers <- sapply(out, is.numeric)
out[numbers] <- lapply(out[numbers], function(x) format(x, digits = 17, trim = TRUE))
write.csv(out, "plan.csv", row.names = FALSE, quote = FALSE)

suppressMessages(library(VCA))
people <- read.csv("../../data/papi-simulated/respondents.csv", colClasses = c(province = "character", district = "character", commune = "character", village = "character"))
people <- people[people$wave == 2022 & people$province %in% c("02", "04", "06", "08"), ] # VCA keeps whole matrices
found <- list()
for (name in c("npsp_use", "internet_home", "pesp_use")) {
  own <- people[!is.na(people[[name]]) & people[[name]] %in% c(0, 1), ]
  own$y <- own[[name]]
  for (column in c("province", "district", "commune", "village")) own[[column]] <- factor(own[[column]])
  fit <- anovaVCA(y ~ province / district / commune / village, own, NegVC = TRUE)
  table <- fit$aov.tab
  found[[name]] <- data.frame(indicator = name, stage = c("district", "commune", "village", "person"),
    variance = format(table[c("province:district", "province:district:commune", "province:district:commune:village", "error"), "VC"], digits = 17))
}
write.csv(do.call(rbind, found), "stages.csv", row.names = FALSE, quote = FALSE)
