"""Messages of the Python layers in the words of the command line: `mono='alone'` is `--mono alone` there."""

from __future__ import annotations

import ast
import re
import shlex
from typing import TYPE_CHECKING, Any

import click

from marrowsig._cli.python_words import without_python
from marrowsig._rows_out import IN_PYTHON as ROWS_OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHERS = {"method": "methods", "partner": "stroma"}
"""Arguments that an option stands for under another name."""
CALL = re.compile(r"ms\.([\w.]+)\(((?:[^()]|\([^()]*\))*)\)")
OURS = ("Design", "Design.from_formula", "io.read")
"""Calls that options of the command line stand for."""
TWICE = re.compile(r"(--.+?) \((?:or )?\1\)")
"""An option with its Python, or another argument that it stands for, in brackets."""
SUM_FIRST = re.compile(
    r"Sum them first: run ms\.pp\.pseudobulk\(adata, unit='([^']*)', by=\[[^\]]*\](?:, layer='[^']*')?\), "
    r"score the result, and compare it with (?:unit|pair)='[^']*'\."
)
"""What a run does by itself, once it knows the unit."""
DEPTH = re.compile(r"Bring all rows to one depth with ms\.pp\.thin\(adata.*?or compare with")
CELLS = re.compile(r"has min_cells=(\d+) cells")
GENE_COLUMN = re.compile(
    r"adata\.var\['([^']*)'\] looks like gene names: call map_genes\(adata, column='[^']*'\)"
)
IN_PYTHON = re.compile(r" In Python: adata\.obs\[.*?(?:\}\)| \+ '\)')\.")
"""What a sample sheet is changed for instead."""
IN_RAW = re.compile(
    r"adata\.raw holds ([^:]*): use full = adata\.raw\.to_adata\(\), and full in place of adata\."
)
ROUND_FIRST = re.compile(r"Round first: adata\.X = np\.rint\(.*?\)(?:; ms\.pp\.lognorm\(.*?\))?\.(?=\s|$)")
SHEETS = re.compile(r" on the command line, or ms\.io\.read\('[^']*', samples='[^']*'\)(?=\.)")
WEIGHTS = "names with blanks as weights: {('a b', 'co'): 1, ('a b', 'mono'): -1}"
"""What no option can hold."""
STROMA_OUT = re.compile(
    r"Leave it out, adata\[adata\.obs\['([^']*)'\] != '([^']*)'\], or keep it apart with by='[^']*'\."
)
IN_FOLDER = {
    "adata.uns['marrowsig']['genes']['changes']": "genes.csv",
    " in the design (and in by= of ms.pp.pseudobulk)": "",
    "ms.tl.claims asks": "The claims ask",
    "and ms.tl.claims refuses it.": "and no claims are made (--skip claims leaves only these out).",
    "signatures= of ms.tl.claims": "--claims-on",
    "as ms.tl.compare has them": "as contrasts.csv has them",
    "in that of ms.tl.compare": "in that of contrasts.csv",
    "ms.pp.expressed(adata, design) leaves": "--expressed leaves",
    "(ms.pp.expressed)": "(--expressed)",
    "ms.pp.expressed left": "--expressed left",
    "ms.pp.expressed is for": "--expressed is for",
    " Score the sums as they are.": " Leave --expressed out.",
    "Lower min_cells.": "Lower --min-cells.",
    "Give a lower min_count.": "Give a lower --min-count.",
    "no lower min_cells": "no lower --min-cells",
    "no min_cells helps": "no --min-cells helps",
    "(see ms.get.coverage)": "(see coverage.csv)",
    "is not asked here: ms.qc.stroma": "is not asked here: --stroma asks it",
    "see ms.qc.cycle": "see the contrasts without genes of the cell cycle (sensitivity.csv)",
    "ms.qc.sex_share and ms.qc.species_share then read the share": "genes of one sex or species then tell "
    "the share, in Python",
    "ms.qc.stroma compares": "The check of carry-over compares",
    "give by=, or a subset of the cells.": "name it in the design (such as --line or --time), or leave cells "
    "out (--keep).",
    ", or write what X is now, such as adata.uns['marrowsig']['input']['kind'] = 'counts'": "",
}
"""What a run that writes a folder has in it, or does by itself."""
ANYWHERE = {
    "ms.pp.lognorm(adata, floor=20)": "--floor 20",
    ", or keep its rows when you take a subset": "",
    "adata.X holds log": "The matrix holds log",
    "adata.X is scaled": "The matrix is scaled",
    "adata.X lies around 0": "The matrix lies around 0",
    ", as of adata.layers['log'] = adata.X.copy() ahead of sc.pp.scale": "",
    " with layer=, or say how it was made with scale=, one of 'log2(x+1)', 'ln(x+1)', 'log10(x+1)', "
    "'log2(x)'": "",
    "adata.var_names are not gene identifiers": "the names of its rows are not gene identifiers",
    "ms.pp.map_genes repairs what can be repaired": "What can be repaired is",
    "adata.uns['marrowsig']['genes']['changes']": "genes.csv, which marrowsig run writes",
    ", or empty them and read with missing='drop'": "",
    "or drop these genes: ms.io.read(path, missing='drop')": "or take these genes out of the table",
    ", until ms.pp.map_genes combines them": " until they are scored (then counts and TPM of one gene "
    "are added up, and of logs and array signal the row with the higher mean is kept)",
    " with layer=, or say scale='linear' if they are sequencing values": "",
    " (ms.ds.spreads() lists them)": "",
    "use ms.tl.meta": "pool them with marrowsig batch",
    "ms.sig.table() lists": "marrowsig signatures list shows",
}
"""Advice for those who work in Python, and what it is on the command line."""
FORMULA = re.compile(r"^(?=['\"])")
"""Where a formula stands, the first argument of a call that has it."""
WHERE = re.compile(r"^(?:\.\.\.|path), (?=--)")
VALUE = (
    r"'[^']*'|\"[^\"]*\"|\[[^\[\]]*\]|\{(?:[^{}]|\{[^{}]*\})*\}|\.\.\.|-?\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.]*\w)"
    r"|True|False|None|(?=[\s,.;:)?]|$)"
)


