# What R gives for the untreated samples of the demo study: see README.md.
# Rscript check.R FOLDER OUT, after export.py FOLDER
suppressMessages({library(limma); library(edgeR); library(GSVA); library(lmerTest); library(emmeans)})
given <- commandArgs(TRUE)
wide <- function(name) as.matrix(read.csv(file.path(given[1], name), row.names = 1, check.names = FALSE))
found <- list()
keep <- function(call, name, column, value)
  found[[length(found) + 1]] <<- data.frame(call, name, column, value = sprintf("%.15g", as.numeric(value)))

samples <- read.csv(file.path(given[1], "samples.csv"), row.names = 1)
counts <- wide("counts.csv"); samples <- samples[colnames(counts), ]
E <- wide("scores.csv"); E <- E[complete.cases(E), ]
shown <- c("emt.hallmark", "il6.hallmark", "stat3.specific")
two <- function(t, df) 2 * pt(-abs(t), df)

# One model: a mean for each arm, an effect for each pair. One column of pairs says nothing new.
arm <- factor(paste(samples$line, samples$culture, sep = "."))
X <- model.matrix(~ 0 + arm + pair, samples)
colnames(X) <- sub("^arm", "", colnames(X))
X <- X[, with(qr(X), pivot[seq_len(rank)])]
C <- makeContrasts(co_in_parental = parental.co - parental.mono, co_in_resistant = resistant.co - resistant.mono,
  interaction = (resistant.co - resistant.mono) - (parental.co - parental.mono), levels = colnames(X))

# lmFit, eBayes; the interval of the standardised effect by the noncentral t
fit <- contrasts.fit(lmFit(E, X), C)
t <- fit$coefficients / (fit$stdev.unscaled * fit$sigma)
moderated <- eBayes(fit)
J <- function(df) exp(lgamma(df / 2) - lgamma((df - 1) / 2)) / sqrt(df / 2)
noncentral <- function(t, df, p) uniroot(function(nc) suppressWarnings(pt(t, df, nc)) - p, c(-36, 36), tol = 1e-12)$root
for (k in colnames(C)) {
  keep("lmFit", shown, paste(k, "stat"), t[shown, k])
  keep("lmFit", shown, paste(k, "p"), two(t[shown, k], fit$df.residual[1]))
  keep("eBayes", shown, paste(k, "stat"), moderated$t[shown, k])
  keep("eBayes", shown, paste(k, "p"), moderated$p.value[shown, k])
}
p <- sapply(colnames(C), function(k) two(t[shown, k], fit$df.residual[1]))
keep("p.adjust holm", rep(shown, ncol(C)), rep(colnames(C), each = 3), p.adjust(p, "holm"))
df <- fit$df.residual[1]
for (s in shown) {
  keep("effect", s, "co_in_parental effect", J(df) * t[s, 1] / sqrt(4))
  keep("effect", s, "co_in_parental effect_low", noncentral(t[s, 1], df, 0.975) / sqrt(4))
  keep("effect", s, "co_in_parental effect_high", noncentral(t[s, 1], df, 0.025) / sqrt(4))
}

# Two one-sided t tests within a margin of 0.02
m <- 0.02; se <- (fit$stdev.unscaled * fit$sigma)[shown, "co_in_parental"]; d <- fit$coefficients[shown, 1]
keep("two one-sided t", shown, "co_in_parental p_equivalence",
  pmax(pt((d - m) / se, df), pt((d + m) / se, df, lower.tail = FALSE)))

# t.test: lines (Welch), and differences of pairs
cell <- function(l, c) { x <- E[, samples$line == l & samples$culture == c]; colnames(x) <- samples[colnames(x), "pair"]; x }
gain <- function(l) cell(l, "co") - cell(l, "mono")[, colnames(cell(l, "co"))]
for (s in shown) {
  w <- t.test(cell("resistant", "mono")[s, ], cell("parental", "mono")[s, ])
  keep("t.test", s, c("resistance_in_mono p_welch", "resistance_in_mono df_welch"), c(w$p.value, w$parameter))
  w <- t.test(gain("resistant")[s, ], gain("parental")[s, ])
  keep("t.test", s, c("interaction p_welch", "interaction df_welch"), c(w$p.value, w$parameter))
  keep("t.test", s, "co_in_resistant p_welch", t.test(gain("resistant")[s, ])$p.value)
}

