"""ISTAT's administrative boundaries: the zip as downloaded, its folder, or any vector file with the same fields."""

import shutil
import zipfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from psttm_geo.core import vector_files, vector_zips
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import BoundaryFileError, VectorFileError
from psttm_geo.core.messages import SEMICOLON, Text, gettext
from psttm_geo.core.provenance import Source
from psttm_geo.schema.istat_codes import find_mergers, normalise_codes
from psttm_geo.territory._boundary_files import NEEDED, Found, find_layer
from psttm_geo.territory.municipalities import Boundaries

PROVINCE = 15
"""ISTAT's COD_PROV of Milan. COD_UTS does not serve: the 2020 file has a wrong one."""

METROPOLITAN_CITY = 215
"""ISTAT's COD_CM and COD_UTS of the Metropolitan City of Milan."""

ADDRESS = "https://www.istat.it/notizia/confini-delle-unita-amministrative-a-fini-statistici/"

LICENCE = "CC BY 4.0"

_PROVINCE_WRITTEN = rf"\s*0*{PROVINCE}(?:[.,]0+)?\s*"
"""COD_PROV as a number, or as the text that a program made of it."""

_AROUND = (8.2, 44.8, 10.0, 46.0)
"""West, south, east, north of the province, in degrees, with room to spare: less than a zone of UTM."""


