"""What can be downloaded: the table ``downloads.csv``, with an office's mirrors in place of the publishers' servers."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from psttm_geo.core.errors import UnknownNameError
from psttm_geo.core.messages import Text, gettext, same
from psttm_geo.fetch.download_records import BYTES_PER_MB, Download
from psttm_geo.schema.dictionary import YES


def choose_downloads(table: pd.DataFrame, mirrors: Mapping[str, Any], group: str, year: int | None) -> list[Download]:
    """Return the files of a group for a year.

    Parameters
    ----------
    table
        ``downloads.csv``, all cells text.
    mirrors
        Addresses that an office uses instead, by the name of their setting; None for none.
    group
        One of :data:`psttm_geo.schema.code_lists.DOWNLOAD_GROUPS`.
    year
        None for the latest that is known to exist; files that are not published by year take none.

    Raises
    ------
    UnknownNameError
        The group is not published for `year`, or not by year at all.
    """
    rows = table[table["what"] == group].to_dict("records")
    return [_read_row({str(key): str(cell) for key, cell in row.items()}, mirrors, year) for row in rows]


def _read_row(row: dict[str, str], mirrors: Mapping[str, Any], year: int | None) -> Download:
    title = Text(row["title_it"], row["title_en"])
    _require_published(row, title, year)
    mirror: str | None = mirrors.get(row["mirror_setting"])
    server = (mirror or row["server"]).rstrip("/")
    said = str(year or row["latest_year"])
    path, checksum_path, file, expects = (
        row[column].replace("{year}", said) for column in ("path", "checksum_path", "file", "expects")
    )
    return Download(
        identifier=row["download"],
        year=int(said) if said else None,
        title=title,
        publisher=row["publisher"],
        licence=row["licence"],
        attribution=row["attribution"],
        page=row["page"],
        url=server + path,
        checksum_url=server + checksum_path if checksum_path else None,
        file=file,
        kind=row["kind"],  # type: ignore[arg-type] # the table's contract allows these kinds alone
        expects=tuple(expects.split(";")) if expects else (),
        size_bytes=round(float(row["size_mb"]) * BYTES_PER_MB) if row["size_mb"] else None,
        as_browser=row["as_browser"] == YES,
    )


def _require_published(row: dict[str, str], title: Text, year: int | None) -> None:
    if year is None:
        return
    first, last = row["first_year"], row["last_year"]
    if not first:
        raise UnknownNameError(gettext("“{title}” is not published by year: repeat without --year.", title=title))
    if year < int(first) or (last and year > int(last)):
        span = gettext("from {first} on", first=first) if not last else same(f"{first}-{last}")
        raise UnknownNameError(
            gettext(
                "“{title}”: year {year} was requested, years {span} can be fetched; choose one of them.",
                title=title,
                year=year,
                span=span,
            )
        )
