"""What was compared, as a paper says it: levels of the user, the model, the replicates."""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from typing import TYPE_CHECKING

from marrowsig import _arms
from marrowsig._contrast_kinds import DRUG_ALONE, inhibitor_of
from marrowsig._contrasts import FIELDS, line_word, plain_groups, said, says_yes
from marrowsig._errors import InputWarning, first
from marrowsig._other_groups import compares_groups
from marrowsig._people import whose
from marrowsig._provenance import recall
from marrowsig._report import words
from marrowsig._report.counted import replicates
from marrowsig._report.formula_tests import in_methods
from marrowsig._report.kinds import ROLE, kind
from marrowsig._report.lacking import lacking
from marrowsig._report.people import people_of
from marrowsig._slope_unit import NONE, per_unit_of
from marrowsig._types_unasked import IN_METHODS, types_unasked
from marrowsig._vehicle_words import control_of
from marrowsig.design import Design
from marrowsig.pl._overview_labels import told_stratum
from marrowsig.tl._cautions import unchecked

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from anndata import AnnData

    from marrowsig._report.elements import Given

NAMED = 4  # contrasts of a formula that are written out
LISTED = 12  # further ones that are named
OF_CULTURE = ("induction", "reversal", "residual", "drug alone")
"""Kinds that say nothing true of groups that are no culture."""


def sentences(given: Given) -> list[str]:
    """Say which contrasts were estimated, by which model, over which replicates."""
    main = given.main[given.main["estimate"].notna()]
    if main.empty:
        return []
    names = list(dict.fromkeys(main["contrast"].astype(str)))
    design = given.design
    asked = _of_arms(design, names) if isinstance(design, Design) else _of_formula(given, names)
    strata = [s for s in dict.fromkeys(main["stratum"].astype(str)) if s and s != "nan"]
    where = words.listing(told_stratum(one, design) for one in strata)
    apart = f", apart for {where}" if len(strata) > 1 else ""
    left = partnerless(design, given.adata, names) if isinstance(design, Design) else ""
    model = _model(main).replace("within each line", f"within each {line_word(design)}")
    left += f"; {lack}" if (lack := lacking(given, names)) else ""
    rows = people_of(given)
    compared = whose(f"We compared {words.listing(asked)}{apart}.", design, rows)
    asked_of = main[main["signature"].isin(given.named)]
    checked = in_methods(asked_of if len(asked_of) else main, given.alpha)
    unasked = IN_METHODS if types_unasked(given.adata, design) else ""
    tested = f"{model}; {replicates(main, design, rows)}{left}."
    return [compared, tested, *filter(None, [checked, unasked]), *unchecked(given.main, names)]


def _of_arms(design: Design, names: list[str]) -> list[str]:
    """One phrase for each kind of contrast; where it holds is said once.

    Levels of `culture` are quoted, for any word may be one: 'alone', '+hMSC', 'no drug'.
    """
    if groups := plain_groups(design):
        return [f"'{design.resistant}' with '{design.parental}' ({groups})"]
    if says_yes(design, "culture", "line"):
        return _of_columns(design, names)
    lines = {"parental": design.parental, "resistant": design.resistant}
    mono, co = f"'{design.mono}'", f"'{design.co}'"
    cultures = {"mono": mono, "co": co}
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(kind(name), []).append(name)
    said, before = [], ""
    drugged = any(kind(name) == "reversal" for name in names)
    control = control_of(design) if drugged else ""
    plus = f" plus {control}" if control else ""
    groups_ = compares_groups(design)
    rise = f"the difference between {co} and {mono}" if groups_ else "the induction"
    for what, own in found.items():
        roles = dict.fromkeys(name.rsplit("_in_", 1)[-1] for name in own if "_in_" in name)
        where = words.listing(cultures[role] for role in roles if role in cultures)
        cells = words.listing(lines[role] for role in roles if role in lines)
        where += f"{cells} cells" if cells else ""
        within = f" in {where}" if where and where != before else ""
        before = where if what == "induction" else before
        given = list(dict.fromkeys(inhibitor_of(ROLE.sub("", name))[1] for name in own))
        drugs = f"each of {words.listing(given)}" if len(given) > 1 else words.listing(given)
        phrases = {
            "induction": f"{design.culture} {co} with {mono}{within}",
            "resistance": f"{design.resistant} with {design.parental} cells{within}",
            "interaction": f"{rise} in {design.resistant} with that in {design.parental} cells",
            "reversal": f"{co} {against(design, drugs)}{within}",
            "residual": f"{co} plus {drugs} with {mono}{plus}{within}",
            "drug alone": f"{mono} {against(design, drugs)}{within}",
        }
        both = f", by the sheet with {control} in both arms" if control and what == "induction" else ""
        named = "" if groups_ and what in OF_CULTURE else f" ({what}{both})"
        said.append(f"{phrases[what]}{named}")
    return said


