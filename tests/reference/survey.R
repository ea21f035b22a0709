# Reference values for tests/survey, by R's survey package. Run:  Rscript survey.R  in this folder.
# Writes survey_answers.csv (case, what, domain, stat, value; 17 significant digits), the replicate weights that R
# made (paired_replicates.csv) and survey_versions.txt. Needs survey >= 4.5 and, for Korn-Graubard as NCHS has it, the
# CDC's surveytable: SURVEYTABLE names a checkout of github CDCgov/surveytable, whose published function is sourced.
suppressPackageStartupMessages({library(survey); library(magrittr); library(assertthat); library(glue)})
stopifnot(packageVersion("survey") >= "4.5")
for (file in c("z_utils.R", "svyciprop_adjusted.R")) source(file.path(Sys.getenv("SURVEYTABLE"), "R", file))
writeLines(c(R.version.string, paste("survey", packageVersion("survey"))), "survey_versions.txt")
answers <- list()
say <- function(case, what, domain, stat, value)
  answers[[length(answers) + 1]] <<- data.frame(case, what, domain, stat, value = sprintf("%.17g", as.numeric(value)))
tight <- function(design) { # the logit interval of svyciprop, refitted to a tight tolerance
  fit <- svyglm(y ~ 1, design, family = quasibinomial, control = glm.control(epsilon = 1e-15, maxit = 200))
  plogis(as.numeric(confint(fit, ddf = degf(design))))
}
published <- function(known) # CDC's function; needs an answer from everybody, so the rows without one are left out
  attr(svyciprop_adjusted(~y, known, adj = "nchs"), "ci")
numbers <- function(case, design, domain, ci = TRUE, deff = TRUE) {
  d <- degf(design)
  say(case, "proportion:y", domain, "df", d)
  m <- svymean(~y, design, na.rm = TRUE, deff = deff); ci0 <- confint(m, df = d)
  say(case, "proportion:y", domain, "estimate", coef(m)); say(case, "proportion:y", domain, "se", SE(m))
  if (deff) {
    say(case, "proportion:y", domain, "deff", deff(m))
    say(case, "proportion:y", domain, "deff_replace", deff(svymean(~y, design, na.rm = TRUE, deff = "replace")))
  }
  if (ci) {
    p <- as.numeric(coef(m)); known <- subset(design, !is.na(y))
    for (method in c("asin", "beta", "mean", "xlogit", "wilson")) {
      limits <- attr(svyciprop(~y, design, method = method, df = d, na.rm = TRUE), "ci")
      say(case, paste0("interval:", method), domain, "ci_low", limits[1])
      say(case, paste0("interval:", method), domain, "ci_high", limits[2])
    }
    own <- list(logit = tight(design))
    # convention: df counts PSUs with a member (as degf of the subset), answering or not; the CDC drops who did not
    if (is.null(design$fpc$popsize) && p > 0 && p < 1 && degf(known) == d) own[["korn-graubard"]] <- published(known)
    for (method in names(own)) {
      say(case, paste0("interval:", method), domain, "ci_low", own[[method]][1])
      say(case, paste0("interval:", method), domain, "ci_high", own[[method]][2])
    }
  }
  m <- svymean(~x, design, na.rm = TRUE, deff = deff); ci0 <- confint(m, df = d)
  say(case, "mean:x", domain, "estimate", coef(m)); say(case, "mean:x", domain, "se", SE(m))
  say(case, "mean:x", domain, "ci_low", ci0[1]); say(case, "mean:x", domain, "ci_high", ci0[2])
  if (deff) say(case, "mean:x", domain, "deff", deff(m))
  m <- svytotal(~x, design, na.rm = TRUE, deff = deff); ci0 <- confint(m, df = d)
  say(case, "total:x", domain, "estimate", coef(m)); say(case, "total:x", domain, "se", SE(m))
  say(case, "total:x", domain, "ci_low", ci0[1]); say(case, "total:x", domain, "ci_high", ci0[2])
  if (deff) say(case, "total:x", domain, "deff", deff(m))
  if ("z" %in% names(design$variables)) {
    m <- svyratio(~x, ~z, design, deff = deff)
    say(case, "ratio:x/z", domain, "estimate", coef(m)); say(case, "ratio:x/z", domain, "se", SE(m))
    if (deff) say(case, "ratio:x/z", domain, "deff", deff(m))
  }
}
domains <- function(case, design, ...) {
  numbers(case, design, "all", ...)
  for (s in c("f", "m")) numbers(case, eval(bquote(subset(design, sex == .(s)))), paste0("sex=", s), ...)
  numbers(case, subset(design, member == 1), "member=1", ...)
}

