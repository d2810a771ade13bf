"""Dask arrays on the workers of a cluster: the same scores, bit for bit, and workers that are lost."""

from __future__ import annotations

import importlib
import os
import signal
import threading
import time
import warnings

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import marrowsig as ms
from marrowsig import _lazy
from marrowsig.methods import METHODS, Method
from marrowsig.sig import Signature, SignatureSet

da = pytest.importorskip("dask.array")

# The warnings are of connections that a killed worker leaves behind.
pytestmark = [pytest.mark.cluster, pytest.mark.filterwarnings("ignore")]

N, P = 60, 60
GENES = [f"GENE{i}" for i in range(P)]
SIGS = SignatureSet(
    [
        Signature("emt.up", axis="emt", genes=GENES[2:12]),
        Signature(
            "il6.both", axis="il6", genes={**dict.fromkeys(GENES[5:9], 1), **dict.fromkeys(GENES[20:23], -1)}
        ),
    ]
)


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")  # here, as others that run no cluster collect this file
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, memory_limit="2GB"
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def values() -> np.ndarray:
    rng = np.random.default_rng(5)
    x = np.round(rng.normal(2, 2, (N, P)) * 4) / 4
    return np.where(rng.random((N, P)) < 0.4, 0.0, x)


def adata_of(x) -> ad.AnnData:
    adata = ad.AnnData(x, obs=pd.DataFrame(index=[f"s{i}" for i in range(N)]))
    adata.var_names = GENES
    adata.uns["marrowsig"] = {"input": {"kind": "log"}}
    return adata


FEW = ("singscore", "zscore")  # one that needs a first pass, and one that does not
BY_ROW = tuple(m for m in METHODS if METHODS[m].needs != "cohort")


def scored(x, method=FEW, **options):
    adata = adata_of(x)
    params = {"module": {"n_bins": 5}} if "module" in method else None
    ms.tl.score(adata, SIGS, method=method, params=params, **options)
    return adata


def assert_same(got, expected):
    assert set(got.obsm) == set(expected.obsm)
    for key, frame in expected.obsm.items():
        pd.testing.assert_frame_equal(got.obsm[key], frame, check_exact=True, check_index_type=False)


FORMS = {
    "dense": (np.asarray, (20, P)),
    "csr": (sparse.csr_matrix, (17, P)),  # no multiple of anything
    "columns": (np.asarray, (25, 13)),
}


@pytest.mark.parametrize("form", FORMS)
def test_scores_are_the_same_on_workers(form, client):
    make, chunks = FORMS[form]
    x = da.from_array(values(), chunks=chunks).map_blocks(make)
    assert _lazy.client_in_use() is client
    method = BY_ROW if form == "csr" else FEW
    assert_same(scored(x, method, extras=True), scored(values(), method, extras=True))


