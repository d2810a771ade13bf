"""Lines of the terminal on further questions: what was established, and the names of all others."""

from __future__ import annotations

import pandas as pd

from marrowsig._cli.brief import _unasked, brief_claims
from marrowsig._cli.claimed import of_emt_as_scored
from marrowsig._cli.further import brief_further, others
from marrowsig._cli.silent import in_brief
from marrowsig._in_brackets import once_unasked

ROW = {
    "signature": "emt.hallmark", "method": "singscore", "rule": "all hold", "reason": "so", "borderline": "",
    "other_tests": "", "stroma": "not explained by carry-over", "verdict": "supported", "estimate": 0.05,
    "ci_low": 0.04, "ci_high": 0.06, "p_adj": 0.00001, "family_size": 9, "cite": "estimate",
}  # fmt: skip


def row(statement: str, where: str = "", **other: object) -> dict[str, object]:
    verdict = str(other.get("verdict", "supported"))
    named = f" ({where})" if where else ""
    claim = "stroma_il6_response_up" if "stroma" in statement else "stat3_reversed"
    said = {"statement": statement, "sentence": f"{statement}{named}: {verdict}; so.", "claim": claim}
    return {**ROW, **said, **other}


def lines(*rows: dict[str, object]) -> list[str]:
    above = pd.DataFrame([row("EMT rises in co-culture", borderline="borderline: x")])
    return list(brief_further(pd.DataFrame(rows), above, head="Further"))


def test_answers_of_one_question_are_one_line_and_the_rest_are_named_by_question() -> None:
    rises = [row("IL6 rises in stroma", f"with {cells} cells", estimate=size)
             for cells, size in (("A", 0.05), ("B", 0.07))]  # fmt: skip
    open_ = {"verdict": "not supported", "p_adj": 0.4}
    rest = [
        row(f"{what} rises in stroma in co-culture", f"with {cells} cells", **open_)
        for what in ("EMT", "JAK/STAT3 activity")
        for cells in "AB"
    ]
    fall = [row("the inhibitor reverses EMT", f"{c} cells, rux", **open_, inhibitor="rux") for c in "ABC"]
    told = row("the IL-6 response rises more in B cells", verdict="cannot tell", stroma="cannot tell")
    found = lines(*rises, *rest, *fall, told)
    left = (
        "7 not established: EMT and JAK/STAT3 activity rise in stroma in co-culture (with A; with B); the "
        "inhibitor reverses EMT (all 3). 1 cannot be told: the IL-6 response rises more in B cells (log.txt)."
    )
    assert found == [
        "Further:",
        "  supported IL6 rises in stroma: 0.050 (with A), 0.070 (with B)",
        left,
    ]
    assert "the inhibitor reverses EMT (3 of 4)" in others(fall, [*fall, row("the inhibitor reverses EMT")])


def test_questions_that_could_not_be_asked_are_counted_as_questions() -> None:
    need = ["stroma grown alone", "stroma with the drug", "stroma with the drug"]
    rest = [row(f"E{i} rises in stroma", verdict="not asked", reason=why) for i, why in enumerate(need)]
    assert (
        lines(row("IL6 rises in stroma"), *rest)[-1] == "3 questions on stroma could not be asked (log.txt)."
    )
    other = row("a drug reverses EMT", verdict="not asked", reason="a drug")
    assert (
        lines(row("IL6 rises in stroma"), *rest, other)[-1]
        == "4 further questions could not be asked (log.txt)."
    )


def test_programmes_of_which_the_same_is_asked_stand_in_one_line() -> None:
    rows = [
        row("EMT rises in stroma in co-culture", "with A cells", p_adj=0.02),
        row("the IL-6 response rises in stroma in co-culture", "with A cells", estimate=0.07),
        row("the IL-6 response rises in stroma in co-culture", "with B cells", borderline="x"),
        row("JAK/STAT3 activity rises in stroma in co-culture", verdict="contradicted"),
    ]
    both = (
        "  supported    rises in stroma in co-culture: EMT 0.050, adj. p 0.02 (with A); the IL-6 response "
        "0.070 (with A), ~0.050 (with B)"
    )
    assert lines(*rows) == [
        "Further:",
        both,
        "  contradicted JAK/STAT3 activity rises in stroma in co-culture: 0.050 [0.040, 0.060]",
    ]


