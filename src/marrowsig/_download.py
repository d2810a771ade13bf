"""The one door through which files come from elsewhere: whole, checked, and from named hosts only."""

from __future__ import annotations

import errno
import hashlib
import json
import math
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from marrowsig._errors import DownloadError, InputError, first
from marrowsig._unpack import check_gzip

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHE, OFFLINE, MIRROR = "MARROWSIG_CACHE", "MARROWSIG_OFFLINE", "MARROWSIG_MIRROR"
TIMEOUT = (10.0, 60.0)  # seconds to connect, and between two pieces
_NO_PLACE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EFBIG}
TRIES, REDIRECTS = 3, 5
PIECE = 1 << 16


class AbsentError(DownloadError):
    """The server says that it has no such file."""


@dataclass(frozen=True)
class Remote:
    """A file elsewhere.

    url       where its owner publishes it; https
    name      file name in the cache, with folders parted by "/"
    by_hand   what a person can do where it cannot be fetched; closes every error
    hosts     further hosts that the first may send on to
    sha256    known hash of the content, or empty: that of the first fetch is kept and checked from then on
    git_blob  known git object id of the content, or empty
    limit     bytes that it cannot be larger than
    page      whether a web page is what is wanted, not a sign of failure
    max_age   seconds after which it is fetched anew where there is a network; pages of an archive change
    """

    url: str
    name: str
    by_hand: str
    hosts: tuple[str, ...] = ()
    sha256: str = ""
    git_blob: str = ""
    limit: int = 2_000_000_000
    page: bool = False
    max_age: float = math.inf


def cache() -> Path:
    """Folder of fetched files: that of the variable MARROWSIG_CACHE, or the usual place of the system."""
    if os.environ.get(CACHE):
        return Path(os.environ[CACHE])
    import pooch

    return Path(pooch.os_cache("marrowsig"))


def cached(remote: Remote) -> Path | None:
    """Path of the file if it lies whole in the cache, checked against its hash; None if it is not there."""
    place = cache() / remote.name
    if not place.is_file() or not _record(place):
        return None
    said, found = str(_record(place).get("sha256")), _sha256(place)
    if found != said or (remote.sha256 and found != remote.sha256):
        msg = (
            f"{place} is not the file that was fetched: its SHA-256 is {found[:12]}..., "
            f"not {(remote.sha256 or said)[:12]}... Delete it and {place.name}.json, and fetch again."
        )
        raise DownloadError(msg)
    return place


def fetched(remote: Remote, *, notes: dict[str, Any] | None = None) -> Path:
    """Path of the file in the cache, fetched if it is not there; `notes` are kept beside it.

    A file appears in the cache whole and checked, or not at all.
    """
    place, offline = cached(remote), os.environ.get(OFFLINE, "") not in ("", "0")
    if place is not None and (offline or time.time() - place.stat().st_mtime < remote.max_age):
        return place
    if offline:
        raise DownloadError(_failed(remote, f"{OFFLINE} is set"))
    import pooch

    from marrowsig.io._atomic import atomic

    place = cache() / remote.name
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        # The new copy of a page waits under another name, so that the old one stays until it is there.
        arriving = place if remote.max_age == math.inf else place.with_name(f"{place.name}.{os.getpid()}")
        if arriving.is_file():  # put there by hand, or by a run that was killed before it made its record
            _Door(remote)._check(arriving)
        with _quiet(pooch):
            pooch.retrieve(
                remote.url, known_hash=None, fname=arriving.name, path=place.parent, downloader=_Door(remote)
            )
        facts = {"url": remote.url, "sha256": _sha256(arriving), "retrieved": _now()}
        arriving.replace(place)
        with atomic(_beside(place)) as part:
            part.write_text(json.dumps(facts | (notes or {}), indent=1), encoding="utf-8")
    except OSError as error:
        if isinstance(error, DownloadError) or error.errno not in _NO_PLACE:
            raise
        why = f"{cache()} cannot be written ({error.strerror}). Make room there, or name another folder in"
        raise DownloadError(_failed(remote, f"{why} {CACHE}")) from error
    return place


def record(remote: Remote) -> dict[str, Any]:
    """Return url, sha256, retrieved and the notes that were kept beside the file in the cache."""
    return _record(cache() / remote.name)


def _now() -> str:
    return datetime.now(tz=UTC).isoformat(timespec="seconds")


def _record(place: Path) -> dict[str, Any]:
    beside = _beside(place)
    try:
        return dict(json.loads(beside.read_text(encoding="utf-8"))) if beside.is_file() else {}
    except ValueError:
        return {}


def _beside(place: Path) -> Path:
    return place.with_name(f"{place.name}.json")


def _sha256(place: Path) -> str:
    with place.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _failed(remote: Remote, why: str) -> str:
    return f"{remote.url} could not be fetched: {why}. {remote.by_hand}"