def against(design: Design, drugs: str) -> str:
    """Say what drugs are compared with: nothing that was given, or a control that has a name.

    >>> from dataclasses import replace
    >>> design = Design(culture="culture", inhibitor="drug")
    >>> against(design, "JAKi"), against(replace(design, vehicle="IgG"), "aIL6R")
    ('without and with JAKi', 'with aIL6R against IgG')
    """
    control = control_of(design)
    return f"with {drugs} against {control}" if control else f"without and with {drugs}"


def _of_columns(design: Design, names: list[str]) -> list[str]:
    """One phrase for each contrast, by columns and levels: the roles of a co-culture say nothing here."""
    at = {role: said(design, role) for role in FIELDS if getattr(design, FIELDS[role])}
    found: dict[str, list[str]] = {}
    for name in names:
        what, _, role = name.rpartition("_in_")
        what, role = (what, role) if role in FIELDS else (name, "")
        found.setdefault(what, []).extend([at[role]] if role else [])
    told = []
    for what, where in found.items():
        kind_, drug = inhibitor_of(what)
        within = f" at {words.listing(where)}" if where else ""
        if what in ("co", "co_vs_mono"):
            told.append(f"{at['co']} with {at['mono']}{within}")
        elif what in ("resistance", "resistant_vs_parental"):
            told.append(f"{at['resistant']} with {at['parental']}{within}")
        elif what == "interaction":
            effect = f"the difference between {at['co']} and {at['mono']}"
            told.append(f"{effect} at {at['resistant']} with that at {at['parental']} (interaction)")
        elif kind_ in ("reversal_", DRUG_ALONE):
            where_ = at["co" if kind_ == "reversal_" else "mono"]
            told.append(f"{where_} {against(design, drug)}{within}")
        else:
            told.append(f"{at['co']} plus {drug} with {at['mono']}{within}")
    return told


def _of_formula(given: Given, names: list[str]) -> list[str]:
    rows = given.contrasts.drop_duplicates("contrast").set_index("contrast")
    said = [_named(n, rows.loc[n], given.design) for n in names[:NAMED]]
    left = names[NAMED:]
    if not left:
        return said
    told = words.listing(left) if len(left) <= LISTED else "those of the table of contrasts"
    return [*said, f"{words.count(len(left), 'further contrast')} ({told})"]


def _named(name: str, row: pd.Series, design: object) -> str:
    """Write a contrast by its sides; of a slope, what it is per unit of."""
    sides = [str(row[side]) for side in ("test", "base")]
    if NONE in sides:
        told = f"{'minus ' if sides[0] == NONE else ''}{next(s for s in sides if s != NONE)} with zero"
        return f"{told} ({name}{per_unit_of(name, design).replace(' per', ', per')})"
    return f"{sides[0]} with {sides[1]} ({name})"


def _model(main: pd.DataFrame) -> str:
    asked = main.drop_duplicates(["contrast", "stratum"])
    models = Counter(asked["test"].astype(str)).most_common()
    first = models[0][0]
    other = sum(n for _, n in models[1:])
    how = "by others, which the table names"
    if all("on the arms " in text for text, _ in models[1:]):
        unpaired = all("unpaired" in text for text, _ in models[1:])
        how = "on their two arms alone" + (", unpaired" if unpaired else "")
    rest = f" ({_which(asked, first)} {how})" if other else ""
    arms = re.search(r"linear model on (\d+) arms", first)
    if arms and int(arms[1]) > 2:  # what one line's p owes to the others
        first = first.replace(arms[0], f"{arms[0]} (one variance)", 1)
    return f"Contrasts were tested (two-sided t) in a {first}{rest}"


