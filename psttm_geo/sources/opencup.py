"""OpenCUP's list of places: which projects (CUP) stand in which municipalities, without amounts or drivers."""

from pathlib import Path

import pandas as pd

from psttm_geo.errors import TableError, Text
from psttm_geo.files import sha256_of
from psttm_geo.model.codes import normalise_codes, successors_of
from psttm_geo.model.projects import UNKNOWN_EDITION, Projects
from psttm_geo.model.provenance import UNSTATED, Source
from psttm_geo.sources.tables import cell_fault

COLUMNS = ("cup", "codice_comune", "codice_provincia")
"""What tells OpenCUP's file from the office's register."""

_TITLE = "OpenCUP, localizzazioni dei progetti"

_WHOLE_PROVINCE = "-1"
"""OpenCUP's code for "all municipalities of the province"."""


def read_opencup(path: Path, rows: pd.DataFrame, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Projects:
    """Read OpenCUP's places: projects not yet attributed to a driver, of unknown edition, without amounts.

    Parameters and errors as :func:`psttm_geo.sources.projects.read_projects`; `rows` are the cells of `path` as
    :func:`psttm_geo.sources.tables.read_rows` gives them.
    """
    province_wide = rows["codice_comune"] == _WHOLE_PROVINCE
    vague = rows.loc[province_wide & (rows["codice_provincia"] == "015"), "cup"]
    rows = rows[~province_wide]
    codes = normalise_codes(rows["codice_comune"])
    unreadable = rows.index[(rows["cup"] == "") | codes.codes.isna()]
    if len(unreadable):
        raise TableError(
            [
                cell_fault(path, int(row), "CUP o codice del comune illeggibile", "unreadable CUP or municipality code")
                for row in unreadable
            ]
        )
    successors = successors_of(predecessors)
    places = pd.DataFrame(
        {"project": rows["cup"], "municipality_code": codes.codes.map(lambda code: successors.get(code, code))}
    )
    inside = places[places["municipality_code"].isin(municipalities["municipality_code"])].drop_duplicates(
        ignore_index=True
    )
    first = rows.index.to_series().groupby(rows["cup"]).first()
    cups = list(dict.fromkeys(inside["project"]))
    projects = pd.DataFrame(
        {
            "project": cups,
            "title": "",
            "edition": UNKNOWN_EDITION,
            "driver": pd.array([pd.NA] * len(cups), dtype="Int64"),
            "mission": pd.array([pd.NA] * len(cups), dtype="Int64"),
            "amount_eur": float("nan"),
            "status": "",
            "start_date": "",
            "end_date": "",
            "row": [int(first[cup]) for cup in cups],
        }
    )
    notices = codes.notices
    merged = sorted(set(codes.codes) & set(successors))
    if merged:
        listed = ", ".join(f"{code} → {successors[code]}" for code in merged)
        notices += (
            Text(
                f"Comuni confluiti letti come il loro successore: {listed}.",
                f"Merged municipalities read as their successor: {listed}.",
            ),
        )
    if len(vague):
        notices += (
            Text(
                f"{len(vague)} progetti localizzati sull'intera provincia: non contati per comune.",
                f"{len(vague)} projects located on the whole province: not counted by municipality.",
            ),
        )
    elsewhere = int(rows["cup"].nunique()) - len(cups)
    if elsewhere:
        notices += (_elsewhere(elsewhere),)
    return Projects(
        projects,
        inside,
        Source(
            identifier="projects-file",
            title=f"{_TITLE} ({path.name})",
            publisher="OpenCUP",
            address="",
            reference_date="",
            licence=UNSTATED,
            attribution=_TITLE,
            sha256=sha256_of(path),
        ),
        notices,
    )


def _elsewhere(count: int) -> Text:
    if count == 1:
        return Text(
            "1 progetto è fuori dal territorio e non è stato preso.",
            "1 project lies outside the territory and was left out.",
        )
    return Text(
        f"{count} progetti sono fuori dal territorio e non sono stati presi.",
        f"{count} projects lie outside the territory and were left out.",
    )
