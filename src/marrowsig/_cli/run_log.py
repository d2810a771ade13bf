"""The log of a run, `log.txt` in its folder: all that was read, said, claimed and answered."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from marrowsig._as_claimed import judged
from marrowsig._between_compartments import as_lines
from marrowsig._carry_over import said_impossible
from marrowsig._carry_over_apart import ask_apart
from marrowsig._cli.answered import left_out, main_blocks, of_claims, of_questions, plain, told_answers
from marrowsig._cli.by_cell_line import of_cell_lines
from marrowsig._cli.by_name import asked_for, one_each
from marrowsig._cli.by_name import lines as short_lines
from marrowsig._cli.claimed import (
    claimed,
    of_maturation,
    of_same_shares,
    share_of_leukaemia,
    share_of_stroma,
    shares_between,
)
from marrowsig._cli.few_in_line import of_few_in_line
from marrowsig._cli.found import lines_of, names_changed
from marrowsig._cli.in_pairs import constant_in_pairs
from marrowsig._cli.lines import WIDEST, wrapped
from marrowsig._cli.of_counts import of_counts
from marrowsig._cli.of_types import told_of_types
from marrowsig._cli.read import given_as
from marrowsig._cli.silent import of_silent
from marrowsig._cli.taken_back import fractions_of, taken_back
from marrowsig._cli.ways import unclaimed, ways_disagree
from marrowsig._cli.which_p import head, over_own
from marrowsig._drug_alone import without_drug_alone
from marrowsig._drug_named import drugs_apart
from marrowsig._pairs_in_lines import missing_term
from marrowsig._repeats import is_formula
from marrowsig._report.covaried import columns, costs, of_numbers, used
from marrowsig._report.formula_tests import of_checks
from marrowsig._report.other_columns import without
from marrowsig._report.own_checked import UNASKED, checked
from marrowsig._report.own_pairs import DIFFERS
from marrowsig._report.which_list import own
from marrowsig._types_unasked import types_unasked
from marrowsig._version import __version__
from marrowsig.tl._claims_stroma import in_short

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd
    from anndata import AnnData

    from marrowsig._report.answer import Block
    from marrowsig._run import Run


def log_text(
    done: Run,
    read: Sequence[tuple[AnnData, str]] = (),
    command: str = "",
    signatures: Sequence[str] = (),
    lists: Sequence[str] = (),
) -> str:
    """Write all of it; `read` are the matrices, each with its option, `signatures` those that were named.

    `lists` says of own lists what their old symbols were read as, and what is made of their weights.
    """
    from marrowsig._cli.run import as_options

    lines = [f"marrowsig {__version__}"]
    for adata, what in read:
        lines += ["", *lines_of(adata, what, everything=True)]
    lines += ["", *lists] if lists else []
    lines += [*_notes(done), *_answers(done, signatures)]
    lines = [as_options(line) if "ms." in line else line for line in lines]
    top, *rest = map(partial(wrapped, width=WIDEST), lines)
    # The command stays one line, however long: it is there to be given again.
    text = "\n".join([top, *([command] if command else []), *rest])
    return f"{text}\n"


def claims_asked(done: Run) -> pd.DataFrame | None:
    """Return the claims, if any was asked."""
    claims = done.tables.get("claims")
    return claims if claims is not None and claims["verdict"].ne("not asked").any() else None


def questions_asked(done: Run) -> pd.DataFrame | None:
    """Return the further questions, if any was asked."""
    found = done.tables.get("questions")
    return found if found is not None and found["verdict"].ne("not asked").any() else None


def drug_alone(done: Run, *, full: bool = False) -> list[str]:
    """Say what inhibitors do to cells alone, and which no such cells had, where a reversal was asked."""
    if done.design is None or not done.res["contrast"].str.startswith("reversal_").any():
        return []
    from marrowsig._report.answer import named
    from marrowsig._report.on_cells_alone import on_cells_alone

    main, claims = main_rows(done), claims_asked(done)
    ids = named(main) if claims is None else set(claims["signature"].astype(str))
    told = "" if is_formula(done.design) else on_cells_alone(main, done.design, ids, full=full)
    return [text for text in (told, without_drug_alone(done.design, done.adata.obs)) if text]


def of_lines_alone(done: Run) -> str:
    """Say how the lines differ where they grew alone; the log has it among the further contrasts."""
    from marrowsig._report.on_cells_alone import lines_alone

    claims = claims_asked(done)
    if claims is None or done.design is None:
        return ""
    return lines_alone(main_rows(done), done.design, set(claims["signature"].astype(str)))


def adjusted(done: Run) -> str:
    """Say for which covariates how many contrasts are adjusted, its cost, and what pairs hold constant."""
    asked = columns(done.design)
    rows = main_rows(done).drop_duplicates(["contrast", "stratum"])
    held = constant_in_pairs(done.design, rows[rows["estimate"].notna()])
    if not asked:
        return held
    told = []
    for column in asked:
        own = used(rows, column)
        told.append(f"{column} ({'all' if own.all() else own.sum()} of {len(rows)} contrasts)")
    said = f"Adjusted, as --covariates asks, for {', '.join(told)}. {costs(main_rows(done), done.design)}"
    return f"{held} {said}".strip()


def unasked(done: Run) -> str:
    """Say what the samples lack for the claims."""
    from marrowsig._report import missing

    return f"claims: {missing.unasked(done.tables['claims'])}"


def between(done: Run) -> str:
    """Say how a difference between two compartments is asked; empty without two."""
    from marrowsig._cli.run import as_options

    return as_options(as_lines(done.design, done.adata.obs, claims_asked(done)))


def of_formula(done: Run) -> list[str]:
    """Say what a formula leaves unasked, and which term its model lacks, with what to type."""
    if done.design is None:
        return []
    obs = done.adata.obs
    said = (
        ask_apart(done.design, obs, done.res),
        missing_term(done.design, obs),
        of_numbers(done.design, obs),
        types_unasked(done.adata, done.design),
        of_checks(_answered(done), 0.05),
    )
    return [text for text in said if text]


def _answered(done: Run) -> pd.DataFrame:
    """Rows of the signatures that stand in the answer."""
    from marrowsig._report.answer import named

    main = main_rows(done)
    return main[main["signature"].isin(named(main))]


def contrasts(done: Run) -> Iterator[str]:
    """Answer each contrast that the study is about, by the first method."""
    lead = head(main_rows(done), claims_asked(done), questions_asked(done))
    yield from told_answers(blocks_of(done), head=lead, methods=main_rows(done)["method"], further=True)


def ways_told(done: Run, *, every: bool = False) -> list[str]:
    """Say which ways of scoring disagree with established answers, and with `every` which agree."""
    from marrowsig._report.answer import named

    main, many = main_rows(done), done.tables.get("multiverse")
    return ways_disagree(blocks_of(done), many, named(main), str(main["method"].iloc[0]), every=every)


def led(done: Run) -> Iterator[str]:
    """Name the genes that lead each supported claim and further question."""
    from marrowsig._report.led_by import FILE, key, of_claims, untested
    from marrowsig._report.led_by import named as genes

    if found := of_claims(done.tables.get("claim_genes")):
        yield ""
        yield f"Genes that lead each, of those counted for its size ({FILE} has all):"
        known = judged(done.tables.get("claims"), done.tables.get("questions"))
        low = untested(done.tables.get("claim_genes"))
        for row in [] if known is None else known.to_dict("records"):
            if own := found.get(key(row)):
                more = f"; {low[key(row)]}" if key(row) in low else ""
                yield f"  {_asked(row)}: {genes(own)}{more}"


def _asked(row: Mapping[Any, Any]) -> str:
    """Name a claim, or a further question, as its sentence does."""
    return str(row["sentence"]).split(f": {row['verdict']}", maxsplit=1)[0]


def own_lists(done: Run) -> list[str]:
    """Answer each contrast that the study is about by lists of one's own that no claim asks, a line each."""
    mine = _of_no_claim(done)
    return [
        f"{'! ' if DIFFERS in claim.note else ''}{claim.signature}, {block.shown}: "
        f"{plain(replace(claim, note=_rest(claim.note)))}"
        for block in main_blocks(blocks_of(done))
        for claim in block.claims
        if claim.signature in mine
    ]