def _which(asked: pd.DataFrame, model: str) -> str:
    """Name the contrasts of other models: by their kind where all of it are among them."""
    own = asked["test"].astype(str).ne(model)
    of = asked["contrast"].map(kind)
    whole = [k for k in dict.fromkeys(of[own]) if own[of.eq(k)].all()]
    names = list(dict.fromkeys(asked.loc[own & ~of.isin(whole), "contrast"].astype(str)))
    return words.listing([*whole, *names])


def partnerless(design: Design, adata: AnnData, names: Iterable[str]) -> str:
    """Say who was left out for want of a partner, of which contrasts, and for which they count."""
    asked, obs = set(names), adata.obs
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)  # given with the comparison
        plans = [p for p in design.plans(obs) if p.contrast.name in asked and p.model is not None]
    frame, units = _arms.read(design, obs).frame, {}
    alone = dict[int, tuple[str, str, str]]()
    left, kept = dict[int, dict[str, None]](), dict[int, dict[str, None]]()
    for plan in plans:
        if plan.model is None:
            continue
        field = next((f for f in ("pair", "unit") if f"by {getattr(design, f)!r}" in plan.model.words), "")
        own = frame[frame["stratum"].eq(plan.stratum) & frame["arm"].isin(list(plan.contrast.weights))]
        used = own["row"].isin(plan.model.frame["row"])
        for row, inside in zip(own.to_dict("records"), used, strict=True):
            (kept if inside else left).setdefault(row["row"], {})[plan.contrast.name] = None
            if inside or not plan.model.block or not field:
                continue
            where = ", ".join(filter(None, (row["stratum"], row["arm"]))) if design.culture else ""
            alone[row["row"]] = str(row[field]), where, str(getattr(design, field))
            if not row["stratum"]:
                units[str(row[field])] = str(getattr(design, field))
    if not alone:
        return ""
    groups: dict[tuple[str, str], dict[str, list[str]]] = {}
    for at_row, (level, where, _) in alone.items():
        group = groups.setdefault(_counted(list(left[at_row]), list(kept.get(at_row, ()))), {})
        group.setdefault(level, []).append(where)
    columns = words.listing(
        f"'{column}'" for column in dict.fromkeys(column for *_, column in alone.values())
    )
    n = len({(level, column) for level, _, column in alone.values()})
    said = f"; {words.count(n, 'level')} of {columns} had no partner"
    parts = [_of_group(levels, *where) for where, levels in groups.items()]
    if len(parts) == 1:
        who, out, inside = parts[0]
        return f"{said} and {out} ({who}){inside}{_dropped(adata, units)}"
    return f"{said}: {'; '.join(' '.join(part[:2]) + part[2] for part in parts)}{_dropped(adata, units)}"


def _counted(left: list[str], kept: list[str]) -> tuple[str, str]:
    """Name contrasts that lack a row and those that have it, by kind where all of it do; "" for none."""
    if not kept:
        return "", ""
    both = {kind(name) for name in left} & {kind(name) for name in kept}
    said = (
        words.listing(dict.fromkeys(name if kind(name) in both else kind(name) for name in own))
        for own in (left, kept)
    )
    return next(said), next(said)


def _of_group(alone: dict[str, list[str]], left: str, kept: str) -> tuple[str, str, str]:
    """Name levels without a partner with their arms, what they are left out of, and in what they count."""
    one = len(alone) == 1
    arms = {level: words.listing(filter(None, where)) for level, where in alone.items()}
    out = f"{'was' if one else 'were'} left out{f' of {left}' if left else ''}"
    named = first(f"{level} in {where}" if where else level for level, where in arms.items())
    return named, out, f", but {'counts' if one else 'count'} for {kept}" if kept else ""


def _dropped(adata: AnnData, units: dict[str, str]) -> str:
    """Name the partners of these units that were there, and were dropped for their few cells."""
    made = recall(adata, "pseudobulk", {})
    few = json.loads(str(made.get("few") or "{}"))
    found = []
    for level, n in zip(few.get("levels", []), few.get("n_cells", []), strict=True):
        row = dict(zip(few["columns"], level, strict=True))
        found += [
            f"the partner of {unit} had {n} cells"
            for unit, column in units.items()
            if row.get(column) == unit
        ]
    if not found:
        return ""
    return f"; {words.listing(found)}, fewer than the {made['min_cells']} asked of a sum"
