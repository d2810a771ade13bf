"""Earlier scores of a method that a further call leaves standing, and why others have to go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from marrowsig._errors import count, first
from marrowsig._provenance import as_json, as_recorded, recall
from marrowsig._version import __version__
from marrowsig.tl._score_marks import CHANGED, why_changed

if TYPE_CHECKING:
    from anndata import AnnData

    from marrowsig._method import Method
    from marrowsig.sig import Signature
    from marrowsig.tl._score_task import Task

SHORT = 30  # of an option in a message


def leave(adata: AnnData, task: Task, mark: str) -> tuple[dict[str, list[str]], list[str]]:
    """By method the earlier columns that stay beside those of `task`, and a line on those that go.

    They stay if they were made with the same options from the same matrix, which `mark` stands for, or from
    one of which these are rows. Methods whose scores depend on the other signatures of a call keep none.
    """
    stay: dict[str, list[str]] = {}
    notes = []
    for m in task.methods:
        table = adata.obsm.get(f"score_{m.name}")
        if not isinstance(table, pd.DataFrame):
            continue
        rest = [str(c) for c in table.columns if c not in task.sets.names]
        why = _why_not(adata, task, m, rest, mark) if rest else ""
        if why:
            what = f"{count(len(rest), f'earlier {m.name} score')} ({first(rest)})"
            goes = "goes" if len(rest) == 1 else "go"
            notes.append(
                f"{what} {goes}: {why}. To have all, score them at once: "
                f"ms.tl.score(adata, earlier | these, method={m.name!r}), both as a SignatureSet."
            )
        elif rest:
            stay[m.name] = rest
    return stay, notes


def replaced(adata: AnnData, task: Task) -> list[str]:
    """Lines on signatures that take the id of another list: one scored before, or one that is shipped."""
    from marrowsig.sig._load import of_ids

    before: dict[str, tuple[str, int]] = {}
    for m in task.methods:
        record = recall(adata, "scores", {}).get(m.name, {}).get("signatures")
        if record is not None and {"id", "sha256", "n"} <= set(record):
            before |= {id: (sha, int(n)) for id, sha, n in record[["id", "sha256", "n"]].to_numpy()}
    notes = []
    for sig in task.sigs:
        sha, n = before.get(sig.id, (sig.sha256, 0))
        if sha != sig.sha256:
            notes.append(
                f"{sig.id} was scored before from another list ({_changed(n, len(sig))}): its "
                "earlier scores are replaced, and results that were made of them do not belong to adata any "
                "more. Give lists ids of their own to keep both."
            )
        elif sig.id not in before and _unlike(sig, of_ids([sig.id]).get(sig.id)):
            notes.append(
                f"{sig.id} is the id of a signature of this package, and another list of "
                f"{count(len(sig), 'gene')} was scored under it. Give it an id of its own, such as "
                f"'{sig.axis}.mine'."
            )
    return notes


def _changed(before: int, now: int) -> str:
    return f"{count(before, 'gene')}; now {now}" if before != now else "other genes or weights"


def _unlike(sig: Signature, shipped: Signature | None) -> bool:
    """Whether it is another list than the shipped one, and no version of it with some other symbols."""
    if shipped is None or shipped.sha256 == sig.sha256:
        return False
    both = set(sig.genes) & set(shipped.genes)
    return len(both) < len(set(sig.genes) | set(shipped.genes)) / 2


def beside(adata: AnnData, key: str, stay: list[str], frame: pd.DataFrame) -> pd.DataFrame:
    """Put new columns beside those that stay; one that was scored before keeps its place."""
    earlier = adata.obsm[key]
    both = pd.concat([earlier[stay].set_axis(frame.index), frame], axis=1)
    return both[_order(earlier, stay, list(frame.columns))]


def joined(adata: AnnData, made: dict[str, Any], stay: dict[str, list[str]]) -> dict[str, Any]:
    """Add to the records of the scores those of the columns that stay."""
    out = dict(made)
    for name, ids in stay.items():
        before = recall(adata, "scores")[name]
        order = _order(adata.obsm[f"score_{name}"], ids, made[name]["signatures"]["id"].tolist())
        out[name] = made[name] | {
            "coverage": _rows(before["coverage"], made[name]["coverage"], "signature", order),
            "signatures": _rows(before["signatures"], made[name]["signatures"], "id", order),
        }
    return out


def _order(earlier: pd.DataFrame, stay: list[str], new: list[str]) -> list[str]:
    known = [str(c) for c in earlier.columns if str(c) in {*stay, *new}]
    return [*known, *(c for c in new if c not in known)]


def _rows(before: pd.DataFrame, now: pd.DataFrame, column: str, order: list[str]) -> pd.DataFrame:
    earlier = before[~before[column].isin(now[column])]
    both = pd.concat([earlier, now], ignore_index=True).set_index(column, drop=False)
    return both.loc[order].reset_index(drop=True)


def _why_not(adata: AnnData, task: Task, m: Method, rest: list[str], mark: str) -> str:
    entry = recall(adata, "scores", {}).get(m.name)
    if entry is None:
        return "uns['marrowsig'] does not say how it was scored"
    if not m.alone or task.options[m.name].get("normalize") == "range":
        return f"scores of {m.name} depend on the other signatures of the call"
    if other := set(rest) - set(entry["signatures"]["id"].astype(str)):
        return f"uns['marrowsig'] does not say how {first(sorted(other))} was made"
    if not as_recorded(adata.obsm[f"score_{m.name}"], entry):
        return "others than ms.tl.score have written them"
    if entry.get("version") != __version__:
        return f"scored by another version of marrowsig than {__version__}"
    now = json.loads(as_json({**task.how, **task.options[m.name]}))
    then = json.loads(str(entry["params"]))
    changed = [k for k in sorted(now) if now[k] != then.get(k)]
    if changed:
        return f"scored with {first(_option(k, then.get(k)) for k in changed)}"
    keys = json.loads(str(entry["more"]))
    if keys != more_keys(task, m):
        return f"scored with extras={bool(keys)}"
    if any(key not in adata.obsm or not set(rest) <= set(adata.obsm[key].columns) for key in keys):
        return f"a part of {first(keys)} is gone"
    if m.per_obs:
        return why_changed(adata, task, entry, mark)
    return "" if entry.get("matrix") == mark else CHANGED


def _option(name: str, value: object) -> str:
    return f"{name}={value!r}" if len(repr(value)) < SHORT else f"another {name}="


def more_keys(task: Task, m: Method) -> list[str]:
    """Keys of `obsm` that hold further results of a method."""
    own = {other.name for other in task.methods}
    return [k for n, k in task.keys.items() if k.startswith(f"score_{m.name}_") and n not in own]
