"""Lists from their owners: a server on this computer stands in for them, with faults and without."""

from __future__ import annotations

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import marrowsig as ms
from marrowsig import _download
from marrowsig.sig._recipes import known

COLUMNS = ("IFNG", "IL6", "OSM")
CYTOSIG = "\t".join(COLUMNS) + "\n" + "".join(
    f"{gene}\t0.1\t{value}\t-0.2\n"
    for gene, value in [
        *((f"KRT{i}", 3 - i / 50) for i in (1, 2, 3, 4, 5, 7, 8)),
        ("DDX58", 2.5), ("SOCS3", 4.25), ("CDH1", -2.0),
        ("ACTB", 0), ("NOSUCHGENE", 0.25), ("RIGI", 2.25),
    ]
)  # fmt: skip
NET = """source,target,weight,resources,references,sign.decision
STAT3,SOCS3,1,x,1,PMID
STAT3,TP53,-1,x,1,PMID
STAT3,hsa-miR-21-5p,1,x,1,default activation
STAT1,IRF1,1,x,1,PMID
"""
OMNIPATH = """source\ttarget\tsource_genesymbol\ttarget_genesymbol\tis_stimulation\tis_inhibition\t\
consensus_direction\tconsensus_stimulation\tconsensus_inhibition\tdorothea_level
P1\tP2\tSTAT3\tSOCS3\t1\t0\t0\t0\t0\tA
P1\tP3\tSTAT3\tTP53\tFalse\tTrue\tFalse\tFalse\tFalse\tA
P1\tP4\tSTAT3\tMYC\t1\t1\t1\t1\t0\tA
P1\tP5\tSTAT3\tFAS\t1\t1\t1\t0\t1\tA
P9\tP5\tSTAT1\tIRF1\t1\t0\t0\t0\t0\tA
"""
GMT = (
    "LSPC-Primed-Top100\tx\tCD34\t06-Sep\tH1F0\n"
    "LSC104_Ng2017_UP\tx\tCD34\tGPR56\n"
    "LSC104_Ng2017_DOWN\tx\tCD14\n"
)


class Owner(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        status, headers, body, cut = self.server.answers.get(self.path, (404, {}, b"", 0))
        if callable(body):
            status, headers, body, cut = body(len(self.server.asked))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) - cut])

    def log_message(self, *args):
        pass


class Server:
    def __init__(self, server):
        self._server = server
        self.base = f"http://127.0.0.1:{server.server_address[1]}"

    @property
    def asked(self):
        return self._server.asked

    def put(self, name, body, *, status=200, headers=None, cut=0):
        """Answer for the address of a recipe."""
        parts = urlsplit(known()[name].source["url"])
        query = f"?{parts.query}" if parts.query else ""
        body = body.encode() if isinstance(body, str) else body
        self._server.answers[f"/{parts.hostname}{parts.path}{query}"] = (status, headers or {}, body, cut)

    def at(self, path, body):
        self._server.answers[path] = (200, {}, body.encode(), 0)


