# limma on the files that a run wrote: see README.md.
# Rscript run.R FOLDER OUT, where FOLDER is that of `marrowsig demo --out FOLDER`
library(limma)
given <- commandArgs(TRUE)
read <- function(name, ...) read.csv(file.path(given[1], name), na.strings = "", check.names = FALSE, ...)

E <- t(read("scores_singscore.csv", row.names = 1))     # signatures x samples
design <- read("design.csv")
weights <- read("design_weights.csv")
found <- lapply(unique(weights$model), function(m) {
  X <- as.matrix(design[design$model == m, -(1:2)])     # without model and sample
  rownames(X) <- design$sample[design$model == m]
  X <- X[, !is.na(X[1, ])]                              # without the columns of other models
  own <- weights[weights$model == m, ]
  C <- t(as.matrix(own[, colnames(X)]))
  colnames(C) <- own$contrast
  scored <- E[, rownames(X)]
  fit <- contrasts.fit(lmFit(scored[complete.cases(scored), ], X), C)
  t <- fit$coefficients / (fit$stdev.unscaled * fit$sigma)
  data.frame(signature = c(row(t)), contrast = c(col(t)), estimate = c(fit$coefficients), stat = c(t),
    p = c(2 * pt(-abs(t), fit$df.residual))) |>
    transform(signature = rownames(t)[signature], contrast = colnames(t)[contrast])
})
found <- do.call(rbind, found)

theirs <- read("contrasts.csv")
both <- merge(found, subset(theirs, !is.na(p)), by = c("signature", "contrast"), suffixes = c("", ".ours"))
stopifnot(nrow(both) == nrow(found), nrow(both) == sum(!is.na(theirs$p)))
apart <- function(name) max(abs(both[[name]] / both[[paste0(name, ".ours")]] - 1))
cat(nrow(both), "rows; largest relative difference:", sapply(c("estimate", "stat", "p"), apart), "\n")
if (length(given) > 1) {
  shown <- subset(found, signature %in% c("emt.hallmark", "il6.hallmark", "stat3.specific"))
  for (name in c("estimate", "stat", "p")) shown[[name]] <- sprintf("%.15g", shown[[name]])
  write.csv(shown, given[2], row.names = FALSE, quote = FALSE)
}