def test_a_doubt_about_an_answer_is_not_left_to_the_log() -> None:
    found = lines(
        row("A", verdict="contradicted", p_adj=0.002),
        row("B", verdict="not supported", borderline="borderline: x", p_adj=0.06),
        row("C", verdict="cannot tell", stroma="explained by carry-over"),
        row("D", "one", verdict="cannot tell", stroma="may be carry-over"),
        row("D", "two", verdict="cannot tell", stroma="may be carry-over", p_adj=0.03),
        row("E", verdict="not asked", reason="a drug"),
    )
    assert found == [
        "Further:",
        "  contradicted  A: 0.050 [0.040, 0.060], adj. p 0.002",
        "  not supported B: ~0.050 [0.040, 0.060], adj. p 0.06",
        "  cannot tell   C: 0.050 [0.040, 0.060] (explained by carry-over)",
        "  cannot tell   D: 0.050 (one, may be carry-over), 0.050, adj. p 0.03 (two, may be carry-over)",
        "Not asked: E. Needed: a drug.",
    ]


def test_where_nothing_was_established_names_alone_are_left() -> None:
    found = lines(row("the IL-6 response rises more in B cells", verdict="not supported"))
    assert found == ["Further:", "1 not established: the IL-6 response rises more in B cells (log.txt)."]


def test_a_claim_keeps_its_line_its_interval_and_its_reason() -> None:
    rows = [row("EMT rises", f"{cells} cells", verdict="cannot tell") for cells in "AB"]
    assert list(brief_claims(pd.DataFrame(rows))) == [
        "    cannot tell < 0.0001 0.050 [0.040, 0.060] EMT rises (A)",
        "    cannot tell < 0.0001 0.050 [0.040, 0.060] EMT rises (B)",
        "cannot tell: so",
    ]


def test_claims_of_two_compartments_stand_below_what_they_ask_where_lines_are_short(monkeypatch) -> None:
    rows = [
        row(f"{what} in {cells} rises in co-culture", f"MOLM-13 {line} cells", stratum=f"compartment={cells}",
            verdict="not supported")
        for what in ("EMT", "JAK/STAT3 activity") for cells in ("leukaemia", "stromal cells")
        for line in ("parental", "venetoclax-resistant")
    ]  # fmt: skip
    claims = pd.DataFrame(rows)
    monkeypatch.setenv("COLUMNS", "100")
    told = list(brief_claims(claims))
    heads = ["EMT rises in co-culture:", "JAK/STAT3 activity rises in co-culture:"]
    assert [line for line in told if line.endswith(":")] == heads
    below = [line.partition("]")[2].strip() for line in told if "]" in line]
    assert (
        below
        == [
            "leukaemia, MOLM-13 parental",
            "leukaemia, MOLM-13 venetoclax-resistant",
            "stromal cells, MOLM-13 parental",
            "stromal cells, MOLM-13 venetoclax-resistant",
        ]
        * 2
    )
    assert max(map(len, told)) <= 100
    more = row(
        "EMT rises more in leukaemia VenR cells", stratum="compartment=leukaemia", verdict="not supported"
    )
    *_, last = brief_claims(pd.DataFrame([*rows, more]))
    assert last.endswith("] EMT rises more in leukaemia VenR cells (leukaemia)"), (
        "a row by itself needs no head"
    )
    one = claims.assign(stratum="")
    assert [line for line in brief_claims(one) if line.endswith(":")] == []


def test_a_compartment_of_all_rows_is_told_once(monkeypatch) -> None:
    leukaemia, stroma = "compartment=MOLM-13", "compartment=HS-27A"
    rows = [
        row("JAK/STAT3 activity rises in co-culture", f"MOLM-13 {line} cells", stratum=leukaemia)
        for line in ("parental", "VenR, of a long name")
    ]
    rows += [row("IL6 rises in co-culture", "MOLM-13 VenR cells, in stroma", stratum=stroma)]
    monkeypatch.setenv("COLUMNS", "100")
    *told, key = brief_claims(pd.DataFrame(rows))
    assert [line.partition("] ")[2] or line for line in told] == [
        "JAK/STAT3 activity rises in co-culture:",
        "MOLM-13 parental",
        "MOLM-13 VenR, of a long name",
        "IL6 rises in co-culture (HS-27A, MOLM-13 VenR, in stroma)",
    ]
    assert key == "of MOLM-13, where no other cells are named"


