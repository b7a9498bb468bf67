"""OpenCUP's list of places: which projects (CUP) stand in which municipalities, without amounts or drivers."""

from pathlib import Path

import pandas as pd

from psttm_geo.core.errors import TableError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import UNSTATED, Source
from psttm_geo.core.spreadsheets import Table, cell_fault, parse_identifier, parse_whole
from psttm_geo.plan.project_records import UNKNOWN_EDITION, Projects, complete_projects, share_equally
from psttm_geo.territory.gazetteer import Gazetteer

COLUMNS = ("cup", "codice_comune", "codice_provincia")
"""What tells OpenCUP's file from the office's register."""

_TITLE = "OpenCUP, localizzazioni dei progetti"

_PROVINCE = 15

_WHOLE_PROVINCE = "-1"
"""OpenCUP's code for "all municipalities of the province"."""


def read_opencup(path: Path, table: Table, gazetteer: Gazetteer) -> Projects:
    """Read OpenCUP's places: projects not yet attributed to a driver, of unknown edition, without amounts.

    Parameters and errors as :func:`psttm_geo.plan.projects.read_projects`; `table` is `path` as
    :func:`psttm_geo.core.spreadsheets.read_table` gives it.
    """
    written = table.rows["cup"].map(parse_identifier)
    whole = table.rows.assign(cup=written.groupby(written.str.casefold()).transform("first"))  # case tells no two apart
    province_wide = whole["codice_comune"].map(parse_identifier) == _WHOLE_PROVINCE
    mine = whole["codice_provincia"].map(parse_whole) == _PROVINCE
    vague = whole.loc[province_wide & mine, "cup"]
    rows = whole[~province_wide]
    codes = gazetteer.resolve(rows["codice_comune"])
    unreadable = whole.index[(whole["cup"] == "") | codes.reindex(whole.index).isna() & ~province_wide]
    if len(unreadable):
        raise TableError(
            [cell_fault(path, int(row), gettext("unreadable CUP or municipality code")) for row in unreadable],
            rows=len(whole),
        )
    places = pd.DataFrame({"project": rows["cup"], "municipality_code": codes.replace(dict(gazetteer.successors))})
    taken = places["municipality_code"].isin(gazetteer.territory)
    inside = places[taken].drop_duplicates(ignore_index=True)
    first = rows.index.to_series().groupby(rows["cup"]).first()
    cups = list(dict.fromkeys(inside["project"]))
    projects = pd.DataFrame(
        {
            "project": cups,
            "title": "",
            "edition": UNKNOWN_EDITION,
            "mission": pd.array([pd.NA] * len(cups), dtype="Int64"),
            "amount_eur": float("nan"),
            "status": "",
            "start_date": "",
            "end_date": "",
            "row": [int(first[cup]) for cup in cups],
        }
    )
    notices = _say_readings(rows["codice_comune"], codes, gazetteer)
    if len(vague):
        notices += (_say_vague(vague.nunique()),)
    elsewhere = int(rows["cup"].nunique()) - len(cups)
    if elsewhere:
        notices += (_elsewhere(elsewhere),)
    if not taken.all() or province_wide.any():
        notices += (_say_rows(len(whole), int(taken.sum()), int((~taken).sum()), int(province_wide.sum())),)
    return Projects(
        complete_projects(projects),
        share_equally(inside),
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
        (*table.say_explaining(), *notices),
    )


def _say_readings(written: pd.Series, codes: pd.Series, gazetteer: Gazetteer) -> tuple[Text, ...]:
    """Say what was not written as a code of today."""
    notices = []
    repaired = int((written != codes).sum())
    if repaired:
        notices.append(
            gettext(
                "Rows with the municipality written otherwise than by its code of six characters: {repaired}.",
                repaired=repaired,
            )
        )
    merged = sorted(set(codes) & set(gazetteer.successors))
    if merged:
        listed = ", ".join(f"{code} → {gazetteer.successors[code]}" for code in merged)
        notices.append(gettext("Merged municipalities read as their successor: {listed}.", listed=listed))
    return tuple(notices)


def _say_rows(count: int, taken: int, elsewhere: int, province_wide: int) -> Text:
    return gettext(
        "Rows of the file: {count}; of municipalities of the territory {taken}, of others "
        "{elsewhere}, of whole provinces {province_wide}.",
        count=count,
        taken=taken,
        elsewhere=elsewhere,
        province_wide=province_wide,
    )


def _say_vague(count: int) -> Text:
    if count == 1:
        return gettext("1 project located on the whole province: not counted by municipality.")
    return gettext("{count} projects located on the whole province: not counted by municipality.", count=count)


def _elsewhere(count: int) -> Text:
    if count == 1:
        return gettext("1 project lies outside the territory and was left out.")
    return gettext("{count} projects lie outside the territory and were left out.", count=count)
