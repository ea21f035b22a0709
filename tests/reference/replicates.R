# Replicate weights as files bring them: some negative, the full-sample weight beside them, factors instead of weights.
# Reads replicates.csv, writes replicates_answers.csv. Run in this folder: Rscript replicates.R
suppressPackageStartupMessages(library(survey))
data <- read.csv("replicates.csv")
answer <- function(name, design) {
  made <- svymean(~y, design)
  group <- svyby(~y, ~sex, design, svymean)
  data.frame(name = name, estimate = coef(made), se = as.numeric(SE(made)), df = degf(design),
             first = group$y[1], first_se = SE(group)[1])
}
columns <- paste0("W", 1:8)
kinds <- list(
  answer("BRR", svrepdesign(weights = ~W0, repweights = data[columns], type = "BRR", data = data, mse = TRUE)),
  answer("ACS", svrepdesign(weights = ~W0, repweights = data[columns], type = "ACS", data = data, mse = TRUE)),
  answer("factors", svrepdesign(weights = ~W0, repweights = data[paste0("f", 1:8)], type = "BRR", data = data,
                                combined.weights = FALSE, mse = TRUE))
)
write.csv(format(do.call(rbind, kinds), digits = 15), "replicates_answers.csv", row.names = FALSE, quote = FALSE)