def test_carry_over_that_is_the_reason_of_several_claims_stands_behind_each() -> None:
    open_ = {"verdict": "cannot tell", "rule": "carry-over", "filtered_p_adj": 0.2}
    may = row("EMT rises", "a cells", stroma="may be carry-over", reason="may be: 5 %.", **open_)
    gives = row("EMT rises", "b cells", stroma="explained by carry-over", reason="4 %.", **open_)
    one, *rest = brief_claims(pd.DataFrame([may]))
    assert one.endswith("EMT rises (a)")
    assert rest == ["cannot tell: may be: 5 %."]
    first, second, key = brief_claims(pd.DataFrame([may, gives]))
    assert first.endswith("EMT rises (a) (may be carry-over)")
    assert second.endswith("EMT rises (b) (explained by carry-over)")
    assert key == "carry-over: numbers and reasons (log.txt)"


def test_a_claim_that_no_other_repeats_is_named_without_a_number() -> None:
    why = {"verdict": "cannot tell", "reason": "no reference."}
    names = ("EMT rises", "IL6 rises", "STAT3 rises", "the drug reverses EMT")
    other = row("IL6 rises in both", **why | {"reason": "no rows."})
    told = list(brief_claims(pd.DataFrame([*(row(name, **why) for name in names), other])))
    assert f"cannot tell: no reference. (4 claims: {'; '.join(names)})" in told


def test_what_an_inhibitor_took_back_stands_behind_its_reversal() -> None:
    from marrowsig._cli.taken_back import fractions_of

    ends = {"fraction": 0.56, "fraction_low": 0.4, "fraction_high": 0.7, "fraction_kind": "interval"}
    where = {"method": "singscore", "signature": "il6.hallmark", "stratum": "", "inhibitor": "JAKi"}
    lines = [{**where, **ends, "kind": "line", "line": name} for name in ("a", "b")]
    lines[1] |= {"filtered_fraction": 0.76, "filtered_fraction_low": 0.6, "filtered_fraction_high": 0.92}
    lines[1] |= {"filtered_fraction_kind": "interval"}
    rescue = pd.DataFrame([*lines, {**lines[0], "kind": "inhibitors together", "fraction": 0.1}])
    asked = {**where, "contrast": "reversal_JAKi_in_x"}
    rows = [row("The inhibitor reverses EMT", f"{name} cells, JAKi", **asked, line=name) for name in "ab"]
    rows[1] |= {"cite": "filtered_estimate", "filtered_estimate": 0.02, "filtered_ci_low": 0.01}
    rows[1] |= {"filtered_ci_high": 0.03, "filtered_p_adj": 0.001}
    claims, found = pd.DataFrame(rows), fractions_of(rescue)
    first, second, key = brief_claims(claims, fractions=found)
    assert key.startswith("% of the rise; * on the genes")
    assert first.endswith("JAKi reverses EMT (a) (56 % [40, 70])")
    assert second.endswith("JAKi reverses EMT (b) (76 % [60, 92])"), "on the genes of the size to cite"
    assert "%" not in "".join(brief_claims(claims))
    none = claims.assign(verdict="not supported")
    assert "40, 70" not in "".join(brief_claims(none, fractions=found))


def test_one_verdict_that_other_genes_change_keeps_its_name() -> None:
    one = "2 genes. Without them 1 of 13 verdicts on claims would change (A (a): so -> no). Keep."
    assert in_brief(one) == one
    two = (
        "Without them 2 of 3 verdicts would change (A: so -> no, adj. p 0.06 -> 0.01; B (b): no -> so). End."
    )
    assert in_brief(two) == "Without them 2 of 3 verdicts would change (log.txt). End."
    none = (
        "2 genes. Without them none of 3 verdicts would change; of estimates the largest: A, 0.1 -> 0.2. End."
    )
    assert in_brief(none) == "2 genes. Without them none of 3 verdicts would change (log.txt)."


