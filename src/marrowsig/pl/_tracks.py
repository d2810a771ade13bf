"""Strips of colour above a heat map that say what each sample is, and their legend."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from marrowsig._errors import InputError, first
from marrowsig.pl._colours import MISSING, OKABE_ITO, ink_on
from marrowsig.pl._levels import chosen_colours
from marrowsig.pl._style import SMALL, from_corner
from marrowsig.pl._words import long

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

STRIP = 2.2  # millimetres, each
LINE = 3.0  # of the legend
GAP = 0.4
MOST = 12  # values of a column that have colours of their own


@dataclass(frozen=True)
class Track:
    """One column of `obs` in the order of the samples: colours, what they mean, and levels in words."""

    name: str
    rgba: np.ndarray
    key: tuple[tuple[str, Any], ...]
    levels: tuple[str, ...] = ()


def tracks(
    obs: pd.DataFrame,
    columns: Sequence[str],
    *,
    palette: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> list[Track]:
    """Give every column its colours; those of two columns differ as long as there are enough.

    `palette` has the colours of some levels, `labels` other words for columns and levels.
    """
    lacking = [name for name in columns if name not in obs]
    if lacking:
        msg = f"obs has no column {first(lacking)}; it has {first(obs.columns)}."
        raise InputError(msg)
    told, made, used = labels or {}, list[Track](), 0
    shown = [c for c in columns if not _is_number(obs[c])]
    own = chosen_colours(palette, [str(level) for c in shown for level in obs[c].dropna().unique()])
    for name in dict.fromkeys(columns):
        column = obs[name]
        if _is_number(column):
            made.append(_numbers(told.get(name, name), column))
            continue
        track = _levels(name, column, used, own, told)
        made.append(track)
        used += len(track.key)
    return made


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column))


def _levels(
    name: str, column: pd.Series, used: int, own: Mapping[str, str], told: Mapping[str, str]
) -> Track:
    from matplotlib.colors import to_rgba

    text = column.astype(object).where(column.notna(), None)
    levels = list(dict.fromkeys(str(value) for value in text if value is not None))
    if len(levels) > MOST:
        msg = f"obs[{name!r}] has {len(levels)} values, too many to tell apart by colour ({MOST} at most)."
        raise InputError(msg)
    palette = {level: OKABE_ITO[(used + i) % len(OKABE_ITO)] for i, level in enumerate(levels)}
    palette |= {level: own[level] for level in levels if level in own}
    shown = [MISSING if value is None else palette[str(value)] for value in text]
    count = text.map(str).value_counts()
    key = [(f"{told.get(level, level)} ({count[level]})", palette[level]) for level in levels]
    if None in set(text):
        key.append((f"missing ({sum(value is None for value in text)})", MISSING))
    own_words = tuple("missing" if value is None else told.get(str(value), str(value)) for value in text)
    return Track(told.get(name, name), np.array([to_rgba(colour) for colour in shown]), tuple(key), own_words)


def _numbers(name: str, column: pd.Series) -> Track:
    from matplotlib import colormaps

    values = column.to_numpy(dtype=float)
    low, high = (np.nanmin(values), np.nanmax(values)) if np.isfinite(values).any() else (0.0, 0.0)
    share = (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 0.5)
    cmap = colormaps["cividis_r"].with_extremes(bad=MISSING)
    key = [(f"{low:.3g}", cmap(0.0)), (f"{high:.3g}", cmap(1.0))]
    return Track(name, cmap(np.ma.masked_invalid(share)), tuple(key))


def height(made: Sequence[Track], width: float) -> float:
    """Millimetres that strips and legend take above an image."""
    lines = sum(len(_wrapped(track, width)) for track in made)
    return len(made) * (STRIP + GAP) + LINE * lines + 1.5 if made else 0.0


def draw(ax: Axes, made: Sequence[Track], *, left: float, inner: float, width: float) -> None:
    """Draw the strips above an image, and above them the legend; it begins `left` of the image.

    `inner` is the width of the image. Levels stand in the strips where there is room for the word.
    """
    from matplotlib.transforms import blended_transform_factory

    corner = from_corner(ax, 0.0, 1.0)
    across = blended_transform_factory(ax.transAxes, corner)
    at = GAP
    for track in reversed(made):
        strip = ax.inset_axes((0.0, at, 1.0, STRIP), transform=across)
        strip.imshow(track.rgba[None], aspect="auto", interpolation="none")
        strip.set_xticks([])
        strip.set_yticks([0], [track.name], fontsize=SMALL)
        strip.tick_params(length=0, pad=2)
        for x, word, ink in _words(track, inner):
            strip.text(x, 0.0, word, ha="center", va="center_baseline", fontsize=SMALL, color=ink)
        for spine in strip.spines.values():
            spine.set_visible(False)
        at += STRIP + GAP
    at += 0.6
    for track in reversed(made):
        for line in reversed(_wrapped(track, width)):
            for x, words, colour in line:
                y, inset = at + LINE / 2, 0.0 if colour is None else 2.0
                if colour is not None:
                    ax.plot([x - left + 0.6], [y], "s", ms=3.6, color=colour, transform=corner, clip_on=False)
                ax.text(x - left + inset, y, words, transform=corner, va="center", fontsize=SMALL)
            at += LINE


def _words(track: Track, inner: float) -> list[tuple[float, str, str]]:
    """Middle, word and ink of the levels that fit into the samples beside each other that have them."""
    ends = [i + 1 for i, (a, b) in enumerate(pairwise(track.levels)) if a != b]
    found = []
    for start, end in pairwise([0, *ends, len(track.levels)] if track.levels else []):
        if long([track.levels[start]]) + 1.0 <= (end - start) / len(track.levels) * inner:
            found.append(((start + end - 1) / 2, track.levels[start], ink_on(track.rgba[start])))
    return found


def _wrapped(track: Track, width: float) -> list[list[tuple[float, str, Any]]]:
    """Lines of (left end in millimetres, words, colour): the column's name, then its levels."""
    lines: list[list[tuple[float, str, Any]]] = [[(0.0, f"{track.name}:", None)]]
    at = long([f"{track.name}:"]) + 1.2
    for words, colour in track.key:
        need = long([words]) + 4.4
        if at + need > width and len(lines[-1]) > 1:
            lines.append([])
            at = 2.0
        lines[-1].append((at, words, colour))
        at += need
    return lines
