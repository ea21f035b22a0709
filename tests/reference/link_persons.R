# A logistic model of persons with a score of their province, provinces as sampling units, by R's survey.
# Run in this folder: Rscript link_persons.R. Writes link_scores.csv (scores made up) and link_persons.csv.
suppressMessages(library(survey))
people <- read.csv("../../data/papi-simulated/respondents.csv", colClasses = c(province = "character"))
people <- people[people$wave == 2022, ]
set.seed(63)
codes <- sort(unique(people$province))
scores <- data.frame(province = codes, score = round(rnorm(length(codes), 0.5, 0.15), 6))
write.csv(scores, "link_scores.csv", row.names = FALSE, quote = FALSE)
people$portal_score <- (scores$score[match(people$province, scores$province)] - mean(scores$score)) / sd(scores$score)
rows <- list()
for (outcome in c("pesp_use", "npsp_use")) {
  people$y <- ifelse(people[[outcome]] %in% c(0, 1), people[[outcome]], NA)
  people$sex <- factor(people$sex, levels = c("female", "male"))
  design <- svydesign(ids = ~province, weights = ~weight, data = people)
  fit <- svyglm(y ~ portal_score + sex, design, family = quasibinomial(), control = glm.control(epsilon = 1e-14, maxit = 100))
  own <- svyglm(y ~ portal_score + sex, svydesign(ids = ~psu, strata = ~stratum, weights = ~weight, data = people, nest = TRUE), family = quasibinomial())
  rows[[outcome]] <- data.frame(outcome, term = names(coef(fit)), estimate = coef(fit), se = sqrt(diag(vcov(fit))), df = fit$df.residual, own_se = sqrt(diag(vcov(own))))
}
out <- do.call(rbind, rows)
out[c("estimate", "se", "own_se")] <- lapply(out[c("estimate", "se", "own_se")], format, digits = 17)
write.csv(out, "link_persons.csv", row.names = FALSE, quote = FALSE)