def test_without_a_line_the_head_tells_of_no_sizes() -> None:
    table = pd.DataFrame([row("EMT rises in stroma", "resistant cells", verdict="not supported")])
    first, *_, last = brief_further(table, table, head="Further questions, no claims: size; adj. p")
    assert first == "Further questions, no claims:"
    assert last == "1 not established: EMT rises in stroma (resistant) (log.txt)."


def test_lines_and_drugs_of_any_name_are_told_apart_in_brackets() -> None:
    lines_, drug = ("MOLM-13 (wt)", "MOLM-13 (AraC, 1 uM)"), "rux, 1 uM (b)"
    own = [
        row("The inhibitor reverses the IL-6 response", f"{c} cells, {drug}", inhibitor=drug, estimate=x)
        for c, x in zip(lines_, (0.05, 0.07), strict=True)
    ]
    rest = [one | {"verdict": "not supported", "sentence": one["sentence"].replace(": s", ": not s")}
            for one in own]  # fmt: skip
    told = f"{drug} reverses the IL-6 response: 0.050 (MOLM-13 (wt)), 0.070 (MOLM-13 (AraC, 1 uM))"
    assert lines(*own)[1] == f"  supported {told}"
    every = [*rest, row(own[0]["statement"], "THP-1 cells")]
    assert f"(MOLM-13 (wt), {drug}; MOLM-13 (AraC, 1 uM), {drug})" in others(rest, every)
    assert others(rest, rest) == "2 not established: The inhibitor reverses the IL-6 response (both)"
    up = [
        row("EMT rises in co-culture", f"{cells} cells", claim="emt_up", cite="filtered_estimate", carried=c,
            filtered_estimate=0.02)
        for cells, c in zip(lines_, (0.03, 0.02), strict=True)
    ]  # fmt: skip
    assert "60 % (MOLM-13 (wt)) and 40 % (MOLM-13 (AraC, 1 uM))" in of_emt_as_scored(pd.DataFrame(up))
    unasked = [row("IL6 rises in both partners", f"{cells} cells", verdict="not asked") for cells in lines_]
    told = list(brief_claims(pd.DataFrame([row("IL6 rises"), *unasked])))
    assert "not asked of these samples: IL6 rises in both partners" in told
    assert len({once_unasked(str(one["sentence"])) for one in unasked}) == 1


def test_what_was_asked_of_some_cells_is_not_asked_of_others_by_name() -> None:
    asked = row("IL6 rises in both partners", "with A cells", verdict="cannot tell")
    rest = [row("IL6 rises in both partners", "with B cells"), row("the inhibitor reverses EMT", "A cells")]
    (other,) = _unasked([asked], rest[:1])
    assert "B" in other
    assert list(_unasked([], rest)) == ["IL6 rises in both partners", "the inhibitor reverses EMT"]


def test_reasons_and_needs_of_many_compartments_are_told_once() -> None:
    def of(what: str, cells: str, verdict: str, reason: str) -> dict[str, object]:
        said = {"verdict": verdict, "reason": reason, "stratum": f"compartment={cells}", "note": ""}
        return row(what.format(cells), **said, p_null=float("nan"))

    few, lone, lack = "too few counts", "one replicate in co", "no stroma"
    rises = ("IL6 in {} rises", "EMT in {} rises", "STAT3 in {} rises", "STAT1 in {} rises")
    rows = [of(rises[0], cells, "cannot tell", few) for cells in ("LSPC", "GMP", "T cell", "B cell")]
    rows += [of(what, "NK", "cannot tell", lone) for what in rises]
    rows += [
        of("IL6 rises in {} and in stroma", cells, "not asked", lack) for cells in ("LSPC", "T cell", "NK")
    ]
    told = list(brief_claims(pd.DataFrame(rows)))
    assert "cannot tell: too few counts (IL6 rises: 4)" in told
    assert "cannot tell: one replicate in co (all 4 claims in NK)" in told
    assert "not asked of these samples: IL6 rises in LSPC, T cell or NK and in stroma" in told