@pytest.fixture(scope="module")
def running():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Owner)
    server.asked, server.answers = [], {}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def owner(running, tmp_path, monkeypatch):
    running.asked.clear()
    running.answers.clear()
    monkeypatch.setenv("MARROWSIG_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("MARROWSIG_OFFLINE", raising=False)
    server = Server(running)
    monkeypatch.setenv("MARROWSIG_MIRROR", server.base)
    monkeypatch.setattr(_download.time, "sleep", lambda seconds: None)
    return server


@pytest.fixture
def small_blob(monkeypatch):
    """The id of the synthetic CytoSig file in place of the real one."""
    blob = hashlib.sha1(b"blob %d\0" % len(CYTOSIG.encode()) + CYTOSIG.encode()).hexdigest()
    monkeypatch.setitem(known()["cytosig.il6"].source, "git_blob", blob)
    monkeypatch.setitem(known()["cytosig.il6"].own, "top", 5)


def files(tmp_path):
    return sorted(f.name for f in (tmp_path / "cache").rglob("*") if f.is_file())


def test_licence_is_shown_and_has_to_be_repeated(owner, small_blob):
    owner.put("cytosig.il6", CYTOSIG)
    with pytest.raises(ms.SignatureError, match=r"GPL-3\.0 \(GNU GPL 3.*accept='GPL-3\.0'\)"):
        ms.sig.fetch("cytosig.il6")
    with pytest.raises(ms.SignatureError, match=r"accept is 'MIT', but CytoSig is under GPL-3\.0"):
        ms.sig.fetch("cytosig.il6", accept="MIT")
    assert owner.asked == []


def test_column_becomes_a_weighted_signature_with_current_symbols(owner, small_blob, tmp_path):
    owner.put("cytosig.il6", CYTOSIG)
    with pytest.warns(ms.GeneWarning, match=r"1 old symbols .* left out: DDX58 \(= RIGI\)"):
        every = ms.sig.fetch("cytosig.il6_all", accept="GPL-3.0")
    assert every.genes["SOCS3"] == 4.25
    assert every.genes["CDH1"] == -2.0
    assert every.genes["RIGI"] == 2.25
    assert "ACTB" not in every.genes
    assert every.unmapped == {"NOSUCHGENE"}
    assert every.ids["SOCS3"] == "ENSG00000184557"
    sig = ms.sig.fetch("cytosig.il6")  # accepted before, so not asked again; nor is the server
    assert list(sig.genes) == ["SOCS3", "KRT1", "KRT2", "KRT3", "KRT4"]
    assert len(owner.asked) == 1
    assert (sig.id, sig.axis, sig.kind, sig.tier) == ("il6.cytosig_il6", "il6", "footprint", "extra")
    assert sig.is_weighted
    assert sig.source["sha256"] == hashlib.sha256(CYTOSIG.encode()).hexdigest()
    assert (sig.source["licence"], sig.source["redistribute"]) == ("GPL-3.0", False)
    assert files(tmp_path) == ["signature.centroid", "signature.centroid.json"]
    kept = json.loads(next((tmp_path / "cache").rglob("*.json")).read_text())
    assert kept["accepted"] == "GPL-3.0"
    assert kept["sha256"] == sig.source["sha256"]
    assert ms.sig.recipes().set_index("name").loc["cytosig.osm", "cached"]


def test_regulons_are_signed(owner):
    owner.put("collectri.stat3", NET)
    sig = ms.sig.fetch("collectri.stat3", accept="composite")
    assert sig.genes == {"SOCS3": 1.0, "TP53": -1.0, "hsa-miR-21-5p": 1.0}
    assert (sig.kind, sig.unmapped) == ("regulon", {"hsa-miR-21-5p"})
    assert ms.sig.fetch("collectri.stat1").genes == {"IRF1": 1.0}
    owner.put("dorothea.stat3", OMNIPATH)
    sig = ms.sig.fetch("stat3.dorothea_stat3", accept="academic-use-only")
    assert sig.genes == {"SOCS3": 1.0, "MYC": 1.0, "TP53": -1.0, "FAS": -1.0}


def test_lists_of_a_gmt_have_their_dates_and_old_symbols_put_right(owner):
    owner.put("zeng2022.lspc_primed", GMT)
    sig = ms.sig.fetch("zeng2022.lspc_primed", accept="none-stated")
    assert set(sig.genes) == {"CD34", "SEPTIN6", "H1-0"}
    assert sig.listed_as["H1-0"] == "H1F0"
    assert ms.sig.fetch("ng2016.lsc104").genes == {"CD34": 1.0, "ADGRG1": 1.0, "CD14": -1.0}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"body": "", "status": 404}, "the server answered 404"),
        ({"body": "", "status": 403}, "the server answered 403"),
        ({"body": "", "status": 503}, "the server answered 503"),
        ({"body": NET, "cut": 40}, "the connection broke|bytes came"),
        ({"body": "<!DOCTYPE html><title>Log in</title>"}, "a web page came in place of the file"),
        ({"body": ""}, "the file is empty"),
        (
            {"body": "", "status": 302, "headers": {"Location": "https://elsewhere.example/x"}},
            "elsewhere.example",
        ),
        ({"body": "", "status": 302, "headers": {"Location": "ftp://zenodo.org/x"}}, "is not https"),
        ({"body": "", "status": 302, "headers": {"Location": "http://zenodo.org/x"}}, "is not https"),
    ],
)
def test_what_did_not_come_whole_is_refused_and_leaves_nothing(owner, tmp_path, answer, message):
    owner.put("collectri.stat3", **answer)
    with pytest.raises(ms.DownloadError, match=message) as caught:
        ms.sig.fetch("collectri.stat3", accept="composite")
    said = str(caught.value)
    assert "https://zenodo.org/records/8192729/files/CollecTRI_regulons.csv" in said
    assert "ms.sig.fetch('collectri.stat3', path='CollecTRI_regulons.csv')" in said
    assert "composite (stated to be freely available" in said
    assert files(tmp_path) == []