def spoken(text: str, command: click.Command | None) -> str:
    """Write the arguments that `text` names as options of `command`; those that it lacks stay.

    A level of a stratum, such as `compartment=leukaemia`, is no argument: values of those are quoted.

    >>> from marrowsig._cli.run import run
    >>> spoken("Leave inhibitor= out, or use ms.Design(culture='arm', mono='no drug').", run)
    "Leave --inhibitor out, or use --culture arm --mono 'no drug'."
    """
    options = _options(command)
    if command is None:
        return text
    text = IN_PYTHON.sub("", text)
    if "leave_out" in options:
        text = ROWS_OUT.sub(_left_out, text)
    text = ROUND_FIRST.sub(
        "Round them in the table first, to whole numbers, and read it as kind='counts'.", text
    )
    text = SHEETS.sub("", text)
    text = GENE_COLUMN.sub(r"Its column '\1' looks like gene names: make it the first", text)
    if "layer" in options:
        text = IN_RAW.sub(r"raw holds \1: give --layer raw.", text)
    if "keep" in options:
        text = STROMA_OUT.sub(_kept_without, text)
    if command.name == "run":
        text = SUM_FIRST.sub(_summed_by_run, text)
        text = DEPTH.sub("Compare with", text)
        text = CELLS.sub(r"has \1 cells", text)
        for python, there in IN_FOLDER.items():
            text = text.replace(python, there)
    for python, there in ANYWHERE.items():
        text = text.replace(python, there)
    text = without_python(text, of_run=command.name == "run")
    if command.name == "compare":
        text = SUM_FIRST.sub(_summed_before, text)
    text = text.replace(WEIGHTS, "levels with blanks need other names in the sample sheet")
    if not options:
        return text
    name = "|".join(sorted(map(re.escape, options), key=len, reverse=True))
    argument = re.compile(rf"(?<![\w.=-])({name})=({VALUE})")

    def option(found: re.Match[str]) -> str:
        return _written(options[found[1]], found[2], found[0])

    def call(found: re.Match[str]) -> str:
        given = FORMULA.sub("--formula ", found[2]) if found[1] == "Design.from_formula" else found[2]
        said = argument.sub(option, given)
        return (
            WHERE.sub("", said).replace(", --", " --") if found[1] in OURS and said != found[2] else found[0]
        )

    # Other calls are Python, and stay.
    parts, end = [], 0
    for found in CALL.finditer(text):
        parts += [argument.sub(option, text[end : found.start()]), call(found)]
        end = found.end()
    return TWICE.sub(r"\1", "".join([*parts, argument.sub(option, text[end:])]))


