"""Read an extract of OpenStreetMap once, keep what was read, and say what it holds."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.core.errors import BoundaryFileError, InputMissingError, NetworkFileError, TableError, UnknownNameError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.scratch import scratch_folder
from psttm_geo.jobs.keeping import Keeping, folder_of, kept_or_computed, key_of, open_kept, sums_of
from psttm_geo.osm import extract_reader
from psttm_geo.osm import extract_records as model
from psttm_geo.osm.extract_reader import TagTables
from psttm_geo.osm.extract_records import Extract
from psttm_geo.osm.tag_checks import tag_faults
from psttm_geo.project import Project
from psttm_geo.schema import data_tables
from psttm_geo.territory.features import inspect_features, read_features

MILANO = "milano"
"""The territory of the plan."""

OSM_MUNICIPALITIES = "osm:8"
"""The complete, named municipalities of the extract itself."""

WHOLE_PERCENT = 99.0
"""An extract that covers this much of the territory speaks for all of it."""

_EXTRACTS = Keeping("osm", Extract.kept, Extract.of_kept)

_TABLES = ("walkable.csv", "services.csv", "features.csv", "closed_services.csv")


def read_extract(
    project: Project, file: Path, *, territory: str = MILANO, services: Path | None = None, progress: bool = False
) -> Extract:
    """Read an extract inside a territory and two kilometres around it, or load what an earlier run has kept.

    What was read is kept in the workspace's cache under the sums of the extract, of the territory and of the tables of
    tags: it is read again when one of them changes. A cache file that is damaged is made anew.

    Parameters
    ----------
    project
        Opened.
    file
        ``.osm.pbf``, ``.osm``, ``.osm.gz`` or ``.osm.bz2``.
    territory
        :data:`MILANO` (the embedded boundaries; the margin is far wider than what boundaries differ by),
        :data:`OSM_MUNICIPALITIES`, or the path of a vector file of areas.
    services
        A table to use instead of ``services.csv``.
    progress
        Whether to draw a bar on stderr.

    Returns
    -------
    Extract
        Streets, services, boundaries, features, homes and a report.

    Raises
    ------
    InputMissingError, OsmFileError, BoundaryFileError, TableError, UnknownNameError
        The extract, the territory or a table cannot be used.
    OutputError
        The workspace or the folder of temporary files cannot be written.
    """
    if not file.is_file():
        raise InputMissingError(
            gettext(
                "{file} does not exist; give an extract of OpenStreetMap (.osm.pbf, .osm, .osm.gz, .osm.bz2).",
                file=file,
            )
        )
    sha256 = project.workspace.remembered_sha256(file)

    def read() -> Extract:
        tables = read_tag_tables(project, services)
        area = _read_territory(project, territory)
        return extract_reader.read_extract(file, tables, sha256, territory=area, progress=progress)

    return kept_or_computed(project, _EXTRACTS, extract_key(project, sha256, territory, services), read)


def load_kept_extract(project: Project, sha256: str) -> Extract | None:
    """Load what :func:`read_extract` has kept of an extract inside the plan's territory, without the extract itself.

    Returns
    -------
    Extract or None
        None where it is no more, or was read with other tables.

    Raises
    ------
    NetworkFileError
        What was kept is damaged.
    """
    key = extract_key(project, sha256)
    try:
        return open_kept(project, _EXTRACTS, key)
    except NetworkFileError as error:
        path = folder_of(project, _EXTRACTS.kind, key)
        raise NetworkFileError(gettext("{path} is damaged; read the extract again.", path=path)) from error


def save_extract(project: Project, extract: Extract) -> bool:
    """Put what an extract of the whole territory holds in force: its services, boundaries and features.

    Returns
    -------
    bool
        False for an extract of a part of the territory, which says nothing of the rest: nothing is changed then.

    Raises
    ------
    OutputError
        The workspace cannot be written.
    """
    if (extract.report.overlap_percent or 0) < WHOLE_PERCENT:
        return False
    with scratch_folder() as folder:
        path = folder / "osm.npz"
        extract.mapped.save(path)
        project.workspace.add("osm", path)
    return True


def extract_key(project: Project, sha256: str, territory: str = MILANO, services: Path | None = None) -> str:
    """Return what an extract is kept under: its sum, those of the territory and of the tables of tags."""
    folder = project.folder
    files = [folder / name for name in _TABLES if not (services and name == "services.csv")]
    files += [services] if services else []
    if territory == MILANO:
        files.append(folder / data_tables.BOUNDARIES)
    sums = [sha256_of(path) if path.is_file() else "" for path in files]
    named = territory if territory in (MILANO, OSM_MUNICIPALITIES) else sums_of([Path(territory)])
    return key_of(model.FORMAT, model.TABLES, sha256, named, *sums)


def read_tag_tables(project: Project, services: Path | None) -> TagTables:
    """Return the tables of tags in force, with a table of services of the user's own in place of ``services.csv``.

    What is closed is told by ``closed_services.csv`` then too: its rows for all categories, and those for categories
    that have the same name in the user's table.

    Raises
    ------
    TableError, InputMissingError
        A table cannot be used.
    """
    tables = project.tables
    mine = tables["services.csv"]
    if services is not None:
        mine = data_tables.read_table(services, "services.csv")
        faults = tag_faults({"services.csv": mine})
        if faults:
            raise TableError([fault._replace(file=services.name) for fault in faults])
    return TagTables(tables["walkable.csv"], mine, tables["features.csv"], tables["closed_services.csv"])


def _read_territory(project: Project, territory: str) -> gpd.GeoDataFrame | None:
    if territory == OSM_MUNICIPALITIES:
        return None
    if territory == MILANO:
        embedded = project.snapshot
        return embedded.boundaries.municipalities
    path = Path(territory)
    if not path.exists():
        raise UnknownNameError(
            gettext(
                "Unknown territory “{territory}”; write {milano}, {osm_municipalities} or the path of a vector file.",
                territory=territory,
                milano=MILANO,
                osm_municipalities=OSM_MUNICIPALITIES,
            )
        )
    units = read_features(path)
    areas = units[(shapely.get_dimensions(units.geometry.to_numpy()) == _SURFACE) & ~units.geometry.is_empty]
    if len(areas) != len(units):
        raise BoundaryFileError(
            gettext(
                "{path}: {count} of {count_units} features are no areas; a territory has to be made of polygons.",
                path=path,
                count=len(units) - len(areas),
                count_units=len(units),
            )
        )
    return areas.set_geometry(shapely.make_valid(areas.geometry.to_numpy()))


_SURFACE = 2
"""Dimensions of an area."""


def territory_notices(territory: str) -> tuple[Text, ...]:
    """Return what was odd about the file of a territory; nothing of one that is no file."""
    return () if territory in (MILANO, OSM_MUNICIPALITIES) else inspect_features(Path(territory)).notices


def describe_extract(extract: Extract) -> dict[str, Any]:
    """Say what an extract holds and what was missing, as plain values for a report.

    Returns
    -------
    dict
        ``report`` (as :class:`psttm_geo.osm.extract_records.ExtractReport`), ``attribution``, ``licence``, ``streets``,
        ``services`` (one row per category of the table, those not found too), ``municipalities`` (complete and named),
        ``incomplete_boundaries``, ``features``, ``homes``.
    """
    boundaries = extract.boundaries
    whole = extract_reader.named_municipalities(boundaries)
    columns = ["name", "ref_istat", "osm_id", "area_km2", "parts"]
    rest = boundaries[~boundaries["complete"] & (boundaries["name"] != "")]
    return {
        "report": asdict(extract.report),
        "attribution": model.ATTRIBUTION,
        "licence": model.LICENCE,
        "streets": _describe_streets(extract),
        "services": _describe_services(extract),
        "municipalities": whole[columns].to_dict("records"),
        "incomplete_boundaries": rest["name"].tolist(),
        "features": _count(extract.features["feature"]),
        "homes": len(extract.homes),
    }


def _describe_streets(extract: Extract) -> dict[str, Any]:
    network = extract.network
    km = np.where(network.is_street, network.edge_length_m / 1000, 0)
    by_class = np.bincount(network.edge_class, km, minlength=len(network.classes))
    largest = np.count_nonzero(network.node_component == 0)
    return {
        "km": network.length_km,
        "nodes": network.node_count,
        "edges": network.edge_count,
        "components": network.component_count,
        "largest_component_percent": 100 * largest / network.node_count,
        "crs": network.crs,
        "km_by_class": {name or "?": float(km) for name, km in zip(network.classes, by_class, strict=True) if km},
    }


def _describe_services(extract: Extract) -> list[dict[str, Any]]:
    found = extract.services.groupby("category")["level_unknown"].agg(["size", "sum"])
    categories = extract.service_tags.drop_duplicates("category")
    tags = extract.service_tags.assign(tag=_tag_names(extract)).groupby("category")["tag"].agg(list)
    return [
        {
            "category": row["category"],
            "name_it": row["name_it"],
            "name_en": row["name_en"],
            "essential": row["essential"] == "si",
            "reason_it": row["reason_it"],
            "reason_en": row["reason_en"],
            "source": row["source"],
            "count": int(found["size"].get(row["category"], 0)),
            "level_unknown": int(found["sum"].get(row["category"], 0)),
            "tags": tags[row["category"]],
        }
        for row in categories.to_dict("records")
    ]


def _tag_names(extract: Extract) -> list[str]:
    """Return each row of the table of services as people write tags."""
    rows = extract.service_tags[["key", "value", "and_key", "and_value"]].itertuples(index=False, name=None)
    return [f"{key}={value}" + (f" + {also}={other}" if also else "") for key, value, also, other in rows]


def _count(names: pd.Series) -> Mapping[str, int]:
    return {str(name): int(count) for name, count in names.value_counts().sort_index().items()}
