"""Python that messages name, in the words of the command line: files of a run, options, other commands."""

from __future__ import annotations

import re

SENTENCES = (
    (r"; ms\.tl\.chain gives their correlations within arms", ""),
    (r"ms\.tl\.claims holds statements about co-culture against the samples\.", "Claims are of co-culture."),
    (r" In ms\.tl\.compare_cells, give ", " Give "),
    (r" See ms\.qc\.coverage\(adata, \.\.\.\)\.", " See coverage.csv."),
    (r"see correlations, and ms\.tl\.sensitivity", "see maturation_correlations.csv, and sensitivity.csv"),
    (r"ms\.tl\.multiverse shows them", "multiverse.csv shows them"),
    (r" \(ms\.qc\.null and camera ask that\)", " (null.csv and gene_sets.csv ask that)"),
    (r"thin the sums with ms\.pp\.thin before they are scored, or go by", "go by"),
    (r", and read ms\.tl\.questions\.", ", and read questions.csv."),
    (r" \(with ms\.pp\.pseudobulk, name it in by= too\)", ""),
    (r"; ms\.tl\.compare_cells thins by itself", ""),
)
"""What a run that writes a folder has in it, or does by itself."""
ANYWHERE = (
    (r"Sum them first: stroma = ms\.pp\.pseudobulk\(.*?\)\.(?=\s|$)", "Give their sums, a row per donor."),
    (
        r"but X holds (\S+) and layers\['counts'\] is not there\. Run it on the counts, .*?in place of 1\.",
        r"and these are \1. Give the counts, or leave --expressed out.",
    ),
    (r", or use ms\.sig\.map_genes\(signatures\)", ""),
    (r"marrowsig batch, ms\.tl\.meta\.", "marrowsig batch."),
    (r" See ms\.methods\.table\(\)\.", ""),
    (r" \(ms\.pp\.map_genes\)", ""),
    (r" on the command line, or ms\.io\.read\([^()]*\)\.", "."),
    (r", or ms\.io\.read\([^()]*\)(?=[.;])", ""),
    (r", or read the file with ms\.io\.read\.", "."),
    (r"(pair=\S+) of ms\.Design\.", r"\1."),
    (r" \(see ms\.ds\.spreads\(\)\)", " (marrowsig power --help)"),
    (r"Part them: ms\.pp\.", "Part them in Python: ms.pp."),
    (
        r"Make one: ms\.sig\.Signature\(.*?\]\), or read a file: ms\.sig\.read\(path\)\.",
        "Write one into a file, a gene a line, and give its name: mylist.txt.",
    ),
    (
        r"Make one of them, called after the axis .*? (\([^()]*\)): ms\.sig\.Signature\(.*?\]\)\.",
        r"Write your genes into a file, a gene a line, and give its name, with its axis \1: emt=mylist.txt.",
    ),
    (
        r"Type ms\.sig\.fetch\(('[^']*')\)\.",
        r"In Python, ms.sig.write(ms.sig.fetch(\1), 'list.toml') makes a file.",
    ),
)
"""Advice for those who work in Python, and what it is on any command."""
NAMED = {
    "ms.tl.claims": "the claims",
    "ms.tl.questions": "the further questions",
    "ms.tl.chain": "the chain",
    "ms.tl.rescue": "the rescue by inhibitors",
    "ms.tl.compare": "the comparison",
    "ms.tl.compare_cells": "the comparison of cells",
    "ms.tl.sensitivity": "sensitivity.csv",
    "ms.tl.multiverse": "multiverse.csv",
    "ms.tl.meta": "marrowsig batch",
    "ms.qc.stroma": "the check of carry-over",
    "ms.qc.maturation": "the check of maturation",
    "ms.qc.null": "null.csv",
    "ms.qc.coverage": "coverage.csv",
    "ms.get.coverage": "coverage.csv",
}
"""What verbs that are not called are for those who typed a command."""
BARE = re.compile(rf"(?P<start>^|[.:] )?`?(?P<verb>{'|'.join(map(re.escape, NAMED))})`?(?![\w.(])")


def without_python(text: str, *, of_run: bool) -> str:
    """Write what `text` says of Python so that it is of use on a command line; calls that stay are Python.

    >>> without_python("ms.tl.chain asks of arms, as ms.tl.compare does.", of_run=True)
    'The chain asks of arms, as the comparison does.'
    """
    if "ms." not in text:
        return text
    for pattern, there in (*(SENTENCES if of_run else ()), *ANYWHERE):
        text = re.sub(pattern, there, text)

    def named(found: re.Match[str]) -> str:
        start, word = found["start"], NAMED[found["verb"]]
        return (
            f"{start}{word[0].upper()}{word[1:]}"
            if start is not None and word.startswith("the ")
            else (f"{start or ''}{word}")
        )

    return BARE.sub(named, text) if of_run else text