def own_in_brief(done: Run) -> list[str]:
    """Answer lists of one's own in a line each, where no claims are asked and no line above has them."""
    mine = _of_no_claim(done)
    ids = [id for id in _scored(done) if id in mine]
    return list(one_each(ids, blocks_of(done))) if ids else []


def _of_no_claim(done: Run) -> set[str]:
    from marrowsig._report.answer import named

    claims = claims_asked(done)
    answered = named(main_rows(done)) if claims is None else claims["signature"]
    return set(own(_scored(done), done.adata)) - set(answered)


def own_family(done: Run) -> str:
    """Say over which tests the p of these lists are adjusted, as their rows have it."""
    rows = main_rows(done)
    return over_own(rows[rows["signature"].isin(_of_no_claim(done))])


def by_name(done: Run, names: Sequence[str], *, short: bool = False) -> list[str]:
    """Answer signatures that were asked for by these names, and that nothing above answers.

    A `short` answer has controls of an axis that was named in one line.
    """
    from marrowsig._report.answer import named

    main, claims = main_rows(done), claims_asked(done)
    answered = {*named(main)} if claims is None else {*claims["signature"].astype(str)}
    ids = asked_for(names, _scored(done), {*answered, *own(_scored(done), done.adata)})
    full = names if short else None
    return list(short_lines(ids, blocks_of(done, ids), main, full=full)) if ids else []


