"""Ask the public services for one place, keep what they give as an extract, and read it like any other."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import geopandas as gpd
import pandas as pd

from psttm_geo.core.errors import DownloadError, UnknownNameError
from psttm_geo.core.files import output_error, replacing
from psttm_geo.core.messages import gettext
from psttm_geo.jobs.parts import find_municipality
from psttm_geo.jobs.streets import read_extract, read_tag_tables
from psttm_geo.osm import overpass
from psttm_geo.osm.extract_records import Extract
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory import snapshot
from psttm_geo.territory.features import write_features


@dataclass(frozen=True)
class Place:
    """What to fetch.

    Attributes
    ----------
    kind
        A municipality of the territory (code or name) and a union of municipalities have their outline from the
        embedded boundaries; any other place, from Nominatim.
    name
        As the user writes it.
    edition
        Of the union; None for the latest one that has it.
    """

    kind: Literal["municipality", "union", "place"]
    name: str
    edition: str | None = None


@dataclass(frozen=True)
class Fetched:
    """What was fetched.

    Attributes
    ----------
    extract
        As read.
    file, outline
        Where the workspace keeps the extract and the territory it was read for.
    """

    extract: Extract
    file: Path
    outline: Path


def fetch_extract(project: Project, place: Place, *, services: Path | None = None, progress: bool = False) -> Fetched:
    """Fetch what OpenStreetMap has of a place and two kilometres around it.

    The workspace keeps it as an extract beside the outline of the place, in place of what an earlier run has fetched;
    :func:`psttm_geo.jobs.read_extract` with both loads it without the network.

    Parameters
    ----------
    project
        Opened.
    place
        What to fetch.
    services
        A table to use instead of ``services.csv``.
    progress
        Whether to draw bars on stderr.

    Raises
    ------
    UnknownNameError
        There is no such place.
    DownloadError
        A service does not answer, is busy, or answers with something else; what was kept before is untouched.
    TableError, InputMissingError
        A table cannot be used.
    OutputError
        The workspace cannot be written.
    """
    tables = read_tag_tables(project, services)
    name, area = _find(project, place, progress=progress)
    folder = project.workspace.folder / "osm"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error
    file, outline = folder / f"{name}.osm.pbf", folder / f"{name}.fgb"
    try:
        overpass.fetch_extract(file, area, tables, url=project.settings.overpass_url, progress=progress)
    except DownloadError as error:
        if not file.is_file():
            raise
        raise DownloadError(
            gettext("{text} What was fetched before is still there: {file}.", text=error.text, file=file)
        ) from error
    with replacing(outline) as beside:
        write_features(beside, area)
    extract = read_extract(project, file, territory=str(outline), services=services, progress=progress)
    return Fetched(extract, file, outline)


def _find(project: Project, place: Place, *, progress: bool) -> tuple[str, gpd.GeoDataFrame]:
    """Return a name for the file, and the areas with their names."""
    if place.kind == "place":
        found = overpass.fetch_place(place.name, url=project.settings.nominatim_url, progress=progress)
        return _file_name(place.name), found
    register = project.register
    municipalities = project.snapshot.boundaries.municipalities
    if place.kind == "municipality":
        predecessors, italy = register.tables["predecessors.csv"], snapshot.read_italy(register)
        code = find_municipality(place.name, municipalities, predecessors, italy=italy, otherwise=_OTHERWISE)
        chosen = municipalities[municipalities["municipality_code"] == code]
        name = f"{code}-{_file_name(chosen['municipality'].iloc[0])}"
    else:
        members = _find_union(place, register)
        chosen = municipalities[municipalities["municipality_code"].isin(members["municipality_code"])]
        name = _file_name(f"{members['union'].iloc[0]} {members['edition'].iloc[0]}")
    areas = gpd.GeoDataFrame({"name": chosen["municipality"]}, geometry=chosen.geometry, crs=municipalities.crs)
    return name, areas.reset_index(drop=True)


_OTHERWISE = gettext(", or another place with --place")


def _find_union(place: Place, register: Register) -> pd.DataFrame:
    """Return the members of a union in the edition asked for, else in the latest one that has it."""
    editions = list(register.tables["editions.csv"]["edition"])
    unions = register.tables["unions.csv"]
    fits = unions[unions["union"].map(_union_name) == _union_name(place.name)]
    if place.edition is not None:
        fits = fits[fits["edition"] == place.edition]
    if fits.empty:
        known = "; ".join((unions["union"] + " (" + unions["edition"] + ")").unique())
        asked = place.name if place.edition is None else f"{place.name} ({place.edition})"
        raise UnknownNameError(
            gettext("Unknown union “{asked}”; those of the plan are: {known}.", asked=asked, known=known)
        )
    latest = max(fits["edition"], key=editions.index)
    members: pd.DataFrame = fits[fits["edition"] == latest]
    return members


def _union_name(written: str) -> str:
    """Return what sets a union apart from others."""
    return re.sub(r"^unione (di )?comuni (dei )?", "", _plain(written))


def _plain(name: str) -> str:
    """Return a name as everybody would type it: without accents, apostrophes and capitals."""
    letters = [letter for letter in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(letter)]
    return " ".join(re.findall(r"[^\W_]+", "".join(letters)))


def _file_name(name: str) -> str:
    return _plain(name).replace(" ", "-") or "luogo"