d <- read.csv("complex.csv")
one <- svydesign(~psu, strata = ~stratum, weights = ~w, data = d, nest = TRUE)
domains("one stage", one)
for (w in c(2022, 2023)) for (g in c("kinh", "other"))
  numbers("one stage", eval(bquote(subset(one, wave == .(w) & group == .(g)))), paste0("wave=", w, " group=", g))
domains("one stage fpc", svydesign(~psu, strata = ~stratum, weights = ~w, fpc = ~fpc1, data = d, nest = TRUE))
domains("two stages fpc", svydesign(~psu + ssu, strata = ~stratum, weights = ~w, fpc = ~fpc1 + fpc2, data = d, nest = TRUE))
domains("three stages fpc",
  svydesign(~psu + ssu + person, strata = ~stratum, weights = ~w, fpc = ~fpc1 + fpc2 + fpc3, data = d, nest = TRUE))
domains("no strata", svydesign(~interaction(stratum, psu), weights = ~w, data = d))
domains("no design", svydesign(~1, weights = ~w, data = d))
for (s in c("primary", "secondary", "university")) {
  m <- svymean(~school, one)
  say("categories", s, "all", "estimate", coef(m)[paste0("school", s)]); say("categories", s, "all", "se", SE(m)[paste0("school", s)])
}
cv <- vcov(svyby(~x, ~sex, as.svrepdesign(one, type = "JKn"), svymean, covmat = TRUE))
for (i in 1:2) for (j in 1:2) say("JKn covariance", "mean:x", paste(i, j), "covariance", cv[i, j])
# the wrong value: rows filtered before the design is told of
wrong <- svydesign(~psu, strata = ~stratum, weights = ~w, data = subset(d, group == "other" & wave == 2023), nest = TRUE)
options(survey.lonely.psu = "adjust")
say("filtered rows", "proportion:y", "group=other wave=2023", "se", SE(svymean(~y, wrong, na.rm = TRUE)))
options(survey.lonely.psu = "fail")

t <- read.csv("twelve.csv")
numbers("twelve", svydesign(~psu, strata = ~stratum, weights = ~w, data = t, nest = TRUE), "all")

e <- read.csv("even.csv") # strata that differ and PSUs that do not: a design effect far below 1
even <- svydesign(~psu, strata = ~stratum, weights = ~w, data = e, nest = TRUE)
for (s in unique(e$size)) numbers("even", subset(even, size == s), paste0("size=", s), deff = FALSE)

l <- read.csv("lonely.csv")
for (lonely in c("adjust", "average", "remove", "certainty")) for (adjust in c(FALSE, TRUE)) {
  options(survey.lonely.psu = lonely, survey.adjust.domain.lonely = adjust)
  case <- paste("lonely", lonely, if (adjust) "domains" else "")
  design <- svydesign(~psu, strata = ~stratum, weights = ~w, data = l, nest = TRUE)
  suppressWarnings({
    numbers(case, design, "all", ci = FALSE)
    numbers(case, subset(design, g == "u"), "g=u", ci = FALSE)
    numbers(case, subset(design, thin == 1), "thin=1", ci = FALSE)
  })
}
options(survey.adjust.domain.lonely = FALSE)

