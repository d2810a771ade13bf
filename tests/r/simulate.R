# Level and power of limma's duplicateCorrelation and arrayWeights, by limma itself: see README.md.
# Rscript simulate.R [RUNS]; the scenarios are those of docs/calibration.md, half of the genes shifted
suppressMessages(library(limma))
runs <- as.integer(c(commandArgs(TRUE), "40")[1])
share <- function(f, change) { p <- f$p.value[, 2]; c(mean(p[!change] < 0.05), mean(p[change] < 0.05)) }
report <- function(name, all) {
  error <- apply(all, 1, sd) / sqrt(ncol(all))
  cat(sprintf("%-34s level %.3f power %.3f | here: level %.3f power %.3f | errors %.4f %.4f | paired %.4f\n", name,
    mean(all[1, ]), mean(all[2, ]), mean(all[3, ]), mean(all[4, ]), max(error[c(1, 3)]), max(error[c(2, 4)]),
    sd(all[2, ] - all[4, ]) / sqrt(ncol(all))))
}
set.seed(1)
for (spread in c(FALSE, TRUE)) for (n in c(3, 4, 6)) {
  report(sprintf("duplicateCorrelation, %d pairs%s", n, if (spread) ", spread" else ""), replicate(runs, {
    genes <- 500; change <- seq_len(genes) <= genes / 2
    rho <- if (spread) runif(genes, 0, 0.9) else rep(0.5, genes)
    sd <- sqrt(8 / rchisq(genes, 8))
    pair <- rep(seq_len(n), 2); arm <- rep(0:1, each = n)
    Y <- sd * (sqrt(rho) * matrix(rnorm(genes * n), genes)[, pair] + sqrt(1 - rho) * matrix(rnorm(genes * 2 * n), genes))
    Y <- Y + outer(sd * change, arm)
    X <- model.matrix(~ arm)
    r <- duplicateCorrelation(Y, X, block = pair)$consensus.correlation
    c(share(eBayes(lmFit(Y, X, block = pair, correlation = r)), change),
      share(eBayes(lmFit(Y, model.matrix(~ arm + factor(pair)))), change))
  }))
}
for (n in c(3, 6)) for (poor in c(1, 2, 3)) {
  report(sprintf("arrayWeights, %d per arm, SD %g", n, poor), replicate(runs, {
    genes <- 1000; change <- seq_len(genes) <= genes / 2
    sd <- sqrt(8 / rchisq(genes, 8)); arm <- rep(0:1, each = n)
    Y <- sd * matrix(rnorm(genes * 2 * n), genes) * rep(c(poor, rep(1, 2 * n - 1)), each = genes)
    Y <- Y + outer(2 * sd * change, arm)
    X <- model.matrix(~ arm)
    c(share(eBayes(lmFit(Y, X, weights = arrayWeights(Y, X))), change), share(eBayes(lmFit(Y, X)), change))
  }))
}