def test_a_server_that_stumbles_is_asked_again(owner):
    turns = iter([(503, {}, b"", 0), (200, {}, NET.encode(), 30), (200, {}, NET.encode(), 0)])
    owner.put("collectri.stat3", lambda n: next(turns))
    assert len(ms.sig.fetch("collectri.stat3", accept="composite")) == 3
    assert len(owner.asked) == 3


def test_redirect_within_the_allowed_place_is_followed_and_a_circle_is_not(owner):
    owner.at("/moved", NET)
    owner.put("collectri.stat3", "", status=302, headers={"Location": "/moved"})
    assert len(ms.sig.fetch("collectri.stat3", accept="composite")) == 3
    circle = urlsplit(known()["dorothea.stat3"].source["url"])
    where = f"/{circle.hostname}{circle.path}?{circle.query}"
    owner.put("dorothea.stat3", "", status=302, headers={"Location": where})
    with pytest.raises(ms.DownloadError, match="sent on more than 5 times"):
        ms.sig.fetch("dorothea.stat3", accept="academic-use-only")


def test_content_other_than_the_known_one_is_refused(owner, tmp_path):
    owner.put("cytosig.il6", CYTOSIG)  # not the file whose id the recipe knows
    with pytest.raises(ms.DownloadError, match=r"its git object id is .*, not c6fc97968b96"):
        ms.sig.fetch("cytosig.il6", accept="GPL-3.0")
    assert files(tmp_path) == []


def test_a_file_that_changed_in_the_cache_is_refused(owner, tmp_path):
    owner.put("collectri.stat3", NET)
    ms.sig.fetch("collectri.stat3", accept="composite")
    place = next((tmp_path / "cache").rglob("CollecTRI_regulons.csv"))
    place.write_text(NET.replace("TP53,-1", "TP53,1"))
    with pytest.raises(ms.DownloadError, match="is not the file that was fetched"):
        ms.sig.fetch("collectri.stat3")
    assert not ms.sig.recipes().set_index("name").loc["collectri.stat3", "cached"]


def test_a_file_without_its_record_is_fetched_anew(owner, tmp_path):
    owner.put("collectri.stat3", NET)
    ms.sig.fetch("collectri.stat3", accept="composite")
    next((tmp_path / "cache").rglob("*.json")).unlink()  # as after an interruption between the two
    assert len(ms.sig.fetch("collectri.stat3", accept="composite")) == 3


def test_without_a_network_a_person_is_told_what_to_do(owner, monkeypatch, tmp_path):
    monkeypatch.setenv("MARROWSIG_OFFLINE", "1")
    with pytest.raises(ms.DownloadError, match=r"MARROWSIG_OFFLINE is set\. By hand: download CollecTRI"):
        ms.sig.fetch("collectri.stat3", accept="composite")
    monkeypatch.delenv("MARROWSIG_OFFLINE")
    monkeypatch.setenv("MARROWSIG_MIRROR", "http://127.0.0.1:1")
    with pytest.raises(ms.DownloadError, match=r"no connection to the server\. By hand: download CollecTRI"):
        ms.sig.fetch("collectri.stat3", accept="composite")
    monkeypatch.setenv("MARROWSIG_MIRROR", "http://mirror.example")
    with pytest.raises(ms.DownloadError, match="http is for this computer only"):
        ms.sig.fetch("collectri.stat3", accept="composite")
    mine = tmp_path / "mine.csv"
    mine.write_text(NET)
    sig = ms.sig.fetch("collectri.stat3", path=mine)
    assert sig.source["obtained"] == "file mine.csv, downloaded by hand"
    assert len(sig) == 3


