# Answers for registers/usage.py: rates of Japan's census by ratios of totals, ministries as clusters.
# Run as: Rscript register.R  (survey >= 4.1); each procedure is a row of its own, as in the census.
source("answers.R")
options(survey.lonely.psu = "fail")
census <- read.csv("../../data/procedures-japan/procedures.csv", colClasses = c(kind = "character", actor = "character",
                   status = "character"), na.strings = "")
rows <- census[rep(seq_len(nrow(census)), census$procedures), ]
rows <- transform(rows, known = as.integer(!is.na(status)), given = as.integer(!is.na(status) & status == "1"))
impossible <- rows$online > rows$dossiers
rows$dossiers[impossible] <- 0; rows$online[impossible] <- 0
rows <- transform(rows, used = as.integer(dossiers > 0), filed = as.integer(dossiers > 0 & online > 0),
                  share = ifelse(dossiers > 0, online / pmax(dossiers, 1), 0),
                  given_dossiers = dossiers * given, given_online = online * given)
design <- svydesign(ids = ~ministry, weights = ~1, data = rows)
say <- function(case, part) {
  one <- function(key, above, below) {
    r <- svyratio(above, below, part)
    record(case, key, as.vector(coef(r)), as.vector(SE(r)), degf(part))
  }
  one("procedures offered online", ~given, ~known)
  one("dossiers online", ~online, ~dossiers)
  one("dossiers online where offered", ~given_online, ~given_dossiers)
  one("mean procedure rate", ~share, ~used)
  one("procedures used online", ~filed, ~used)
}
say("all", design)
for (who in c("3", "5", "6", "7")) say(paste("actor", who), subset(design, !is.na(actor) & actor == who))
save_answers("register.csv")
