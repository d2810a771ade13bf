"""Signatures in the forms that other tools read."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from marrowsig._errors import InputWarning, first
from marrowsig.sig._set_from import as_set

if TYPE_CHECKING:
    from collections.abc import Iterable
    from os import PathLike

    import pandas as pd

    from marrowsig.sig._set import SignatureSet
    from marrowsig.sig._signature import Signature


def to_net(sigs: SignatureSet | Signature | str | Iterable[str | Signature]) -> pd.DataFrame:
    """Write signatures as the long table that decoupler reads.

    Parameters
    ----------
    sigs
        Signatures, or their names.

    Returns
    -------
    DataFrame
        Columns source (id), target (symbol), weight (signed float).

    Raises
    ------
    SignatureError
        If a name is unknown.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.to_net("control.ng2016_lsc17").columns.to_list()
    ['source', 'target', 'weight']
    """
    import pandas as pd

    rows = [(sig.id, gene, weight) for sig in as_set(sigs) for gene, weight in sig.genes.items()]
    return pd.DataFrame(rows, columns=["source", "target", "weight"])


def to_dict(sigs: SignatureSet | Signature | str | Iterable[str | Signature]) -> dict[str, list[str]]:
    """Write signatures as the lists that gseapy reads.

    Parameters
    ----------
    sigs
        Signatures, or their names.

    Returns
    -------
    dict
        Id to symbols. A signature with falling genes gives `<id>_UP` and `<id>_DN` (an empty arm is left
        out). Weights other than +1 and -1 are lost, with a warning.

    Raises
    ------
    SignatureError
        If a name is unknown.

    Warns
    -----
    InputWarning
        If weights are lost.

    Examples
    --------
    >>> import marrowsig as ms
    >>> list(ms.sig.to_dict(["emt.hallmark", "stat3.dauer2005"]))
    ['emt.hallmark', 'stat3.dauer2005_UP', 'stat3.dauer2005_DN']
    """
    listed = as_set(sigs)
    weighted = [sig.id for sig in listed if sig.is_weighted]
    if weighted:
        what = f"Gene lists hold no weights; those of {first(weighted)} are lost. Use to_net to keep them."
        warnings.warn(what, InputWarning, stacklevel=2)
    found: dict[str, list[str]] = {}
    for sig in listed:
        arms = {"_UP": sig.up, "_DN": sig.down} if sig.is_signed else {"": sig.up}
        found |= {f"{sig.id}{end}": list(genes) for end, genes in arms.items() if genes}
    return found


def to_gmt(
    sigs: SignatureSet | Signature | str | Iterable[str | Signature], path: str | PathLike[str] | None = None
) -> str:
    r"""Write signatures as GMT, split like `to_dict`.

    Parameters
    ----------
    sigs
        Signatures, or their names.
    path
        Where to write the text; nothing is written without it.

    Returns
    -------
    str
        One line per list: name, title of the signature, genes, parted by tabs.

    Raises
    ------
    SignatureError
        If a name is unknown.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.sig.to_gmt("control.mcpcounter_fibroblasts").split("\t")[:3]
    ['control.mcpcounter_fibroblasts', 'Fibroblasts (MCP-counter)', 'COL1A1']
    """
    listed = as_set(sigs)
    titles = {sig.id + end: sig.title for sig in listed for end in ("", "_UP", "_DN")}
    lines = [
        "\t".join([name, " ".join(titles[name].split()) or "na", *genes])
        for name, genes in to_dict(listed).items()
    ]
    text = "\n".join(lines) + "\n"
    if path is not None:
        Path(path).write_text(text, encoding="utf-8", newline="\n")
    return text
