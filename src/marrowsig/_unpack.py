"""Unpack what others packed: never outside the target, never without bound."""

from __future__ import annotations

import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from marrowsig._errors import InputError, first

if TYPE_CHECKING:
    from collections.abc import Callable

PIECE = 1 << 20
MOST_BYTES = 20_000_000_000  # unpacked; the largest matrices that a person reads as text are below
MOST_MEMBERS = 100_000
# Deflate can swell a thousandfold; a table of nothing but zeros reaches 500, a real one 5 to 50.
SUSPICIOUS = 600
INNOCENT = 64_000_000  # below this nothing is harmed, whatever the ratio


def gunzip(raw: bytes, name: str) -> bytes:
    """Unpack gzip, also of several members.

    Raises
    ------
    InputError
        If the stream is cut off or damaged, or swells beyond what a table does.
    """
    pieces: list[bytes] = []
    _walk(lambda start, size: raw[start : start + size], name, pieces.append)
    return b"".join(pieces)


def check_gzip(path: Path) -> None:
    """Raise `InputError` if `path` starts as gzip and does not end as it should; other files pass."""
    with path.open("rb") as handle:
        if handle.read(2) != b"\x1f\x8b":
            return
        handle.seek(0)
        _walk(lambda _, size: handle.read(size), path.name, lambda _: None)


def unpack_tar(
    path: Path, into: Path, *, wanted: Callable[[str], bool], most_bytes: int = MOST_BYTES
) -> list[Path]:
    """Write the wanted members of a tar archive into the folder `into`, under their last name.

    Raises
    ------
    InputError
        If the archive is damaged, holds links, devices, paths that lead outside or one name twice, or more
        members or bytes than an archive of tables does. Nothing is written outside `into` in any case.
    """
    from marrowsig._progress import tqdm

    written: list[Path] = []
    total = 0
    try:
        with tarfile.open(path, mode="r:*") as archive:
            members = tqdm(archive, desc=path.name, unit=" files", delay=2, leave=False)
            for number, member in enumerate(members):
                if number >= MOST_MEMBERS:
                    msg = f"{path.name} holds more than {MOST_MEMBERS:,} files. Unpack it by hand."
                    raise InputError(msg)
                _refuse_odd(member, path.name)
                name = PurePosixPath(member.name).name
                if not member.isreg() or not wanted(name):
                    continue
                total += member.size
                if total > most_bytes:
                    msg = f"{path.name} unpacks to more than {most_bytes:,} bytes. Unpack it by hand."
                    raise InputError(msg)
                written.append(_write(archive, member, into / name, path.name))
            _refuse_without_end(archive, path.name)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        msg = f"{path.name} is cut off or damaged, or no tar archive ({error}). Download it again."
        raise InputError(msg) from error
    return written


def _refuse_odd(member: tarfile.TarInfo, name: str) -> None:
    parts = PurePosixPath(member.name).parts
    outside = (
        member.name.startswith(("/", "\\")) or ".." in parts or "\\" in member.name or ":" in member.name
    )
    if outside or "\0" in member.name:
        msg = f"{name} holds a path that leads outside: {member.name[:80]!r}. Nothing of it is read."
        raise InputError(msg)
    if not (member.isreg() or member.isdir()) or member.issparse():
        msg = f"{name} holds {member.name[:80]!r}, a link or device, not a file. Nothing of it is read."
        raise InputError(msg)


def _refuse_without_end(archive: tarfile.TarFile, name: str) -> None:
    """Refuse an archive without its closing zeros: tarfile takes a cut one for a short one."""
    file = archive.fileobj
    if file is not None:
        file.seek(archive.offset)
        if file.read(tarfile.BLOCKSIZE).strip(b"\0") or file.tell() < archive.offset + tarfile.BLOCKSIZE:
            msg = f"{name} is cut off: the archive does not end as it should. Download it again."
            raise InputError(msg)


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, place: Path, name: str) -> Path:
    source = archive.extractfile(member)
    if source is None or place.exists():
        msg = f"{name} holds {first([place.name])} more than once. Unpack it by hand."
        raise InputError(msg)
    with source, place.open("xb") as out:
        shutil.copyfileobj(source, out, PIECE)
    if place.stat().st_size != member.size:
        msg = f"{name} is cut off: {place.name} has {place.stat().st_size:,} of {member.size:,} bytes."
        raise InputError(msg)
    return place


def _walk(read: Callable[[int, int], bytes], name: str, take: Callable[[bytes], object]) -> None:
    """Unpack piece by piece; every member has to end, and what follows the last may only be zeros."""
    seen = came = 0
    engine, ended = zlib.decompressobj(wbits=31), False
    rest = b""
    while True:
        data = rest
        if not rest:
            data = read(seen, PIECE)
            seen += len(data)
        rest = b""
        if not data:
            break
        if ended:
            data = data.lstrip(b"\0")
            if not data:
                continue
            if not data.startswith(b"\x1f"):
                _cut(name, seen, "other bytes follow the gzip stream")
            engine, ended = zlib.decompressobj(wbits=31), False
        try:
            out = engine.decompress(data, PIECE * 16)
        except zlib.error as error:
            _cut(name, seen, str(error))
        came += len(out)
        if came > MOST_BYTES or (came > INNOCENT and came > SUSPICIOUS * seen):
            msg = f"{name} swells from {seen:,} to over {came:,} bytes when unpacked. It is not read."
            raise InputError(msg)
        take(out)
        ended = engine.eof
        rest = engine.unused_data if ended else engine.unconsumed_tail
    if not ended:
        take(engine.flush())
        ended = engine.eof
    if not ended:
        _cut(name, seen, "it ends too early")


def _cut(name: str, size: int, why: str) -> None:
    msg = (
        f"{name} is cut off or damaged: the gzip stream does not end as it should ({why}). "
        f"Only {size} bytes are there; download it again."
    )
    raise InputError(msg)
