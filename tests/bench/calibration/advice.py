"""What the tables say to someone with three to six samples per arm."""

from __future__ import annotations

ADVICE = """## What follows for an analysis

- The t test of `ms.tl.compare` holds 0.05 at three samples per arm, in pairs, and for the interaction.
  Unlike variances raise it to 0.06 to 0.08 between two groups and for interactions, to 0.14 to 0.15 between
  two of four unpaired arms, and in pairs of several arms to 0.09 to 0.18 (an arm of the contrast with three
  times the SD of the others, three to six per arm; for the four arms 40,000 studies that are no row below);
  `p_welch` lies at 0.044 to 0.054 there. Where an arm outside the contrast scatters so, t is strict (0.004
  to 0.012). With equal variances `p_welch` is strict between groups and lines (0.034 at n = 3, 0.041 at 4).
  Where the two disagree, look at the spread of the arms, and go by `p_welch` if one stands out. Skewed
  differences within pairs raise the t to 0.11; permutation, given from six pairs on, errs less (0.064).
- Variances moderated from a panel of 60 signatures (`moderate=True`) give much power where there are few
  samples (0.59 in place of 0.28 in three pairs, 0.61 in place of 0.47 in two arms of three) at a level of
  0.05 to 0.06 (400 runs of the study `moderation`).
- Sums of cells of unlike depth (80,000 counts a sum, 200 runs a row, error 0.015). Of the sums as they are,
  singscore of emt.hallmark, whose genes are weak, has a level of 0.10 to 0.24 where one arm is 1.5 times as
  deep and of 0.22 to 0.58 where it is twice as deep, more with six pairs than with three; emt.blast has
  0.08 to 0.15 and 0.13 to 0.26. Thinned to one depth (mean of ten draws, each by itself) the two lists have
  0.04 to 0.08 and 0.03 to 0.07, and UCell of the sums as they are 0.03 to 0.07 and 0.02 to 0.08. Thinning
  costs no power, since unlike depths are noise too: in four pairs of like arms whose sums scatter (SD 0.3,
  ln) it raises power from 0.72 to 0.95 (emt.hallmark) and from 0.80 to 0.93 (emt.blast); where sums scatter
  widely (SD 1), from 0.17 to 0.95 and from 0.22 to 0.83, one draw to 0.68 and 0.52 only. UCell has 0.97 to
  1.00 in four pairs (power is of 60 runs a row). So `ms.tl.compare_cells` and `marrowsig run` thin shallow
  sums by default, and in sums this shallow `method="ucell"` finds most.
- `p_perm` is exact for two arms, for pairs, and for the interaction of pairs, where whole pairs change
  lines. Exchanging the residuals within single pairs, as is often done, is too liberal for that interaction
  (0.06) and is not offered. For interactions without pairs, and with covariates, `p_perm` holds 0.05 nearly
  and is given from four samples per arm on; within pairs with covariates it is too strict (0.02 to 0.04),
  and not given.
- A covariate that was measured well costs no level, however far the arms differ in it. It costs power: at
  three samples per arm, one that explains nothing takes 0.79 to 0.60, and it pays only when it explains
  about half of the variance within arms or more (0.54 to 0.61 at a half, 0.23 to 0.61 at four fifths). From
  four on it pays at a half (0.70 to 0.88). Arms that are two SD apart in it widen the standard error 1.5 to
  1.6 times and take half of the power at n = 3. Where they are that far apart in one that was measured
  badly, adjusting removes only a part: the level is 0.08 to 0.16, higher with more samples, and 0.07 to
  0.11 at one SD. Leaving such a covariate out is worse (0.20 to 0.62, 0.12 to 0.25 at one SD). State
  results with and without it.
- Counts: with libraries alike, trend and voom are one (level 0.05, false discoveries 0.04). Where libraries
  differ tenfold within arms, voom is slightly too liberal at three samples per arm (0.06, false discoveries
  0.06; 0.057 at four), for 0.93 in place of 0.91 power; with all deep libraries in one arm it is too strict
  (0.04) and finds less than trend. Trend holds 0.05 throughout. `test="auto"` goes to voom at threefold,
  the limit that the guide of limma gives: there the two are as one (0.049 and 0.052, power 0.919 and
  0.924). Beyond, or with all deep libraries in one arm, `test="trend"` is the safer one. The signature
  test, always on log2 CPM, holds its level at any of these folds (0.038 to 0.056, error 0.007). Roast does
  so on either matrix (trend 0.038 to 0.059, voom 0.041 to 0.064), and with all deep libraries in one arm
  finds 0.52 with voom weights in place of 0.63: so `ms.tl.gene_sets` takes log2 CPM for all its tests
  unless asked.
- Effects in SD are unbiased, and their intervals cover 0.95 as they are. Multiplied by Hedges' factor, as
  some packages do, they would cover 0.70 in three pairs and 0.90 in two arms of three at 2 SD."""
