# Agreement of assessors by R's irrCAC and irr, for tests/audit/test_coefficients.py and test_agreement.py.
#   Rscript agreement.R     reads ratings.csv and the simulated audit, writes agreement.csv
# irrCAC rounds what it returns; here its own functions run with a `round` that does nothing.
library(irrCAC)
library(irr)
options(digits = 17)
set.seed(1)

exact <- function(f) {
  environment(f) <- list2env(list(round = function(x, ...) x), parent = environment(f))
  f
}
functions <- list(
  "percent agreement" = exact(pa.coeff.raw), "AC1" = exact(gwet.ac1.raw), "Fleiss kappa" = exact(fleiss.kappa.raw),
  "Krippendorff alpha" = exact(krippen.alpha.raw), "Conger kappa" = exact(conger.kappa.raw),
  "Brennan-Prediger" = exact(bp.coeff.raw)
)
names_of <- c(identity = "unweighted", linear = "linear", quadratic = "quadratic", ordinal = "ordinal")

# Wide tables of characters, "" where there is no rating: irrCAC's Conger needs them so.
rows_of <- function(table, wide, q) {
  wide <- wide[rowSums(wide != "") > 0, , drop = FALSE]
  out <- list()
  for (w in names(names_of)) for (name in names(functions)) {
    found <- functions[[name]](as.data.frame(wide), weights = names_of[[w]], categ.labels = as.character(seq_len(q)))$est
    limits <- as.numeric(strsplit(gsub("[()]", "", found$conf.int), ",")[[1]])
    out[[length(out) + 1]] <- data.frame(table, metric = w, indicator = name, estimate = found$coeff.val,
      by_chance = found$pe, se = found$coeff.se, ci_low = limits[1], ci_high = limits[2])
  }
  blank <- data.frame(table, metric = "identity", by_chance = NA, se = NA, ci_low = NA, ci_high = NA)
  number <- matrix(suppressWarnings(as.numeric(wide)), nrow = nrow(wide))
  # irr 0.84.1 divides by 1 instead of raters - 1 unless something is missing: a unit without ratings mends it
  for (m in c(identity = "nominal", rank = "ordinal")) {
    out[[length(out) + 1]] <- transform(blank, metric = names(which(c(identity = "nominal", rank = "ordinal") == m)),
      indicator = "irr Krippendorff alpha", estimate = kripp.alpha(cbind(t(number), NA), m)$value)
  }
  if (ncol(wide) == 2) {
    both <- number[rowSums(is.na(number)) == 0, ]
    for (w in c("identity", "linear", "quadratic")) {
      kind <- c(identity = "unweighted", linear = "equal", quadratic = "squared")[[w]]
      # the levels themselves, so that one that nobody used keeps its place
      two <- data.frame(factor(both[, 1], seq_len(q)), factor(both[, 2], seq_len(q)))
      value <- if (length(unique(as.vector(both))) == q) kappa2(two, kind)$value else NA
      out[[length(out) + 1]] <- transform(blank, metric = w, indicator = "Cohen kappa", estimate = value)
    }
  }
  do.call(rbind, lapply(out, function(x) x[c("table", "metric", "indicator", "estimate", "by_chance", "se", "ci_low", "ci_high")]))
}

wide_of <- function(unit, rater, rating) {
  wide <- matrix("", length(unique(unit)), length(unique(rater)))
  wide[cbind(match(unit, unique(unit)), match(rater, unique(rater)))] <- ifelse(is.na(rating), "", as.character(rating))
  wide
}

hand <- read.csv("ratings.csv")
answers <- lapply(unique(hand$table), function(one) {
  own <- hand[hand$table == one, ]
  rows_of(one, wide_of(own$unit, own$rater, own$rating), own$levels[1])
})

folder <- "../../data/portal-review-simulated/"
judged <- read.csv(paste0(folder, "judgements.csv"), colClasses = "character")
criteria <- read.csv(paste0(folder, "criteria.csv"), colClasses = "character")
for (i in seq_len(nrow(criteria))) {
  own <- judged[judged$criterion_id == criteria$criterion_id[i] & judged$round == criteria$round[i], ]
  if (length(unique(own$assessor_id)) < 2 || any(own$page_id != "")) next
  levels <- strsplit(criteria$levels[i], "|", fixed = TRUE)[[1]]
  own$rating[!own$outcome %in% c("met", "partly", "not_met")] <- NA
  wide <- wide_of(own$portal_id, own$assessor_id, match(own$rating, levels))
  answers[[length(answers) + 1]] <- rows_of(paste(criteria$round[i], criteria$criterion_id[i]), wide, length(levels))
}
answers <- do.call(rbind, answers)
for (x in c("estimate", "by_chance", "se", "ci_low", "ci_high")) answers[[x]] <- format(answers[[x]], digits = 15)
answers[] <- lapply(answers, function(x) sub("NaN", "NA", trimws(x)))
write.csv(answers, "agreement.csv", row.names = FALSE, quote = FALSE, na = "NA")
bands <- do.call(rbind, lapply(list(c(0.5, 0.1), c(0.82, 0.05), c(-0.1, 0.2)), function(x) rbind(
  data.frame(scale = "landis-koch", coefficient = x[1], se = x[2], band = seq_along(landis.koch$interp.LK), at_least = exact(landis.koch.bf)(x[1], x[2])[[2]]),
  data.frame(scale = "altman", coefficient = x[1], se = x[2], band = seq_along(altman$interp.AL), at_least = exact(altman.bf)(x[1], x[2])[[2]]),
  data.frame(scale = "fleiss", coefficient = x[1], se = x[2], band = 1:3, at_least = exact(fleiss.bf)(x[1], x[2])[[2]]))))
write.csv(bands, "benchmark.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, paste("irrCAC", packageVersion("irrCAC")), paste("irr", packageVersion("irr"))),
  "agreement_versions.txt")