def read_boundaries(path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Boundaries:
    """Read the municipalities of the territory from ISTAT's boundaries of any year from 2019 on.

    Parameters
    ----------
    path
        ISTAT's zip, or the folder it unpacks to; generalised or detailed, of Italy or of a part that holds the
        province of Milan. Or a vector file of any name and system with ISTAT's fields.
    municipalities
        The territory: columns ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: columns ``municipality_code``, ``municipality``, ``successor_code``, ``successor``.

    Returns
    -------
    Boundaries
        One row per municipality of the territory.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    BoundaryFileError
        The file is damaged, unsafe, has no municipal layer or another CRS, or its municipalities are not those of
        the territory.
    """
    found = find_layer(path)
    rows, notices = _read_province(path, found)
    codes = normalise_codes(rows["PRO_COM_T"])
    _require_readable(path, rows, codes.codes)
    rows["municipality_code"] = codes.codes
    _require_unique(path, rows)
    rows, valid_notices = _make_valid(path, rows)
    rows, merge_notices = _merge_predecessors(path, rows, predecessors)
    _require_territory(path, rows, municipalities)
    layer = rows[["municipality_code", "municipality", "geometry"]].sort_values("municipality_code")
    return Boundaries(
        layer.reset_index(drop=True),
        _source(path, found),
        (*found.notices, *notices, *codes.notices, *_code_notices(rows), *valid_notices, *merge_notices),
    )


def pack_boundaries(path: Path, packed: Path) -> None:
    """Write boundaries of several files, a folder or a Shapefile, as one zip, which :func:`read_boundaries` reads.

    The same files give the same bytes.
    """
    dataset = Path(find_layer(path).layer.dataset)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in vector_files.members_of(dataset):
            info = zipfile.ZipInfo(member.name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with member.open("rb") as file, archive.open(info, "w") as target:
                shutil.copyfileobj(file, target)


def require_year(path: Path, boundaries: Boundaries, year: int | None) -> None:
    """Refuse boundaries of another year than the one asked for.

    Raises
    ------
    BoundaryFileError
        The file says another year.
    """
    found = boundaries.source.reference_date or "?"
    if year is not None and not found.startswith(f"{year}-"):
        raise BoundaryFileError(
            gettext(
                "{path}: holds the boundaries of {found}, year {year} was requested; choose the year it holds.",
                path=path,
                found=found,
                year=year,
            )
        )


def _source(path: Path, found: Found) -> Source:
    version = {True: ", generalizzati", False: ", non generalizzati", None: ""}[found.generalised]
    return Source(
        identifier="istat-boundaries-file",
        title=f"Confini delle unità amministrative a fini statistici{version} ({path.name})",
        publisher="ISTAT",
        address=ADDRESS,
        reference_date=found.reference_date,
        licence=LICENCE,
        attribution="ISTAT, confini delle unità amministrative a fini statistici",
        sha256=found.sha256,
    )


def _read_province(path: Path, found: Found) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Read the rows of the province of Milan, ISTAT's columns in upper case, and what was odd about their place."""
    fields = [found.fields[name] for name in (*NEEDED, "COD_UTS", "COD_CM") if name in found.fields]
    if found.by_istat:
        _require_crs(path, found.layer.crs)
    chosen = _find_province(path, found)
    if not chosen:
        raise VectorFileError(
            path,
            gettext(
                "no municipality with COD_PROV = {province} (province of Milan); download the file that "
                "includes Lombardy.",
                province=PROVINCE,
            ),
        )
    where = f'"{found.fields["COD_PROV"]}" IN ({", ".join(chosen)})'
    rows, shapes = vector_files.read_layer(path, found.layer, columns=fields, where=where)
    notices: tuple[Text, ...] = ()
    if not found.by_istat:
        shapes, notices = _bring_home(path, found, shapes)
    rows = rows.rename(columns={field: field.upper() for field in rows.columns})
    names = rows["COMUNE"].fillna("").astype(str).str.strip()
    return gpd.GeoDataFrame(rows.assign(municipality=names), geometry=shapes, crs=METRIC), notices


def _find_province(path: Path, found: Found) -> list[str]:
    """Return the values of COD_PROV that mean Milan's, as SQL writes them: 15, or '015' where codes are texts."""
    field = found.fields["COD_PROV"]
    written, _ = vector_files.read_layer(path, found.layer, columns=[field], with_shapes=False)
    values = written[field].dropna().drop_duplicates()
    mine = values[values.astype(str).str.fullmatch(_PROVINCE_WRITTEN)]
    return ["'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value) for value in mine]


def _bring_home(path: Path, found: Found, shapes: np.ndarray) -> tuple[np.ndarray, tuple[Text, ...]]:
    """Bring the outlines of an office's own file to EPSG:32632; they must be where the province is."""
    moved, notices = vector_files.to_metric(path, shapes, found.layer.crs)
    box = gpd.GeoSeries(moved, crs=METRIC).to_crs(GEOGRAPHIC).total_bounds
    west, south, east, north = _AROUND
    if not (west <= box[0] and south <= box[1] and box[2] <= east and box[3] <= north):
        shown = ", ".join(f"{value:.2f}" for value in box)
        raise VectorFileError(
            path,
            gettext(
                "the municipalities of the province of Milan lie at {shown} degrees, far from it; assign the "
                "right CRS and export again.",
                shown=shown,
            ),
        )
    said = []
    if not found.reference_date:
        said.append(gettext("{name} does not say of which day its boundaries are: it stays unstated.", name=path.name))
    crs = found.layer.crs
    if crs is not None and not _is_metric(crs):
        said.append(
            gettext(
                "{name}: boundaries brought from {found} to {metric}.", name=path.name, found=crs.name, metric=METRIC
            )
        )
    return moved, (*notices, *said)


def _is_metric(crs: pyproj.CRS) -> bool:
    return bool(crs.to_epsg(min_confidence=25) == int(METRIC.split(":")[1]))


def _require_crs(path: Path, crs: pyproj.CRS | None) -> None:
    if crs is None or not _is_metric(crs):
        found = "non dichiarato" if crs is None else crs.name
        raise BoundaryFileError(
            gettext(
                "{path}: found CRS “{found}”, expected {metric} (WGS 84 / UTM 32N, ISTAT's own); take the "
                "original zip.",
                path=path,
                found=found,
                metric=METRIC,
            )
        )


def _code_notices(rows: gpd.GeoDataFrame) -> list[Text]:
    """Say which rows carry a wrong COD_UTS or COD_CM; they are kept, since COD_PROV selects."""
    notices = []
    stated = [field for field in ("COD_CM", "COD_UTS") if field in rows]
    rows = rows.assign(**{field: pd.to_numeric(rows[field], errors="coerce") for field in stated})
    for row in rows.to_dict("records"):
        wrong = {
            field: int(row[field])
            for field in stated
            if pd.notna(row[field]) and int(row[field]) not in (METROPOLITAN_CITY, PROVINCE)
        }
        if wrong:
            said = ", ".join(f"{field} = {value}" for field, value in wrong.items())
            notices.append(
                gettext(
                    "In ISTAT's file {municipality} has {said} instead of {metropolitan_city}: an error of the "
                    "source, the municipality was kept.",
                    municipality=row["municipality"],
                    said=said,
                    metropolitan_city=METROPOLITAN_CITY,
                )
            )
    return notices


def _require_readable(path: Path, rows: gpd.GeoDataFrame, codes: pd.Series) -> None:
    shapes = rows.geometry.to_numpy()
    flat = shapely.get_dimensions(shapes) != vector_files.SURFACE
    if flat.all() and not shapely.is_missing(shapes).all():
        raise VectorFileError(path, _say_kinds(rows))
    bad = rows.loc[codes.isna() | flat]
    if not bad.empty:
        named = [f"{name} («{code}»)" for name, code in zip(bad["municipality"], bad["PRO_COM_T"], strict=True)]
        listed = ", ".join(named[: vector_zips.SHOWN]) + (" ..." if len(named) > vector_zips.SHOWN else "")
        raise BoundaryFileError(
            gettext(
                "{path}: unreadable code or empty geometry for {listed}; correct PRO_COM_T or download again.",
                path=path,
                listed=listed,
            )
        )


def _say_kinds(rows: gpd.GeoDataFrame) -> Text:
    """Say that outlines are wanted of a file that holds none."""
    found = ", ".join(sorted(rows.geometry.geom_type.dropna().unique()))
    return gettext(
        "holds {found}, expected polygons: of its {count} municipalities none has an outline; give "
        "the file of boundaries.",
        found=found,
        count=len(rows),
    )


def _require_unique(path: Path, rows: gpd.GeoDataFrame) -> None:
    repeated = rows.loc[rows["municipality_code"].duplicated(keep=False)].sort_values("municipality_code")
    if not repeated.empty:
        listed = ", ".join(
            f"{code} ({', '.join(group['municipality'])})" for code, group in repeated.groupby("municipality_code")
        )
        raise BoundaryFileError(
            gettext(
                "{path}: repeated codes: {listed}; every municipality must stand in one row.", path=path, listed=listed
            )
        )


def _make_valid(path: Path, rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Repair invalid outlines, keep their polygons only, and say whose they were."""
    shapes = rows.geometry.to_numpy()
    broken = ~shapely.is_valid(shapes)
    repaired = vector_files.polygons_of(shapes)
    if not broken.any():
        return rows.set_geometry(gpd.GeoSeries(repaired, index=rows.index, crs=rows.crs)), []
    names = ", ".join(rows.loc[broken, "municipality"])
    if shapely.is_empty(repaired).any():
        raise BoundaryFileError(
            gettext("{path}: the geometry of {names} cannot be repaired; take the zip again.", path=path, names=names)
        )
    notice = gettext("Invalid geometry repaired: {names}.", names=names)
    return rows.set_geometry(gpd.GeoSeries(repaired, index=rows.index, crs=rows.crs)), [notice]


def _merge_predecessors(
    path: Path, rows: gpd.GeoDataFrame, predecessors: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Put merged municipalities of older files together under their successor, and say so."""
    mergers = find_mergers(set(rows["municipality_code"]), predecessors)
    if mergers.contradictions:
        raise BoundaryFileError(
            gettext(
                "{path}: {contradictions}; use a whole file of one year.",
                path=path,
                contradictions=SEMICOLON.join(mergers.contradictions),
            )
        )
    if not mergers.successors:
        return rows, ()
    names = dict(zip(predecessors["municipality_code"], predecessors["successor"], strict=True))
    codes = rows["municipality_code"]
    renamed = rows.assign(
        municipality_code=codes.replace(mergers.successors), municipality=codes.map(names).fillna(rows["municipality"])
    )
    return renamed.dissolve("municipality_code", aggfunc="first", as_index=False), mergers.notices


def _require_territory(path: Path, rows: gpd.GeoDataFrame, municipalities: pd.DataFrame) -> None:
    names = dict(zip(municipalities["municipality_code"], municipalities["municipality"], strict=True))
    found = dict(zip(rows["municipality_code"], rows["municipality"], strict=True))
    missing = [f"{names[code]} ({code})" for code in names if code not in found]
    surplus = [f"{found[code]} ({code})" for code in found if code not in names]
    if missing or surplus:
        parts = [gettext("{listed} missing", listed=", ".join(missing))] if missing else []
        parts += [gettext("{listed} not expected", listed=", ".join(surplus))] if surplus else []
        raise BoundaryFileError(
            gettext(
                "{path}: expected the {expected} municipalities of zones.csv, found {count}: {parts}. Use a complete "
                "file; if a municipality changed, update zones.csv and predecessors.csv.",
                path=path,
                expected=len(names),
                count=len(found),
                parts=SEMICOLON.join(parts),
            )
        )