# A mixed model of the scores (pairs at random, Satterthwaite), and emmeans of the model with fixed pairs
for (s in shown) {
  one <- transform(samples, y = E[s, rownames(samples)], arm = arm)
  L <- as.numeric(levels(arm) == "resistant.co") - as.numeric(levels(arm) == "resistant.mono")
  w <- contest1D(lmer(y ~ 0 + arm + (1 | pair), one), L)
  keep("lmerTest", s, paste("co_in_resistant", c("estimate", "se", "df", "stat", "p")), unlist(w))
  half <- subset(one, line == "resistant")
  w <- as.data.frame(pairs(emmeans(lm(y ~ culture + pair, half), "culture"), reverse = FALSE))
  keep("emmeans", s, paste("co_in_resistant alone", c("estimate", "se", "df", "stat", "p")), unlist(w[-1]))
}

# Genes: filterByExpr, TMM, log2 CPM with a variance trend; voom with the contrast as a coefficient
y <- DGEList(counts); y <- y[filterByExpr(y, X), , keep.lib.sizes = FALSE]; y <- calcNormFactors(y)
logcpm <- cpm(y, log = TRUE); v <- voom(y, X)
genes <- rownames(y)[round(seq(1, nrow(y), length.out = 12))]
trend <- eBayes(contrasts.fit(lmFit(logcpm, X), C), trend = TRUE)
approximate <- eBayes(contrasts.fit(lmFit(v, X), C))
for (k in colnames(C)[2:3]) {
  keep("limma trend", genes, paste(k, "stat"), trend$t[genes, k])
  keep("limma trend", genes, paste(k, "p"), trend$p.value[genes, k])
  as <- contrastAsCoef(X, C[, k]); exact <- eBayes(lmFit(v, as$design))
  turn <- sign(sum(exact$coefficients[, as$coef] * approximate$coefficients[, k]))
  keep("limma voom", genes, paste(k, "stat"), turn * exact$t[genes, as$coef])
  keep("limma voom", genes, paste(k, "p"), exact$p.value[genes, as$coef])
  keep("limma voom by contrasts.fit", genes, paste(k, "stat"), approximate$t[genes, k])
}

# Sets: camera with estimated correlation, mroast with the signs and weights of the signature
net <- read.csv(file.path(given[1], "net.csv"))
weighted <- function(id) {
  w <- net[net$source == id & net$target %in% rownames(y), ]
  data.frame(gene = match(w$target, rownames(y)), weight = w$weight)
}
ids <- c(shown, "control.progeny_jak_stat", "stat3.dauer2005")
index <- lapply(setNames(ids, ids), weighted)
set.seed(1)
k <- "co_in_resistant"
told <- camera(logcpm, lapply(index[shown], `[[`, "gene"), X, C[, k], inter.gene.cor = NA, trend.var = TRUE, sort = FALSE)
keep("camera", shown, paste(k, "camera_p"), told$PValue)
keep("camera", shown, paste(k, "camera_correlation"), told$Correlation)
rotated <- mroast(logcpm, index, X, C[, "interaction"], nrot = 99999, trend = TRUE, midp = FALSE, sort = "none")
keep("mroast", ids, "interaction roast_p", rotated$PValue)

# GSVA 1.46 takes method=; later versions take gsvaParam() and the like
sets <- lapply(split(net, net$source), `[[`, "target")[shown]
values <- wide("log.csv")
# The first and last sample
ends <- c(1, ncol(values))
for (m in c("gsva", "ssgsea", "zscore")) {
  if (packageVersion("GSVA") < "1.50") {
    g <- gsva(values, sets, method = m, kcdf = "Gaussian", ssgsea.norm = FALSE, verbose = FALSE)
  } else {
    g <- gsva(switch(m, gsva = gsvaParam(values, sets, kcdf = "Gaussian"),
      ssgsea = ssgseaParam(values, sets, normalize = FALSE), zscore = zscoreParam(values, sets)), verbose = FALSE)
  }
  for (j in ends) keep(paste("GSVA", m), shown, colnames(values)[j], g[shown, j])
}
write.csv(do.call(rbind, found), given[2], row.names = FALSE, quote = FALSE)
for (p in c("limma", "edgeR", "GSVA", "lme4", "lmerTest", "emmeans")) cat(p, as.character(packageVersion(p)), "\n")
cat(R.version.string, "\n")
