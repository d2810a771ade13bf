"""The catalogue as a table: sizes, licences, what marrow expresses of a list, its nearest neighbour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marrowsig.sig import _evidence
from marrowsig.sig._load import everything
from marrowsig.sig._set_from import as_set

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from marrowsig.sig._set import SignatureSet
    from marrowsig.sig._signature import Signature

SHARES = {"prone": _evidence.PRONE, "mature": (_evidence.BIASED,), "unexpressed": _evidence.UNEXPRESSED}


def table(
    signatures: SignatureSet | Signature | str | Iterable[str | Signature] | None = None,
) -> pd.DataFrame:
    """List signatures, one row each, with what marrow expresses of them and the nearest other list.

    Parameters
    ----------
    signatures
        What to list: signatures of your own, ids, axes. Nothing lists all shipped ones.

    Returns
    -------
    DataFrame
        The columns of `SignatureSet.table()`, and

        - `direction`: "up", "down" or "up and down", of the genes; `expect`: what is expected of the score;
        - of the rising genes, `measured`: share of them that the evidence table (`ms.sig.evidence`) knows,
          which is no share of your own data (that is `ms.get.coverage(adata)`); and, as shares of
          those: `prone` to contamination by stroma, biased to `mature` cells, `unexpressed` in
          myeloid cells (the prone ones and others). NaN where none was measured;
        - `nearest`: the other shipped signature with the highest Jaccard index of the genes, and `jaccard`.

    Raises
    ------
    SignatureError
        If a name is unknown.

    Examples
    --------
    >>> import marrowsig as ms
    >>> row = ms.sig.table("emt.hallmark").iloc[0]
    >>> print(row["n"], round(row["prone"], 2), row["nearest"])
    200 0.27 control.anastassiou2011
    """
    shipped = everything()
    sigs = shipped if signatures is None else as_set(signatures)
    kind = _evidence.evidence()["class"].to_dict()
    frame = sigs.table()
    more = [_facts(sig, kind) | _nearest(sig, shipped) for sig in sigs]
    for column in more[0]:
        frame[column] = [row[column] for row in more]
    return frame


def _facts(sig: Signature, kind: dict[str, str]) -> dict[str, object]:
    classes = [kind.get(gene, _evidence.NO_DATA) for gene in sig.up]
    known = [c for c in classes if c != _evidence.NO_DATA]
    ways = [way for way, genes in (("up", sig.up), ("down", sig.down)) if genes]
    return {
        "direction": " and ".join(ways),
        "expect": ", ".join(f"{factor} {way}" for factor, way in sig.expect.items()),
        "measured": len(known) / len(classes) if classes else float("nan"),
        **{
            name: sum(c in words for c in known) / len(known) if known else float("nan")
            for name, words in SHARES.items()
        },
    }


def _nearest(sig: Signature, shipped: SignatureSet) -> dict[str, object]:
    own = sig.genes.keys()
    found = max(
        ((len(own & other.genes.keys()) / len(own | other.genes.keys()), other.id) for other in shipped
         if other.id != sig.id),
        default=(0.0, ""),
    )  # fmt: skip
    return {"nearest": found[1] if found[0] else "", "jaccard": found[0]}
