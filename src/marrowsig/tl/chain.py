"""IL-6, JAK/STAT3 and EMT: do they move together, and do inhibitors take them back together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from marrowsig._counts_layer import naming_counts
from marrowsig._errors import DesignError, InputError
from marrowsig._full_model import full_models
from marrowsig._given import require_design
from marrowsig._not_of_formula import NO_ROLES
from marrowsig._people import whose_each
from marrowsig._plan import require_one
from marrowsig._provenance import recall
from marrowsig._titles import KEY as TITLES
from marrowsig._titles import titles_of
from marrowsig._version import __version__
from marrowsig.design import Design
from marrowsig.tl import _chain_genes, _chain_links, _chain_steps
from marrowsig.tl._chain_checked import checked
from marrowsig.tl._chain_donors import warn_of_donors
from marrowsig.tl._chain_inhibitors import inhibitors, rescued
from marrowsig.tl._chain_result import Chain, verdicts
from marrowsig.tl._depth import warn_of_depth

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig.sig import Signature


def chain(
    adata: AnnData,
    design: Design,
    *,
    il6: str | Signature = "il6.hallmark",
    stat3: str | Signature = "stat3.specific",
    emt: str | Signature = "emt.blast",
    method: str | None = None,
    stroma: Any = None,
    cycle: bool = True,
    alpha: float = 0.05,
) -> Chain:
    """Set IL-6, JAK/STAT3 and EMT beside each other: associations within arms, and what inhibitors reversed.

    What rises in co-culture correlates over all samples, linked or not: the pooled correlation is not
    offered. What is correlated are the residuals of the design's full model, of scores
    without shared genes. The evidence for a cause are the inhibitor arms.

    Parameters
    ----------
    adata
        Samples x genes (bulk, or sums of cells per donor), log expression or counts, `var_names` current
        symbols. It need not have been scored, and is not changed.
    design
        Which columns of `adata.obs` say what each sample is. Compartments and times answer separately.
    il6, stat3, emt
        What stands for each step: the id of a signature, also of your own that was scored, a `Signature`, or
        a gene such as `"IL6"`.
    method
        One scoring method. If it was used before, the scores are made with the options and the layer of then;
        by default singscore, or else the first by name that was used.
    stroma
        Share of stromal RNA per sample, to be taken out as well: what `ms.qc.stroma` returned, a table with
        `sample` and `share`, or a Series by sample. By default what `ms.qc.stroma` wrote into
        `uns["marrowsig"]`, if it did. The first and the last hold verdicts on carry-over, too, which the
        inhibitors heed.
    cycle
        Take out the score of the cell cycle as well.
    alpha
        One minus the level of the intervals, and the bound of adjusted p for a verdict; below 0.5.

    Returns
    -------
    Chain
        Tidy frames; nothing is written.

        `steps`, `overlap`: which genes were left out of which score. Every pair that is correlated shares
        none, and IL6 is in no score. `stat3_apart`, for the link with IL-6, lacks the genes of both others;
        `stat3`, for the link with EMT and the inhibitors, those of EMT. Fewer than five measured genes give
        no score, with the reason.

        `levels`: IL6, IL6R, IL6ST, JAK1, JAK2, STAT3 and SOCS3 in every arm (`mean` and `sd` in log2 CPM, or
        in the logs that X holds, as `unit` of the contrasts says; `cpm`, mean CPM, which the logs exceed
        where reads are few; `detected`, share of samples with counts; `expressed` in the arm, by `cpm`: "yes"
        from that of ten reads in a library of median size on, of genes that `in_study` says "yes" of, else
        "no" below one CPM, or below those ten reads where they are less, "low" between, "not judged" without
        counts; `in_study`: that CPM in as many samples as the smallest arm has, as in `ms.tl.genes`). Genes
        that were not measured have a row.
        `contrasts`: every contrast of the design for them and for the steps, p adjusted by
        Benjamini-Hochberg within the genes or the steps. A gene without a read has NaN, and the reason in
        `test`; of one that `in_study` does not say "yes" of, `test` ends in "few reads: not expressed in the
        study".

        `links`: IL-6 -> STAT3, and STAT3 -> EMT given IL-6 ("and" in place of the arrow without co-culture or
        inhibitors), per stratum, and once more beyond the stromal share, the cell cycle, and both
        (`adjusted_for`). `r` with Fisher's z interval; `p` of the exact t on `df` = rows - rank of the model
        - 1, less one per score taken out. Where units have pairs in both lines, sums and differences over the
        lines are correlated apart, as what a donor does to both is shared; `r` is their mean, `p` is exact
        for it, `df` is that of all parts, and `stat` is `r` over its SD without a link. Name cultures apart
        that share a label and nothing else. Rows "both links" hold the joint significance, the larger p.
        `p_adj` is Holm over links and strata (over strata for both links).
        `n` counts samples, `n_pairs` the pairs or units within which they are compared (0 without), and
        `n_units` the levels of `unit` or `pair`, fewer than the pairs where one has a pair in each line.
        `detectable` is the correlation that this design finds with power 0.8. NaN with the reason in `note`
        below two degrees of freedom.

        `inhibitors`: per line and inhibitor, what `ms.tl.rescue` says of the same scores: reversal of STAT3
        (does the drug do what it should), of EMT and of IL-6, fraction with its Fieller set, residual, and
        whether all inhibitors of the line agree (`_p_each`, the largest p; `_reversal_p_holm`, Holm).
        `_carry_over`, `_of` and `_why` are the verdict of `ms.qc.stroma` with this method on the reversal, or
        on the rise where that is the one in doubt: of the step's signature, or else of others of its axis.
        `_rise` says how much of the rise as scored is stroma's RNA, where it is more than a tenth.

        `verdicts`: per stratum one of the words below, what the links and the receptors say, and a sentence.

    Raises
    ------
    DesignError
        If the design is a formula, or the samples do not fit it or answer none of its questions.
    InputError
        If a step is neither a signature nor a gene of the matrix, two steps are the same, the method scores
        all signatures at once, the shares do not fit, or the matrix holds neither counts nor logs.

    Warns
    -----
    InputWarning
        As `ms.tl.compare`, and if an unused column of donors joins pairs of both lines.

    Notes
    -----
    "EMT and STAT3 reversed by X: compatible with STAT3 lying on the path" needs both inductions, and both
    reversals towards cells alone, at adjusted p (Benjamini-Hochberg over the three steps; Holm over the
    inhibitors of a line) below `alpha`, and none that `ms.qc.stroma` leaves to carry-over. "Consistent with
    the chain" needs both links positive and established, held beyond each adjuster, and receptors not shown
    to be absent. Everything else is "not established" or "not tested". docs/chain.md has all words with their
    rules, and error rates.

    Examples
    --------
    >>> import marrowsig as ms
    >>> adata = ms.ds.demo()
    >>> design = ms.Design(culture="culture", line="line", inhibitor="inhibitor", pair="pair")
    >>> found = ms.tl.chain(adata, design)
    >>> found.steps[["score", "n_removed", "n_used"]].values.tolist()
    [['il6', 15, 72], ['stat3_apart', 14, 25], ['stat3', 1, 38], ['emt', 1, 37]]
    >>> found.inhibitors.loc[0, "verdict"]
    'EMT reversed by JAKi_A, STAT3 not shown to be'

    References
    ----------
    Lu et al., Cancer Science 2023, doi:10.1111/cas.15855 (the chain).
    Fisher, Metron 1924, 3:329-332 (partial correlation).
    Cohen and Cohen, Applied Multiple Regression, 1983 (joint significance); MacKinnon et al., Psychological
    Methods 2002, doi:10.1037/1082-989X.7.1.83.
    """
    if not 0 < alpha < 0.5:
        msg = f"alpha is {alpha!r}; it has to lie between 0 and 0.5, for example 0.05."
        raise InputError(msg)
    if not isinstance(design, Design):
        raise DesignError(NO_ROLES)
    steps = _chain_steps.steps_of(adata, {"il6": il6, "stat3": stat3, "emt": emt})
    require_design(design)
    with naming_counts(adata):
        plans = design.plans(adata.obs)
    require_one(plans)
    warn_of_depth(adata, [plan for plan in plans if plan.contrast.weights])
    full = full_models(design, adata.obs)
    warn_of_donors(design, adata.obs, full)
    data, values = _chain_genes.expression_of(adata)
    work, chosen, layer = _chain_steps.scored(adata, steps, method)
    ordered, treated = design.culture is not None, design.inhibitor is not None
    scores, told = _chain_steps.apart_scores(adata, work, chosen, steps, values, treated=treated)
    told.attrs[TITLES] = titles_of(step.sig for step in steps.values() if step.sig is not None)
    share = _chain_links.share_of(adata, stroma, recall(adata, "stroma", {}))
    genes = frozenset().union(*(step.genes for step in steps.values()))
    adjusters = [one for one in (share, _chain_links.cycle_of(adata, layer, genes) if cycle else None) if one]
    table = _chain_links.links(full, scores, adjusters, alpha, ordered=ordered and treated)
    levels = _chain_genes.levels(data, values, full)
    again = rescued(adata, design, scores, method=chosen, alpha=alpha)
    names = {key: step.name for key, step in steps.items()}
    apart = checked(stroma, recall(adata, "stroma", {}), plans, design, names, method=chosen, alpha=alpha)
    drugs = inhibitors(again, alpha, names, levels, apart)
    drugs["sentence"] = whose_each(drugs["sentence"], drugs["stratum"].astype(str), design, adata.obs)
    return Chain(
        verdicts=verdicts([o.stratum for o in full], table, levels, drugs, names, alpha, ordered=ordered),
        links=table,
        inhibitors=drugs,
        levels=levels,
        contrasts=_chain_genes.contrasts(
            plans,
            scores[list(_chain_steps.STEPS)],
            values,
            levels,
            method=chosen,
            unit=data.unit,
            alpha=alpha,
        ),
        steps=told,
        overlap=_chain_steps.overlap_of(steps),
        scores=scores,
        rescue=again,
        params=_params(work, chosen, steps, share, alpha) | {"culture": design.culture or ""},
    )


def _params(
    work: AnnData,
    method: str,
    steps: dict[str, _chain_steps.Step],
    share: _chain_links.Adjuster | None,
    alpha: float,
) -> dict[str, Any]:
    record = recall(work, "scores", {}).get(method)
    return {
        "version": __version__,
        "method": method,
        "options": {} if record is None else json.loads(str(record["params"])),
        "signatures": {step.name: step.sig.sha256 for step in steps.values() if step.sig is not None},
        "alpha": alpha,
        "stromal_share": share is not None,
    }
