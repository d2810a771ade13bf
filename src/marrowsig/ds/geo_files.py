"""List what a GEO series offers."""

from __future__ import annotations

import pandas as pd

from marrowsig.ds._geo_choose import holds
from marrowsig.ds._geo_listing import computed_counts, matrices, supplements
from marrowsig.ds._geo_place import series


def geo_files(accession: str) -> pd.DataFrame:
    """List the files of a GEO series that `ms.ds.geo` can take, and the others with what they are.

    Only listings are fetched, no data. They are kept for a day, and used for longer when offline.

    Parameters
    ----------
    accession
        Accession of the series, as in "GSE48558".

    Returns
    -------
    DataFrame
        One row a file: `name`, `route` ("matrix", "ncbi" or "files"), `holds` (by its name: "counts",
        "expected_counts", "tpm", "fpkm", "normalised", "table", "archive", "other"), `bytes` (<NA> where GEO
        does not say; rounded where it lists no exact size), `inside` (the archive that holds it) and `url`.

    Raises
    ------
    InputError
        If `accession` is not that of a series.
    DownloadError
        If GEO cannot be reached, or `MARROWSIG_OFFLINE` is set and the listing is not in the cache.

    Notes
    -----
    https://www.ncbi.nlm.nih.gov/geo/info/download.html tells where the archive keeps what.

    Examples
    --------
    >>> import marrowsig as ms
    >>> ms.ds.geo_files("GSM1180750")
    Traceback (most recent call last):
    ...
    marrowsig._errors.InputError: 'GSM1180750' is no GEO series. It is a sample. Give the accession of ...
    """
    known = series(accession)
    rows = [(e, "matrix", "series matrix") for e in matrices(known)]
    rows += [(e, "ncbi", "counts") for e in computed_counts(known)[0]]
    rows += [(e, "files", holds(e.name)) for e in supplements(known)]
    table = pd.DataFrame(
        [(e.name, route, what, e.size, e.inside, e.remote.url) for e, route, what in rows],
        columns=["name", "route", "holds", "bytes", "inside", "url"],
    )
    table["bytes"] = table["bytes"].astype("Int64").mask(table["bytes"] < 0)
    return table
