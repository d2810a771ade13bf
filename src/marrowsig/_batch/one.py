"""One study of a batch: read, prepared, scored, compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from marrowsig._batch.further import options
from marrowsig._batch.told import of_study
from marrowsig._counts_in_raw import summed_of_raw
from marrowsig._further import PARTS, SLOW
from marrowsig._provenance import recall
from marrowsig._run import collected, run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from marrowsig._run import Run
    from marrowsig._study import Study
    from marrowsig.sig import SignatureSet

N = re.compile(r": (\d+)(?:, |$)")


def do(
    study: Study,
    folder: Path,
    *,
    signatures: SignatureSet,
    methods: Sequence[str],
    min_coverage: float,
    reports: bool,
    figures: Sequence[str] = ("png",),
    how: Mapping[str, Any],
) -> dict[str, Any]:
    """Write all of a study into `folder`; return what is noted of it. `how` is shared by all studies."""
    with collected() as notes:
        adata = study.read()
        of_raw = summed_of_raw(adata, study.design)
        adata = adata if of_raw is None else of_raw
        adata, own, said = options(study, adata, signatures.ids, reports=reports)
    done = run(
        adata,
        study.design,
        out=folder,
        signatures=signatures,
        methods=methods,
        min_coverage=min_coverage,
        skip=SLOW if reports else [part for part in PARTS if part != "rescue"],
        title=study.name,
        notes=[*notes(), *said],
        draw=reports,
        figures=figures,
        say=of_study,
        **own,
        **how,
    )
    rows(study, done).to_csv(folder / "contrasts.csv", index=False)
    return {
        "name": study.name,
        "n_rows": adata.n_obs,
        "n_samples": done.adata.n_obs,
        "n_genes": adata.n_vars,
        "kind": str(recall(adata, "input", {}).get("kind", "")),
        "design": repr(study.design),
        "notes": done.notes,
        "simulated": bool(recall(adata, "input", {}).get("simulated", False)),
    }


def rows(study: Study, done: Run) -> pd.DataFrame:
    """Contrasts of a study as `ms.tl.meta` takes them: with study, hash, coverage and number of samples."""
    import pandas as pd

    res = done.tables["contrasts"].copy()
    asked = done.contrasts
    sizes = {
        (c, s): sum(map(int, N.findall(n)))
        for c, s, n in zip(asked["contrast"], asked["stratum"], asked["n"], strict=True)
    }
    res["n_samples"] = [sizes.get(pair, 0) for pair in zip(res["contrast"], res["stratum"], strict=True)]
    scored: dict[str, Any] = recall(done.adata, "scores", {})
    hashes = pd.concat([entry["signatures"] for entry in scored.values()]).drop_duplicates("id")
    res["sha256"] = res["signature"].map(hashes.set_index("id")["sha256"])
    cover = done.coverage().set_index(["method", "signature"])["coverage"]
    pairs = pd.MultiIndex.from_frame(res[["method", "signature"]])
    res["coverage"] = cover.reindex(pairs).to_numpy()
    _check_names(study, set(res["contrast"]))
    res["asked"] = res["contrast"]
    res["contrast"] = [study.contrasts.get(c, c) for c in res["contrast"]]
    res.insert(0, "study", study.name)
    return res


def _check_names(study: Study, known: set[str]) -> None:
    from marrowsig._errors import InputError, first

    absent = [name for name in study.contrasts if name not in known]
    if absent:
        what = first(sorted(known), 20)
        msg = f"contrasts renames {first(absent)}, which this design does not ask. It asks: {what}."
        raise InputError(msg)
