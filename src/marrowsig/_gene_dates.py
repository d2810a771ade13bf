"""Gene symbols that a spreadsheet turned into dates: MARCH3 -> 3-Mar, SEPT2 -> Sep-02, DEC1 -> 1-Dec."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from marrowsig._genes import GeneTable

# Old symbols that start with the name of a month; a month without such a family cannot be repaired.
_FAMILIES = {3: ("MARCH", "MARC"), 9: ("SEPT",), 12: ("DEC",)}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_OTHERS = {
    "mrz": "mar", "mär": "mar", "mai": "may", "okt": "oct", "dez": "dec",  # German; Portuguese has dez, too
    "mrt": "mar", "déc": "dec", "set": "sep", "dic": "dec", "mag": "may", "ago": "aug",  # Dutch to Spanish
}  # fmt: skip
_NAME = "|".join((*_MONTHS, "sept", *_OTHERS, "märz", "mars"))
_GAP = r"(?:-|\.? )"  # 9-Sep; 01. Sep and Sep 09 are German
_DAY_FIRST = re.compile(rf"(\d{{1,2}}){_GAP}({_NAME})(?:[- ]\d{{1,4}})?", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"({_NAME}){_GAP}(\d{{1,2}})(?:[- ]\d{{1,4}})?", re.IGNORECASE)
_ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?: 00:00:00)?(?:-\d{1,3})?")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2}(?:\d{2})?)")  # 05.09.2024 is German
_SLASHED = re.compile(r"\d{1,2}/\d{1,2}/\d{2,4}(?:-\d{1,3})?")
_SERIAL = re.compile(r"[345]\d{4}(?:\.0)?")
_SERIAL_ZEROS = (date(1899, 12, 30), date(1904, 1, 1))  # Excel, and Excel of older Macintoshs


@dataclass(frozen=True, slots=True)
class DateName:
    """What a date can have been: the month and the numbers that may have followed the family's name.

    A number stands for one of the `dates`, by the year from which the workbook counts its days.
    """

    month: int
    numbers: tuple[int, ...]
    dates: tuple[date, ...] = ()


def read_date(name: str, *, iso: str = "") -> DateName | None:
    """Read `name` as a damaged symbol; `None` if it is not a date.

    `iso` is the reading of year-month-day that the other names of the matrix support (see `iso_reading`).
    """
    if found := _DAY_FIRST.fullmatch(name):
        return DateName(_month(found[2]), (int(found[1]),))
    if found := _MONTH_FIRST.fullmatch(name):
        return DateName(_month(found[1]), (int(found[2]),))
    if dated := _year_month_day(name):
        year, month, day = dated
        return DateName(month, _iso_numbers(year, day, iso)) if 1 <= month <= 12 else None
    if _SLASHED.fullmatch(name):
        return DateName(0, ())
    if _SERIAL.fullmatch(name):
        dates = tuple(zero + timedelta(days=int(float(name))) for zero in _SERIAL_ZEROS)
        return DateName(0, (), dates)
    return None


def iso_reading(names: Iterable[str]) -> str:
    """Whether year-month-day names carry the number as "day" (2021-09-06) or as "year" (2006-09-01).

    Both habits write SEPT1 of 2006 and SEPT6 alike; only the other dates of the matrix tell, else "".
    """
    dates = [found for name in names if (found := _year_month_day(name))]
    if any(day > 1 for _, _, day in dates):
        return "day"
    return "year" if len({year for year, _, _ in dates}) > 1 else ""


def symbols_of(seen: DateName, table: GeneTable) -> tuple[str, ...]:
    """Approved symbols that the date can stand for."""
    old = [f"{family}{n}" for family in _FAMILIES.get(seen.month, ()) for n in seen.numbers]
    return tuple(sorted({symbol for name in old for symbol in table.previous.get(name, ())}))


def named(seen: DateName, table: GeneTable, iso: str) -> str:
    """Say what a date can have been, for one that is not repaired."""
    if not seen.dates:
        return " or ".join(symbols_of(seen, table)) or "no gene family of this month and number"
    first, later = (
        f"{day.isoformat()} ({' or '.join(symbols_of(_of_day(day, iso), table)) or 'no gene'})"
        for day in seen.dates
    )
    return f"the spreadsheet number of {first}, or, in a workbook that counts from 1904, of {later}"


def _of_day(day: date, iso: str) -> DateName:
    return DateName(day.month, _iso_numbers(day.year, day.day, iso))


def _year_month_day(name: str) -> tuple[int, int, int] | None:
    if found := _ISO.fullmatch(name):
        year, month, day = (int(part) for part in found.groups())
    elif found := _DOTTED.fullmatch(name):
        day, month, year = (int(part) for part in found.groups())
    else:
        return None
    return year, month, day


def _month(name: str) -> int:
    start = name[:3].lower()
    return _MONTHS.index(_OTHERS.get(start, start)) + 1


def _iso_numbers(year: int, day: int, reading: str) -> tuple[int, ...]:
    if day > 1 or reading == "day":
        return (day,)
    return (year % 100,) if reading == "year" else (1, year % 100)
