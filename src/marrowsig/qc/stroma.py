"""Whether it is the blasts at all, or RNA that was carried over from the stroma."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._check_words import CANNOT, NOTHING
from marrowsig._errors import InputError, InputWarning, count, first
from marrowsig._plan import require_one
from marrowsig._provenance import as_json, record
from marrowsig._stats.mixing import FOLD, PSEUDO
from marrowsig._stimulus import no_coculture
from marrowsig._titles import CONTRASTS, in_words, titles_of
from marrowsig._titles import KEY as TITLES
from marrowsig._two_cultures import cells
from marrowsig.qc import _stroma_shares as shares_of
from marrowsig.qc._stroma_between import share_contrasts
from marrowsig.qc._stroma_by_stratum import of_strata
from marrowsig.qc._stroma_few import few_told
from marrowsig.qc._stroma_filter import as_frame, filter_of, levels_of, movable
from marrowsig.qc._stroma_genes import gene_rows
from marrowsig.qc._stroma_limit import lone_told
from marrowsig.qc._stroma_much import much_told
from marrowsig.qc._stroma_reference import stroma_rows
from marrowsig.qc._stroma_result import Stroma
from marrowsig.qc._stroma_rows import Task, rows
from marrowsig.qc._stroma_size import cause, cited
from marrowsig.qc._stroma_study import study
from marrowsig.qc._stroma_swapped import swapped
from marrowsig.qc._stroma_unknown import unknown
from marrowsig.qc._stroma_words import NONE_ALONE, SWAPPED, verdict
from marrowsig.tl._depth import warn_of_depth
from marrowsig.tl._own_lists import named
from marrowsig.tl._score_options import check_share, methods_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from anndata import AnnData

    from marrowsig.design import Design
    from marrowsig.qc._stroma_shares import Found
    from marrowsig.qc._stroma_study import Study
    from marrowsig.sig import Signature, SignatureSet

AXES = ("emt", "il6", "stat3")
COLUMNS = (
    "signature", "axis", "method", "contrast", "stratum", "verdict", "reason",
    "estimate", "ci_low", "ci_high", "p", "p_bh", "n_genes",
    "filtered_estimate", "filtered_ci_low", "filtered_ci_high", "filtered_p", "filtered_p_welch",
    "filtered_p_bh", "n_kept",
    "left", "carried", "subtracted_estimate", "blast_estimate", "share", "share_low", "share_up",
    "filter_share", "tipping", "tipping_from", "tipping_ratio", "robust", "cite", "cite_for", "rests_on",
    "covaried",
)  # fmt: skip
OTHER_STROMA = "is stroma= really stroma, and are the cells alone free of it?"
VERSIONS = ("signature", "contrast", "stratum", "method", "version", "estimate", "ci_low", "ci_high", "p")


def stroma(
    adata: AnnData,
    design: Design,
    *,
    stroma: AnnData | pd.Series | str | None = None,
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] = AXES,
    method: str | Iterable[str] = "singscore",
    genes: Iterable[str] = (),
    shares: pd.DataFrame | None = None,
    markers: Iterable[str] | None = None,
    layer: str | None = None,
    scale: str | None = None,
    min_coverage: float = 0.5,
    tipping: bool = True,
    draws: int = 999,
    alpha: float = 0.05,
    rng: int | np.random.Generator = 0,
) -> Stroma:
    """Ask of every contrast whether RNA carried over from stroma could have made it.

    The share of stromal RNA is estimated in every sample. Genes that the upper limit of this share could
    move are dropped, the same for all samples, and the contrast is estimated again: this is the test.

    Parameters
    ----------
    adata
        Samples x genes of the blasts (bulk, or sums of cells per donor), `var_names` current symbols: counts,
        TPM or FPKM in X, or logs of them (see Notes). It need not have been scored.
    design
        With `culture`; the samples of each line grown alone say what blasts express by themselves.
    stroma
        What stroma expresses: the level of the compartment (or culture) column that names stroma grown
        alone, an AnnData of such samples, or a Series of linear expression by gene. Without it no share can
        be given, and no contrast can be shown to stand without carry-over.
    signatures
        A `SignatureSet`, a `Signature`, an id, an axis, or several of these.
    method
        Scoring methods; see `ms.methods.table()`.
    genes
        Single genes to judge as well, such as `["IL6"]`.
    shares
        Shares measured otherwise, one row per sample: `share`, `share_low`, `share_high`; what
        `ms.qc.species_share` and `ms.qc.sex_share` return.
    markers
        Genes to estimate the share from, instead of those that the rule finds: in each stratum by itself or,
        where it has too few counts for ten genes, in all strata together.
    layer, scale
        Layer to read, and what it holds: `"counts"`, `"tpm"`, `"fpkm"`, `"linear"`, `"log2(x+1)"`,
        `"ln(x+1)"`, `"log10(x+1)"` or `"log2(x)"`. Default: what `ms.io.read` and `ms.pp.lognorm` recorded.
    min_coverage
        Share of a signature's genes that must be in `var_names`.
    tipping
        Look for the tipping points, too.
    draws
        Bootstrap samples of the markers.
    alpha
        One minus the level of the intervals, and the bound of adjusted p.
    rng
        Seed or generator of the bootstrap.

    Returns
    -------
    Stroma
        `shares`, one row per sample: sample, arm, stratum, share (0 to 1), share_low, share_high (95 %,
        beside the cells alone of its pair, and from a bootstrap over markers), n_markers, positive (part of
        them above the background), spread (SD of their log2 ratios) and reading: `"mixing"` where the ratios
        agree, `"scattered: ..."` where they do not, `"cannot tell: one sample alone"` where stroma cannot be
        shown (share_low is 0).
        `verdicts`, one row per method, contrast, stratum and signature: the verdict and its reason; the
        contrast as scored and on the genes that are left (`filtered_...`; `filtered_p_welch` as `p_welch` of
        `ms.tl.compare`); `p_bh`, `filtered_p_bh`, by
        Benjamini and Hochberg over the signatures of a contrast, as a screen (claims have `p_adj`, by Holm);
        `left`, how far carry-over could still move the filtered contrast; `carried`,
        what the shares estimated add to the contrast by themselves; `subtracted_estimate` and
        `blast_estimate` (`emt.blast`) for reading only (subtraction leaves part of stroma's RNA, so it is no
        size to cite); `cite`, the column whose size may be cited: "estimate", or "filtered_estimate" for all
        contrasts of a signature between arms that hold stroma where the shares give more than a tenth of one
        that is established, empty where neither is known; `cite_for`, that of which they give most, of its
        own line where there is one; `share`
        and `share_up`, the largest share and upper limit of its co-cultures; `share_low`, the lower limit
        that most of an arm reach (0: no stroma is shown); `filter_share`, the share that the filter reckons
        with; `tipping`, the smallest share that alone reaches the contrast's nearer limit (of two
        co-cultures: the share of the higher one, with the other as estimated; `tipping_from`, what the higher
        one is estimated to hold, else 0), `tipping_ratio` to `share_up`, `robust` from three times on;
        `rests_on`, the genes left that move most; and `covaried`, covariates without which the filtered
        contrast holds, with its numbers then. `versions`, `dropped`, `levels`, `genes`, `params`, `filtered`,
        `share_contrasts`: see `Stroma`. Written:
        `uns["marrowsig"]["stroma"]` with shares, verdicts, parameters, and the names of
        all genes that could be moved (`movable`).

    Raises
    ------
    DesignError
        If the design has no culture, no sample of a line grew alone, or no contrast can be estimated.
    InputError
        If the values do not add up as RNA does, or stroma, shares or markers do not fit.

    Warns
    -----
    InputWarning
        If arms differ in depth (as `ms.tl.compare` does), or there is no reference, fewer than ten markers,
        one sample alone of a line with up to 500 counts a gene, samples of which surely more than a tenth is
        RNA of stroma (stromal cells are in them), or the samples called mono hold clearly more RNA of stroma
        than those called co (`params["swapped"]` says so, and every verdict is "cannot tell").

    Notes
    -----
    With a (blasts alone), s (stroma) and f (share), a sample is x = (1 - f) a + f s on the linear scale.
    Markers have s >= 50 and s >= 100 (a + 0.1) per million, and lie outside the tested signatures and all
    shipped EMT, IL-6, STAT3 and TGF-beta lists; the 100 highest are used, and f is the mean of the middle
    80 % of (x - a) / (s - a) over them, weighted by s - a. The filter drops genes with
    abs(log2(((1 - f) a + f s + 1) / (a + 1))) > log2(1.1) in any line, f being the largest upper
    limit of the co-cultures. `left` is what the same f could do to the genes that are kept if stroma had
    2^(1.645 SD) times as much of them, SD being the spread of the markers' log2 ratios (three times where it
    is not known): a reference that fits its markers badly fits other genes as badly.

    Where a row has fewer than 100 counts a gene, `carried`, `left` and `tipping` are means over ten draws at
    the depth of the rows (a fixed seed), since levels tell more than few counts show.

    Scores are taken from log2(per million + 1). Logs are undone where their record, or equal sums of all rows
    under log2(x+1), ln(x+1) or log10(x+1), show how they were made. `docs/stroma.md` has the rules of the
    verdicts and their error rates.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> found = ms.qc.stroma(adata, design, stroma=ms.ds.demo_stroma(), signatures="emt.hallmark")
    >>> found.verdicts.set_index("contrast").loc["co_in_resistant", "verdict"]
    'not explained by carry-over'
    """
    _check(alpha, draws)
    check_share(min_coverage)
    methods, sigs = methods_of(method), named(adata, signatures)
    read = study(adata, design, stroma=stroma, layer=layer, scale=scale)
    require_one(read.plans)
    own = adata[~stroma_rows(adata, design, stroma)] if isinstance(stroma, str) else adata
    warn_of_depth(own, read.plans, counts=read.linear.depth)
    found, table, names, lack = _shares(
        read, adata, sigs, shares, markers, np.random.default_rng(rng), draws, cells(design)
    )
    filters = {s: filter_of(read, found, s) for s in dict.fromkeys(plan.stratum for plan in read.plans)}
    least = np.ceil(np.array([len(sig) for sig in sigs]) * min_coverage - 1e-9).astype(int)
    parts = [rows(Task(read, sigs, m, found, filters, least, alpha), tipping=tipping) for m in methods]
    turned = swapped(read, found, sigs, design)
    if told := turned or much_told(found, adata):
        warnings.warn(told, InputWarning, stacklevel=2)
    verdicts = _judged(pd.concat([part[0] for part in parts], ignore_index=True), alpha)
    versions = pd.concat([part[1] for part in parts], ignore_index=True)[list(VERSIONS)]
    params = _params(read, found, filters, names, alpha, draws)
    params |= {"swapped": turned, "unknown_share": lack, "markers_named": markers is not None}
    single = gene_rows(read, found, filters, genes, alpha)
    if turned:
        why = NONE_ALONE if no_coculture(design) else SWAPPED
        verdicts.loc[verdicts["verdict"] != NOTHING, ["verdict", "reason"]] = CANNOT, why
        single.loc[single["verdict"] != NOTHING, "verdict"] = CANNOT
    dropped = as_frame(read, sigs, filters)
    filtered = {m.name: part[2] for m, part in zip(methods, parts, strict=True)}
    verdicts.attrs[TITLES] = titles_of(sigs)
    verdicts.attrs[CONTRASTS] = in_words(verdicts["contrast"], design)
    between = share_contrasts(read, table, alpha)
    levels = levels_of(read, sigs)
    result = Stroma(table, verdicts, versions, dropped, single, params, filtered, between, levels)
    noted = {"shares": table, "verdicts": verdicts, "movable": movable(dropped), "params": as_json(params)}
    record(adata, "stroma", noted)
    return result


def _check(alpha: float, draws: int) -> None:
    if not 0 < alpha < 1:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 1, for example 0.05."
        raise InputError(msg)
    if draws < 100:
        msg = f"draws={draws!r} is too few for the ends of an interval. Use e.g. draws=999."
        raise InputError(msg)


def _shares(
    read: Study,
    adata: AnnData,
    sigs: SignatureSet,
    shares: pd.DataFrame | None,
    markers: Iterable[str] | None,
    rng: np.random.Generator,
    draws: int,
    base: str,
) -> tuple[Found | None, pd.DataFrame, list[str], str]:
    """Shares, or what can be said without them; the markers used; and why there are no shares."""
    if shares is not None:
        by_user = shares_of.given(read, shares)
        return by_user, by_user.table, [], ""
    found, few = of_strata(read, sigs, markers, rng=rng, draws=draws)
    if found is not None and (lone := lone_told(found.table)):
        warnings.warn(lone, InputWarning, stacklevel=3)
    if found is not None and not few:
        return found, found.table, found.markers, ""
    lack, why = _lack(read, adata, few, markers, base, partly=found is not None)
    warnings.warn(f"{why}; until then genes are dropped by evidence, at 1 %.", InputWarning, stacklevel=3)
    if found is not None:
        return found, found.table, found.markers, lack
    return None, *unknown(read, sigs), lack


def _lack(
    read: Study,
    adata: AnnData,
    few: dict[str, int],
    markers: Iterable[str] | None,
    base: str,
    *,
    partly: bool,
) -> tuple[str, str]:
    """Say why there are no shares, or none of some strata, and what to do."""
    most = max(few.values(), default=0)
    of = f" of {first(few)}" if partly else ""
    if read.reference is not None and markers is not None:
        lack = f"only {most} of the genes of markers= were measured, too few for a share"
        why = f"O{lack[1:]}: name {shares_of.LEAST_MARKERS} or more"
    elif read.reference is None:
        lack = "there is no reference of stroma"
        why = "There is no reference of stroma, so no share of its RNA can be given. Pass stroma="
    else:
        n = count(most, "gene is", "genes are")
        lack = f"only {n} high in stroma and absent in {base}{of}"
        few_reads, helps = few_told(replace(read, frame=read.frame[read.frame["stratum"].isin(few)]), adata)
        if few_reads:
            lack += f": {few_reads} ({helps})"
            why = f"O{lack[1:]}. Name others with markers="
        else:
            lack += ", too few for a share"
            doubt = "." if partly else f": {OTHER_STROMA}"
            why = f"O{lack[1:]}{doubt} Name others with markers="
        if read.frame["stratum"].str.startswith("compartment=").any():
            why = why.replace(" Name", " If a compartment is stroma itself, give its level as stroma=. Name")
    return lack, why


def _judged(table: pd.DataFrame, alpha: float) -> pd.DataFrame:
    told = [verdict(row, alpha) for row in table.to_dict("records")]
    table["verdict"], table["reason"] = [t[0] for t in told], [t[1] for t in told]
    ratio = table["tipping_ratio"]
    table["robust"] = np.where(ratio.isna(), "", np.where(ratio >= 3, "yes", "no"))
    table["cite"], table["cite_for"] = cited(table, alpha), cause(table, alpha)
    table.attrs["alpha"] = float(alpha)
    return table[list(COLUMNS)]


def _params(
    read: Study, found: Found | None, filters: dict[str, Any], markers: list[str], alpha: float, draws: int
) -> dict[str, Any]:
    return {
        "reference": read.reference.words if read.reference else "no reference of stroma",
        "source": found.source if found else "not estimated",
        "scale": read.linear.how,
        "markers": markers,
        "markers_of": found.of if found else {},
        "share_up": found.upper if found else {},
        "reference_factor": found.factor if found else {},
        "spread": found.spread if found else {},
        "filter_share": {stratum: chosen.share for stratum, chosen in filters.items()},
        "n_dropped": {stratum: int(chosen.dropped.sum()) for stratum, chosen in filters.items()},
        "n_genes": len(read.linear.names),
        "pseudo_count": PSEUDO,
        "fold": FOLD,
        "alpha": alpha,
        "draws": draws,
    }