def slowly(folder, n_chunks=20):
    """A dask array whose chunks note the process that makes them in `folder`."""

    def noted(block, block_info=None):
        at = block_info[0]["chunk-location"][0]
        (folder / f"{at}-{os.getpid()}-{time.time_ns()}").touch()
        time.sleep(0.1)
        return block

    return da.from_array(values(), chunks=(N // n_chunks, P)).map_blocks(
        noted, dtype=float, meta=np.zeros((0, 0))
    )


def kill_one(folder, client, after):
    """Kill the process of a worker once `after` chunks were begun."""
    pids = set(client.run(os.getpid).values())

    def wait():
        while len(seen := [p.name for p in folder.iterdir()]) < after:
            time.sleep(0.01)
        pid = int(seen[-1].split("-")[1])
        if pid in pids:
            os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def wait_for_both(client):
    """Wait until two workers are here, and watched: one that dies before is not started again."""
    client.wait_for_workers(2, timeout=120)
    end = time.monotonic() + 120
    while {w.status.name for w in client.cluster.workers.values()} != {"running"}:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("method", [("singscore",), ("zscore",)])
def test_a_lost_worker_costs_time_and_no_result(method, client, tmp_path):
    wait_for_both(client)
    thread = kill_one(tmp_path, client, after=12)
    got = scored(slowly(tmp_path), method)
    thread.join(1)
    assert not thread.is_alive()
    assert_same(got, scored(values(), method))
    wait_for_both(client)
    assert (
        len(
            {p.name.split("-")[1] for p in tmp_path.iterdir()}
            | {str(p) for p in client.run(os.getpid).values()}
        )
        > 2
    )


def test_a_method_of_ones_own(client, monkeypatch):
    def share(x, sets):
        cut = [x[:, sets.idx[a:b]] > 0 for a, b in zip(sets.ptr, sets.ptr[1:], strict=False)]
        return np.column_stack([c.mean(axis=1) for c in cut])

    mine = Method("share", share, needs="value", per_obs=True, signed=False, weights=False)
    monkeypatch.setitem(METHODS, "share", mine)
    x = da.from_array(values(), chunks=(20, P))
    assert_same(scored(x, ("share",)), scored(values(), ("share",)))


def test_a_module_that_workers_lack_is_named(client, tmp_path, monkeypatch):
    """A message that a worker cannot read ends it for good: none may be sent."""
    pids = set(client.run(os.getpid).values())
    (tmp_path / "ours_alone.py").write_text("def work(block, start):\n    return start\n")
    monkeypatch.syspath_prepend(tmp_path)
    x = da.from_array(values(), chunks=(20, P))
    work = importlib.import_module("ours_alone").work
    with pytest.raises(ms.InputError, match=r"cannot import ours_alone\..*upload_file\('ours_alone.py'\)"):
        list(_lazy.mapped(x, work, bar=lambda n: None))
    assert set(client.run(os.getpid).values()) == pids
    client.upload_file(str(tmp_path / "ours_alone.py"))
    assert [got for _, got in _lazy.mapped(x, work, bar=lambda n: None)] == [0, 20, 40]


def test_few_chunks_are_under_way_at_once(client, tmp_path):
    """Memory of the cluster does not grow with the number of chunks; results come in order."""

    def work(block, start):
        (tmp_path / str(start)).touch()
        time.sleep(0.02)
        return block

    x, seen = da.from_array(values(), chunks=(1, P)), []
    rounds = _lazy.mapped(x, work, bar=seen.append)
    first = next(rounds)
    assert first[0] == 0
    time.sleep(0.2)
    begun = len(list(tmp_path.iterdir()))
    assert begun <= _lazy.PER_THREAD * 2
    rest = list(rounds)
    assert [start for start, _ in rest] == list(range(1, N))
    assert sum(seen) == N


def test_a_failure_on_a_worker_is_ours(client):
    x = values()
    x[47, 3] = np.nan
    with pytest.raises(ms.InputError, match=r"1 of the values in rows 40 to 59 are NaN or infinite"):
        scored(da.from_array(x, chunks=(20, P)), ("singscore",))


def test_chunks_that_no_worker_can_hold_are_refused(client):
    x = da.concatenate([da.zeros((1, P), chunks=(1, P)), da.zeros((3_000_000, P), chunks=(3_000_000, P))])
    with pytest.raises(
        ms.InputError, match=r"holds 3000000 rows x 60 genes, 1\.4 GB, and a worker has 2 GB.*rechunk"
    ):
        list(_lazy.mapped(x, len, bar=lambda n: None))


def test_scores_go_into_a_store(client, tmp_path, monkeypatch):
    pytest.importorskip("zarr")
    from marrowsig.tl import _score_columns, _score_progress

    monkeypatch.setattr(_score_columns, "BUFFER", 1)
    monkeypatch.setattr(_score_columns, "SHORTEST", 8)
    advance = _score_progress.Progress.advance

    def stop(self, flat, valued):
        advance(self, flat, valued)
        if self.done >= 24:
            monkeypatch.setattr(_score_progress.Progress, "advance", advance)
            raise KeyboardInterrupt

    monkeypatch.setattr(_score_progress.Progress, "advance", stop)
    x = da.from_array(values(), chunks=(7, P)).map_blocks(sparse.csr_matrix)
    out = tmp_path / "scores.zarr"
    with pytest.raises(KeyboardInterrupt):
        scored(x, out=out)
    assert not out.exists()
    scored(x, out=out)
    assert_same(ad.read_zarr(out), scored(values()))


def test_a_scheduler_that_was_asked_for_is_used(client):
    import dask

    with dask.config.set(scheduler="threads"):
        assert _lazy.client_in_use() is None
        assert_same(scored(da.from_array(values(), chunks=(20, P)), ("ucell",)), scored(values(), ("ucell",)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert _lazy.client_in_use() is client


def test_a_chunk_that_kills_every_worker_is_named(client):
    """Last in this file: workers that died young are not started again."""

    def work(block, start):
        if start == 20:
            os.kill(os.getpid(), signal.SIGKILL)
        return start

    client.run_on_scheduler(lambda dask_scheduler: setattr(dask_scheduler, "allowed_failures", 0))
    x = da.from_array(values(), chunks=(20, P))
    with pytest.raises(ms.InputError, match=r"was lost, probably for want of memory.*rechunk\(\(10, -1\)\)"):
        list(_lazy.mapped(x, work, bar=lambda n: None))
