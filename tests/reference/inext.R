# Failing criteria not seen, by iNEXT of Chao's own group, for tests/audit/test_unseen.py.
#   Rscript inext.R FOLDER     reads failures.csv; FOLDER holds iNEXT.r and EstIndex.R of iNEXT; writes inext.csv
# With replacement (pages without end): the second estimator, its log-normal limits at 90 %, and sample coverage. iNEXT
# rounds what it returns; its functions run here with a `round` that does nothing.
options(digits = 17)
folder <- commandArgs(TRUE)[1]
own <- new.env()
own$round <- function(x, ...) x
for (file in c("iNEXT.r", "EstIndex.R")) sys.source(file.path(folder, file), own)
input <- read.csv("failures.csv")
fails <- aggregate(fails ~ table + criterion, input, sum)
pages <- tapply(input$page, input$table, function(x) length(unique(x)))
answers <- do.call(rbind, lapply(unique(input$table), function(one) {
  x <- c(pages[[one]], fails$fails[fails$table == one])
  found <- own$ChaoRichness(x, "incidence_freq", 0.9)
  data.frame(table = one, estimate = found[[2]], se = found[[3]], low = found[[4]], high = found[[5]],
    coverage = own$Chat.Sam(x, x[1]))
}))
for (x in names(answers)[-1]) answers[[x]] <- format(answers[[x]], digits = 15)
answers[] <- lapply(answers, trimws)
write.csv(answers, "inext.csv", row.names = FALSE, quote = FALSE)
writeLines(c(R.version.string, "iNEXT 3.0.2"), "inext_versions.txt")