def test_kegg_and_biocarta_are_read_from_the_persons_own_download(tmp_path):
    for name, set_ in (
        ("kegg.jak_stat", "KEGG_JAK_STAT_SIGNALING_PATHWAY"),
        ("biocarta.il6", "BIOCARTA_IL6_PATHWAY"),
    ):
        with pytest.raises(
            ms.DownloadError, match=r"only be downloaded by a person\. By hand: .*gsea-msigdb\.org"
        ):
            ms.sig.fetch(name)
        file = tmp_path / "own.gmt"
        file.write_text(f"{set_}\thttp://x\tIL6\tJAK1\n")
        sig = ms.sig.fetch(name, path=file)
        assert (sig.up, sig.kind) == (("IL6", "JAK1"), "components")
    with pytest.raises(ms.DownloadError, match=r"No file 'absent\.gmt'"):
        ms.sig.fetch("kegg.jak_stat", path="absent.gmt")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("cytosig.il6", "gene\tTNF\nA\t1\n", r"no column 'IL6' \(seen: TNF\)"),
        ("cytosig.il6", "gene\tIL6\nA\t1\nB\n", r"1 of its lines are cut off \(line 3\)"),
        ("cytosig.il6", "gene\tIL6\nA\t1\n", "1 genes rise, 100 are asked for"),
        ("cytosig.il6_all", "gene\tIL6\nA\tx\n", "'x' is not a number"),
        ("collectri.stat3", "tf,target\nSTAT3,SOCS3\n", "no columns source, weight"),
        ("collectri.stat3", "source,target,weight\nSTAT1,IRF1,1\n", "no targets of STAT3"),
        ("collectri.stat3", "source,target,weight\nSTAT3,SOCS3,1\nSTAT3,TP\n", "line 3 is cut off"),
        ("collectri.stat3", "<html>login</html>", "a web page, perhaps a login"),
        ("kegg.jak_stat", "OTHER\tx\tIL6\n", "no set KEGG_JAK_STAT_SIGNALING_PATHWAY"),
    ],
)
def test_a_file_that_is_something_else_is_refused(tmp_path, name, text, message):
    file = tmp_path / "file.txt"
    file.write_text(text)
    with pytest.raises(ms.SignatureError, match=message):
        ms.sig.fetch(name, path=file)


def test_unknown_recipe_offers_close_ones_and_load_points_to_fetch():
    with pytest.raises(ms.SignatureError, match=r"Did you mean .*cytosig\.il6"):
        ms.sig.fetch("cytosig.il66")
    for name in ("cytosig.il6", "il6.cytosig_il6"):
        with pytest.raises(ms.SignatureError, match=r"ms\.sig\.fetch\('cytosig\.il6'\)"):
            ms.sig.load(name)


def test_recipes_are_sound():
    table = ms.sig.recipes()
    assert table["id"].is_unique
    assert not set(table["id"]) & set(ms.sig.table()["id"])
    assert table.loc[table["url"] != "", "url"].str.startswith("https://").all()
    for recipe in known().values():
        assert ms.sig.Signature(
            recipe.id, axis=recipe.id.split(".")[0], genes=["A"], use={"kind": recipe.own["kind"]}
        )
        assert recipe.by_hand.count("ms.sig.fetch(") == 1


@pytest.mark.shared
def test_real_lists_survive_the_owners_layout(shared, tmp_path):
    """Published lists of the same recipes, laid out as their owner does."""
    import csv

    folder = Path(shared) / "reference" / "genesets"
    names = ["zeng2022_lspc_primed", "zeng2022_mono_like"]
    lines = []
    for name, set_ in zip(names, ("LSPC-Primed-Top100", "Mono-like-Top100"), strict=True):
        with (folder / f"{name}_top100.tsv").open(newline="") as handle:
            genes = [row["symbol"] for row in csv.DictReader(handle, delimiter="\t")]
        lines.append("\t".join([set_, set_, *genes]))
    file = tmp_path / "AMLCellType_Genesets.gmt"
    file.write_text("\n".join(lines).replace("SEPT6", "06-Sep").replace("SEPT11", "11-Sep") + "\n")
    for name in names:
        sig = ms.sig.fetch(name.replace("_", ".", 1), path=file)
        assert len(sig) == 100
        assert len(sig.unmapped) <= 3
    assert {"SEPTIN6", "SEPTIN11"} <= set(ms.sig.fetch("zeng2022.lspc_primed", path=file).genes)


def test_what_is_shipped_is_not_fetched():
    with pytest.raises(ms.SignatureError, match=r"Type ms\.sig\.load\('emt\.hallmark'\)"):
        ms.sig.fetch("emt.hallmark")