def _rest(note: str) -> str:
    """Leave out what the heading says of all lists."""
    from marrowsig._report.answer import BESIDE

    return "; ".join(part for part in note.split("; ") if part not in (BESIDE, UNASKED))


def _scored(done: Run) -> list[str]:
    return list(dict.fromkeys(main_rows(done)["signature"].astype(str)))


def blocks_of(done: Run, also: Sequence[str] = ()) -> list[Block]:
    """Answer every contrast by the first method."""
    from marrowsig._report.answer import answers
    from marrowsig._report.carried import guarded, out_of_reach

    main, claims, further = main_rows(done), done.tables.get("claims"), done.tables.get("questions")
    shares = done.tables.get("stroma_shares")
    guard = guarded(done.tables.get("stroma"), shares)
    apart = out_of_reach(done.design, main, claims, shares)
    mine = own(_scored(done), done.adata)
    tables = (done.tables.get("stroma"), done.tables.get("maturation"))
    of_own = checked(*tables, mine, main, apart=apart, impossible=said_impossible(claims))
    return answers(
        main, done.contrasts, done.coverage(), guard=guard, apart=apart, claims=judged(claims, further),
        also=[*mine, *also], checked=of_own, design=done.design,
    )  # fmt: skip


def main_rows(done: Run) -> pd.DataFrame:
    """Return the contrasts of the method that gives the answer."""
    return done.res[done.res["method"] == done.res["method"].iloc[0]]


def _notes(done: Run) -> Iterator[str]:
    renamed = names_changed(done.adata)
    yield from ("", renamed) if renamed else ()
    yield from [""] if done.notes else []
    for note in dict.fromkeys(done.notes):
        yield f"Warning: {given_as(note)}"


def _answers(done: Run, signatures: Sequence[str]) -> Iterator[str]:
    from marrowsig._report.answer import named
    from marrowsig._report.which_list import lists
    from marrowsig._report.words import MINUS

    claims, main = claims_asked(done), main_rows(done)
    back = fractions_of(done.tables.get("rescue"))

    def told(row: Mapping[Any, Any]) -> str:
        said = taken_back(row, back)
        return f"{claimed(row)}{f' Taken back: {said} of the rise.' if said else ''}"

    yield from (line for said in of_formula(done) for line in ("", said))
    if said := adjusted(done):
        yield from ("", said)
    if claims is not None:
        yield from ("", of_claims(claims, main["signature"].unique(), named(main)))
        for line in dict.fromkeys(told(row) for row in claims.to_dict("records")):
            yield f"  {line.replace(MINUS, '-')}"
    if (further := questions_asked(done)) is not None:
        yield from ("", of_questions(further))
        for line in map(told, further[further["verdict"].ne("not asked")].to_dict("records")):
            yield f"  {line.replace(MINUS, '-')}"
        yield from (f"  {line}" for line in in_short(further))
    if said := between(done):
        yield said
    yield from led(done)
    if said := share_of_stroma(done.tables.get("stroma_shares")):
        yield from ("", said)
        yield from shares_between(done.tables.get("stroma_share_contrasts"))
    if said := share_of_leukaemia(done.tables.get("leukaemia_shares")):
        yield said
    if claims is not None and (said := of_maturation(claims)):
        yield said
    if claims is not None:
        yield from told_of_types(done.adata, done.design)
        yield from filter(None, [of_same_shares(claims), of_counts(done.adata)])
    if claims is not None and (said := drugs_apart(claims)):
        yield said
    columns = without(done.without, every=True)
    few, apart = of_few_in_line(done), of_cell_lines(done, every=True)
    yield from filter(None, (few, apart, *drug_alone(done, full=True), columns, of_silent(done, every=True)))
    yield from ("", *contrasts(done), "")
    if claims is None:
        yield from unclaimed(done, ways_told(done, every=True))
    yield from by_name(done, signatures)
    shown = named(main)
    shown += [i for i in own(_scored(done), done.adata) if i not in shown]
    for name, what in lists(done.adata, shown):
        yield f"{name} is {what}"
    yield from left_out(done.missing)
    if claims is None and "claims" in done.tables:
        yield unasked(done)