def _left_out(found: re.Match[str]) -> str:
    more = " (and so on)" if found[1].endswith("...") else ""
    names = [one or other for one, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", found[1])]
    return " ".join(f"--leave-out {shlex.quote(name)}" for name in names) + more


def _kept_without(found: re.Match[str]) -> str:
    column, level = found[1], found[2]
    keep = shlex.quote(f"{column}!={level}")
    return f"Leave it out, --keep {keep}, or keep it apart with --compartment {shlex.quote(column)}."


def _summed_by_run(found: re.Match[str]) -> str:
    column = shlex.quote(found[1])
    return f"Add --unit {column}: the counts of what shares a level of it in one arm are then summed first."


def _summed_before(found: re.Match[str]) -> str:
    column = shlex.quote(found[1])
    return (
        f"Counts are summed, not scores: marrowsig run does it, with the matrix, the sheet, these options, "
        f"and --unit {column}."
    )


def _options(command: click.Command | None) -> Mapping[str, click.Option]:
    found = {str(p.name): p for p in command.params if isinstance(p, click.Option)} if command else {}
    found |= {name: found[of] for name, of in OTHERS.items() if of in found}
    if "no_carry_over" in found:
        found["carry_over"] = found["no_carry_over"]
    return found


def _written(option: click.Option, value: str, whole: str) -> str:
    """One argument as an option; as it was where an option cannot hold the value."""
    name = max(option.opts, key=len)
    if not value:
        return name
    if value == "...":
        return f"{name} {option.metavar or 'VALUE'}"
    try:
        held: Any = ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name if value[0] in "[{" else whole  # [...] and the like stand for anything
    if option.is_flag:
        return name if isinstance(held, bool) and held == (not name.startswith("--no-")) else whole
    if isinstance(held, dict):
        return " ".join(f"{name} {shlex.quote(text)}" for text in _pairs(option, held)) or name
    number = isinstance(held, int | float) and not isinstance(held, bool)
    if number and isinstance(option.type, click.types.StringParamType):
        return whole  # a level of a stratum, such as time=24
    values = held if isinstance(held, list) else [held]
    if isinstance(held, list) and not option.multiple:
        return whole
    return " ".join(f"{name} {shlex.quote(str(one))}" for one in values)


def _pairs(option: click.Option, held: Mapping[str, Any]) -> list[str]:
    """Entries of a mapping, as the options that take mappings write them."""
    if option.name == "params":
        return [
            f"{method}.{k}={v}"
            for method, own in held.items()
            if isinstance(own, dict)
            for k, v in own.items()
        ]
    if option.name == "levels":
        return [
            f"{column}={','.join([own] if isinstance(own, str) else own)}" for column, own in held.items()
        ]
    if option.name in ("at", "labels", "palette"):
        return [f"{column}={value}" for column, value in held.items()]
    if option.name == "contrasts":
        return [f"{name}: {text}" for name, text in held.items() if isinstance(text, str)]
    return [str(value) for value in held.values()] if len(held) == 1 else []
