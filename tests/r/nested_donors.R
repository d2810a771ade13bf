# duplicateCorrelation where donors of two groups have two samples in an arm: level, and power at 3 SD.
# Usage: Rscript nested_donors.R (two minutes). 4,000 independent genes, noise of one SD, each donor answers
# to co-culture in its own way (SD 1), alike at both times. By the t of lmFit, and by eBayes.
suppressMessages(library(limma))
set.seed(1)
genes <- 4000
for (n in c(3, 4, 6)) {
  s <- expand.grid(time = c("24", "72"), culture = c("mono", "co"), i = 1:n, response = c("no", "yes"))
  s$donor <- paste0(s$response, s$i)
  co <- s$culture == "co"
  yes <- s$response == "yes"
  term <- cbind(co = co, more = co & yes, late = s$time == "72")
  donors <- model.matrix(~ 0 + donor, s)
  blocks <- list(
    "block = donor and culture, donors fixed" = list(cbind(donors, term), paste(s$donor, s$culture)),
    "block = donor" = list(cbind(yes = yes, no = !yes, term) + 0, s$donor)
  )
  of <- as.integer(factor(s$donor))
  for (lift in c(0, 3)) {
    y <- matrix(rnorm(nrow(s) * genes), genes) + t(co * matrix(rnorm(2 * n * genes), 2 * n)[of, ])
    y[, co & yes] <- y[, co & yes] + lift
    base <- t(matrix(rnorm(2 * n * genes), 2 * n)[of, ])  # drops out where donors are in the model
    for (name in names(blocks)) {
      x <- blocks[[name]][[1]]
      block <- blocks[[name]][[2]]
      e <- if (name == "block = donor") y + base else y
      rho <- suppressWarnings(duplicateCorrelation(e, x, block = block))$consensus
      fit <- lmFit(e, x, block = block, correlation = rho)
      t <- fit$coefficients[, "more"] / (fit$stdev.unscaled[, "more"] * fit$sigma)
      p <- 2 * pt(-abs(t), fit$df.residual)
      moderated <- eBayes(fit)$p.value[, "more"]
      cat(sprintf("n %d, lift %d, %s: rho %.2f, t %.3f, eBayes %.3f\n", n, lift, name, rho, mean(p < 0.05),
                  mean(moderated < 0.05)))
    }
  }
}