p <- read.csv("paired.csv")
options(survey.lonely.psu = "fail")
strat <- svydesign(~psu, strata = ~h, weights = ~w, data = p)
flat <- svydesign(~psu, weights = ~w, data = p)
set.seed(1)
made <- list(BRR = as.svrepdesign(strat, type = "BRR"), Fay = as.svrepdesign(strat, type = "Fay", fay.rho = 0.3),
             JKn = as.svrepdesign(strat, type = "JKn"), JK1 = as.svrepdesign(flat, type = "JK1"),
             bootstrap = as.svrepdesign(strat, type = "subbootstrap", replicates = 20))
columns <- p
for (kind in names(made)) {
  weights <- weights(made[[kind]], "analysis"); colnames(weights) <- paste0(kind, "_", seq_len(ncol(weights)))
  columns <- cbind(columns, weights)
}
write.csv(format(columns, digits = 17, trim = TRUE), "paired_replicates.csv", row.names = FALSE, quote = FALSE)
for (kind in names(made)) for (mse in c(FALSE, TRUE)) {
  weights <- as.matrix(columns[grep(paste0("^", kind, "_"), names(columns))])
  k <- ncol(weights)
  design <- suppressWarnings(switch(kind,
    BRR = svrepdesign(data = p, weights = ~w, repweights = weights, type = "BRR", mse = mse),
    Fay = svrepdesign(data = p, weights = ~w, repweights = weights, type = "Fay", rho = 0.3, mse = mse),
    JKn = svrepdesign(data = p, weights = ~w, repweights = weights, type = "JKn", scale = 1, rscales = rep(0.5, k), mse = mse),
    JK1 = svrepdesign(data = p, weights = ~w, repweights = weights, type = "JK1", mse = mse),
    bootstrap = svrepdesign(data = p, weights = ~w, repweights = weights, type = "bootstrap", mse = mse)))
  case <- paste("replicates", kind, if (mse) "mse" else "")
  numbers(case, design, "all", ci = FALSE, deff = FALSE)
  for (s in c("f", "m")) numbers(case, eval(bquote(subset(design, sex == .(s)))), paste0("sex=", s), ci = FALSE, deff = FALSE)
  limits <- tight(design) # the variance of logit(p) over the replicates, not the delta method's
  say(case, "interval:logit", "all", "ci_low", limits[1]); say(case, "interval:logit", "all", "ci_high", limits[2])
  m <- svyratio(~y, ~x, design); say(case, "ratio:y/x", "all", "estimate", coef(m)); say(case, "ratio:y/x", "all", "se", SE(m))
}
other <- suppressWarnings(svrepdesign(data = p, weights = ~w, repweights = as.matrix(columns[grep("^JK1_", names(columns))]),
  type = "other", scale = 0.7, rscales = seq(0.5, 1.25, length.out = 16)))
numbers("replicates other", other, "all", ci = FALSE, deff = FALSE)
domains2 <- function(case, design) {
  numbers(case, design, "all", ci = FALSE, deff = FALSE)
  for (s in c("f", "m")) numbers(case, eval(bquote(subset(design, sex == .(s)))), paste0("sex=", s), ci = FALSE, deff = FALSE)
}
domains2("made JKn", as.svrepdesign(one, type = "JKn"))
domains2("made JKn fpc", as.svrepdesign(svydesign(~psu, strata = ~stratum, weights = ~w, fpc = ~fpc1, data = d, nest = TRUE), type = "JKn"))
domains2("made JK1", as.svrepdesign(flat, type = "JK1"))
for (lonely in c("adjust", "average", "remove", "certainty")) {
  options(survey.lonely.psu = lonely)
  numbers(paste("made JKn", lonely), as.svrepdesign(svydesign(~psu, strata = ~stratum, weights = ~w, data = l, nest = TRUE), type = "JKn"),
          "all", ci = FALSE, deff = FALSE)
}
write.csv(do.call(rbind, answers), "survey_answers.csv", row.names = FALSE, quote = FALSE)
