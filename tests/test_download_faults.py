"""What goes wrong on the way, and that nothing of it stays in the cache."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

import marrowsig as ms
from marrowsig import _download
from marrowsig._download import Remote, cached, fetched

BODY = b"gene\ts1\ts2\n" + b"".join(b"G%d\t%d\t%d\n" % (i, i, 2 * i) for i in range(20_000))
URL, PATH = "https://ftp.ncbi.nlm.nih.gov/geo/x.txt", "/ftp.ncbi.nlm.nih.gov/geo/x.txt"
FILE = Remote(URL, "geo/x.txt", "Get it by hand.", hosts=("www.ncbi.nlm.nih.gov",))


@pytest.fixture
def quick(monkeypatch, archive):
    monkeypatch.setattr(_download, "TIMEOUT", (1.0, 0.15))
    monkeypatch.setattr(_download, "time", type("Clock", (), {"sleep": lambda _: None, "time": time.time}))
    archive.put(PATH, BODY)
    return archive


def left_in(cache: Path) -> list[str]:
    return sorted(p.relative_to(cache).as_posix() for p in cache.rglob("*") if p.is_file())


WHOLE = ["geo/x.txt", "geo/x.txt.json"]
FAULTS = {
    "500 then success": ([500], None, 2),
    "busy then success": ([429], None, 2),
    "stall then success": (["stall"], None, 2),
    "short body then success": (["short"], None, 2),
    "no answer, then success": (["drop"], None, 2),
    "404": ([404] * 9, "the server answered 404", 1),
    "403": ([403] * 9, "the server answered 403", 1),
    "500 for good": ([500] * 9, "the server answered 500", 3),
    "stall for good": (["stall"] * 9, "does not answer in time|connection broke", 3),
    "short for good": (["short"] * 9, "bytes came|connection broke", 3),
    "sent on elsewhere": ([{"Location": "https://elsewhere.org/x"}] * 9, "sends on to elsewhere.org", 1),
    "sent on without tls": ([{"Location": "http://www.ncbi.nlm.nih.gov/x"}] * 9, "is not https", 1),
    "sent on to a file": ([{"Location": "file:///etc/passwd"}] * 9, "is not https", 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(quick, name):
    faults, words, tries = FAULTS[name]
    quick.faults[PATH] = list(faults)
    if words is None:
        assert fetched(FILE).read_bytes() == BODY
        assert left_in(quick.cache) == WHOLE
        assert json.loads((quick.cache / WHOLE[1]).read_text())["sha256"] == hashlib.sha256(BODY).hexdigest()
    else:
        with pytest.raises(ms.DownloadError, match=words) as caught:
            fetched(FILE)
        assert "Get it by hand." in str(caught.value)
        assert left_in(quick.cache) == []
    assert len(quick.asked) == tries


def test_wrong_checksum_and_wrong_content(quick):
    known = Remote(URL, "geo/x.txt", "Get it by hand.", sha256="0" * 64)
    with pytest.raises(ms.DownloadError, match="it is another file"):
        fetched(known)
    for body, words in (
        (b"", "empty"),
        (b"<!DOCTYPE html><html>login", "web page"),
        (b"\x1f\x8b\x08cut", "cut off"),
    ):
        quick.put(PATH, body)
        with pytest.raises(ms.DownloadError, match=words):
            fetched(FILE)
    assert left_in(quick.cache) == []


def test_a_file_that_changed_in_the_cache_is_refused(quick):
    place = fetched(FILE)
    place.write_bytes(BODY[:-1])
    with pytest.raises(ms.DownloadError, match=r"Delete it and x\.txt\.json"):
        fetched(FILE)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_disk_full(quick, monkeypatch, number):
    real = Path.open

    class Full:
        def __init__(self, handle):
            self.handle, self.room = handle, 100_000

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.handle.close()

        def write(self, piece):
            self.room -= len(piece)
            if self.room < 0:
                raise OSError(number, os.strerror(number))
            return self.handle.write(piece)

    def filling(self, mode="r", *args, **kwargs):
        handle = real(self, mode, *args, **kwargs)
        return Full(handle) if mode == "wb" else handle

    monkeypatch.setattr(Path, "open", filling)
    with pytest.raises(ms.DownloadError, match=r"Make room there, or name another folder in MARROWSIG_CACHE"):
        fetched(FILE)
    monkeypatch.setattr(Path, "open", real)
    assert left_in(quick.cache) == []
    assert fetched(FILE).read_bytes() == BODY


SCRIPT = """
import os, signal, sys, threading
from marrowsig._download import Remote, fetched
signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell hands on that it is ignored
print("begun", flush=True)
place = fetched(Remote({url!r}, "geo/x.txt", "by hand"))
print(len(place.read_bytes()), flush=True)
"""


def start(archive):
    env = os.environ | {"MARROWSIG_MIRROR": archive.url, "MARROWSIG_CACHE": str(archive.cache)}
    code = textwrap.dedent(SCRIPT.format(url=URL))
    return subprocess.Popen(
        [sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_ctrl_c_leaves_nothing(archive):
    archive.put(PATH, BODY)
    archive.faults[PATH] = ["stall"]
    process = start(archive)
    until = time.monotonic() + 30
    # Once the server was asked, pooch is past the moment between making its file and minding it.
    while not archive.asked and time.monotonic() < until:
        time.sleep(0.01)
    assert left_in(archive.cache), "nothing was on its way"
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert process.returncode != 0
    assert b"KeyboardInterrupt" in error
    assert left_in(archive.cache) == []


def test_two_processes_at_once_get_the_whole_file(archive):
    archive.put(PATH, BODY)
    processes = [start(archive) for _ in range(2)]
    for process in processes:
        out, error = process.communicate(timeout=60)
        assert out.split()[-1] == str(len(BODY)).encode(), error
    assert left_in(archive.cache) == WHOLE
    assert cached(FILE) == archive.cache / "geo/x.txt"


def test_listings_are_renewed_and_the_old_one_stays_until_then(quick):
    page = Remote(URL, "geo/page.html", "x", page=True, max_age=60)
    quick.put(PATH, "<html>one")
    assert fetched(page).read_text() == "<html>one"
    quick.put(PATH, "<html>two")
    assert fetched(page).read_text() == "<html>one"
    old = quick.cache / "geo/page.html"
    os.utime(old, (1, 1))
    quick.faults[PATH] = [500] * 3
    with pytest.raises(ms.DownloadError):
        fetched(page)
    assert old.read_text() == "<html>one"
    assert fetched(page).read_text() == "<html>two"
    assert left_in(quick.cache) == ["geo/page.html", "geo/page.html.json"]


def test_more_bytes_than_allowed(quick):
    with pytest.raises(ms.DownloadError, match="larger than 1,000 bytes"):
        fetched(Remote(URL, "geo/x.txt", "x", limit=1000))
    assert left_in(quick.cache) == []


def test_a_file_without_a_record_is_checked_like_any_other(quick):
    place = quick.cache / "geo/x.txt"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"<!DOCTYPE html><html>login")
    with pytest.raises(ms.DownloadError, match="web page"):
        fetched(FILE)
    place.write_bytes(BODY)
    assert fetched(FILE) == place
    assert left_in(quick.cache) == WHOLE