class _Door:
    """Downloader for pooch, which gives it a temporary file and moves that only after it returned."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote

    def __call__(self, url: str, output_file: str, _: object) -> None:
        import requests

        last = ""
        for turn in range(TRIES):
            if turn:
                time.sleep(turn)
            try:
                last = self._once(url, Path(output_file))
            except requests.RequestException as error:
                last = _plainly(error)
            if not last:
                return
        raise DownloadError(_failed(self.remote, last))

    def _once(self, url: str, place: Path) -> str:
        """Fetch into `place`; return why a further try may help, or nothing."""
        with self._answer(url) as answer:
            if answer.status_code >= 500 or answer.status_code == 429:
                return f"the server answered {answer.status_code}"
            if answer.status_code in (404, 410):
                raise AbsentError(_failed(self.remote, f"the server answered {answer.status_code}"))
            if answer.status_code != 200:
                raise DownloadError(_failed(self.remote, f"the server answered {answer.status_code}"))
            size, told = self._store(answer, place), answer.headers.get("Content-Length", "")
        if told.isdigit() and not answer.headers.get("Content-Encoding") and size != int(told):
            return f"{size:,} of {int(told):,} bytes came"
        self._check(place)
        return ""

    @contextmanager
    def _answer(self, url: str) -> Iterator[Any]:
        """Answer to a request, after redirects to allowed hosts."""
        import requests

        allowed = {urlsplit(url).hostname, *self.remote.hosts}
        where, mirror = _through_mirror(url)
        with requests.Session() as session:
            for _ in range(REDIRECTS + 1):
                self._allow(where, allowed, mirror)
                with session.get(where, **_asked()) as answer:
                    if not answer.is_redirect:
                        yield answer
                        return
                    where = urljoin(where, answer.headers["Location"])
        raise DownloadError(_failed(self.remote, f"the server sent on more than {REDIRECTS} times"))

    def _allow(self, url: str, allowed: set[str | None], mirror: str) -> None:
        parts = urlsplit(url)
        if mirror and (parts.scheme, parts.netloc) == urlsplit(mirror)[:2]:
            return
        if parts.scheme != "https":
            raise DownloadError(_failed(self.remote, f"{url} is not https"))
        if parts.hostname not in allowed:
            raise DownloadError(
                _failed(self.remote, f"the server sends on to {parts.hostname}, not a known host")
            )

    def _store(self, answer: Any, place: Path) -> int:
        from marrowsig._progress import tqdm

        told = answer.headers.get("Content-Length", "")
        size, total = 0, int(told) if told.isdigit() else None
        name = Path(self.remote.name).name
        with (
            place.open("wb") as out,
            tqdm(total=total, desc=name, unit="B", unit_scale=True, delay=2, leave=False) as bar,
        ):
            for piece in answer.iter_content(PIECE):
                size += len(piece)
                if size > self.remote.limit:
                    why = f"it is larger than {self.remote.limit:,} bytes"
                    raise DownloadError(_failed(self.remote, why))
                out.write(piece)
                bar.update(len(piece))
        return size

    def _check(self, place: Path) -> None:
        """Refuse a page in place of data, and content that is not what is known."""
        with place.open("rb") as handle:
            head = handle.read(512).lstrip().lower()
        if not head:
            raise DownloadError(_failed(self.remote, "the file is empty"))
        if head.startswith((b"<!doctype html", b"<html")) and not self.remote.page:
            raise DownloadError(_failed(self.remote, "a web page came in place of the file, perhaps a login"))
        try:
            check_gzip(place)
        except InputError as error:
            raise DownloadError(_failed(self.remote, f"what came is no whole file. {error}")) from error
        known = {"SHA-256": (self.remote.sha256, _sha256), "git object id": (self.remote.git_blob, _git_blob)}
        for name, (expected, of) in known.items():
            if expected and of(place) != expected:
                why = f"its {name} is {of(place)[:12]}..., not {expected[:12]}..., so it is another file"
                raise DownloadError(_failed(self.remote, why))


def _through_mirror(url: str) -> tuple[str, str]:
    """Address to ask, and the mirror that MARROWSIG_MIRROR names, which holds <mirror>/<host>/<path>."""
    mirror = os.environ.get(MIRROR, "").rstrip("/")
    if not mirror:
        return url, ""
    parts = urlsplit(mirror)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
        msg = f"{MIRROR} is {mirror!r}. Give an https address; http is for this computer only (127.0.0.1)."
        raise DownloadError(msg)
    asked = urlsplit(url)
    query = f"?{asked.query}" if asked.query else ""
    return f"{mirror}/{asked.hostname}{asked.path}{query}", mirror


def _asked() -> dict[str, Any]:
    # A file that the server packs for the way would arrive with another content than it has there.
    as_is = {"Accept-Encoding": "identity"}
    return {"stream": True, "timeout": TIMEOUT, "allow_redirects": False, "headers": as_is}


def _git_blob(place: Path) -> str:
    """Name that git gives a file of this content."""
    content = place.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _plainly(error: Exception) -> str:
    text = str(error)
    if "timed out" in text.lower():
        return "the server does not answer in time"
    if any(sign in text for sign in ("resolve", "getaddrinfo", "Connection refused", "unreachable")):
        return "there is no connection to the server"
    return f"the connection broke ({first([type(error).__name__])})"


@contextmanager
def _quiet(pooch: Any) -> Iterator[None]:
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)
