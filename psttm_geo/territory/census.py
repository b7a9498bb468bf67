"""ISTAT's census sections of 2021: outlines with residents, and the indicators by age where they are given.

ISTAT publishes ``R03_21.zip`` with ``SHP/R03_21_WGS84.shp`` (fields PRO_COM, SEZ21, SEZ21_ID, POP21 ...) and, apart,
``R03_indicatori_2021_sezioni.xlsx`` with one row per section: P1 residents, P14 to P29 residents by five years of age.
Both are read, and any vector file with the same fields.
"""

import re
import warnings
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from psttm_geo.core import gdal
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import InputMissingError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import Source
from psttm_geo.core.reading import OF_VECTORS, OF_ZIPS, is_inflated_zip, refusing
from psttm_geo.core.vector_files import SURFACE, say_rows
from psttm_geo.schema.istat_codes import CODE_LENGTH, find_nobodys, normalise_codes, successors_of
from psttm_geo.schema.layers import AGE_BANDS
from psttm_geo.territory._census_counts import (
    AGE_FIELDS,
    FAULTS_SHOWN,
    SECTION_DIGITS,
    fields_of,
    join_indicators,
    refuse,
    require_unique,
    whole_counts,
    zipped_sheet,
)
from psttm_geo.territory.population_records import Sections

YEAR = 2021

ADDRESS = "https://www.istat.it/notizia/basi-territoriali-e-variabili-censuarie/"

LICENCE = "CC BY 4.0"

_LAYER = re.compile(r"r\d{2}_21(?:_\w+)?\.shp", re.IGNORECASE)

_VECTOR = (".shp", ".fgb", ".gpkg", ".geojson")

_ITALY = (6.0, 35.0, 19.0, 48.0)
"""West, south, east, north, in degrees."""

_ITALY_METRIC = (-1_000_000.0, 3_800_000.0, 1_500_000.0, 5_400_000.0)
"""The same in EPSG:32632, with room to spare."""


def read_sections(paths: Sequence[Path], municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Sections:
    """Read the census sections of the territory, and their residents by age where a file has them.

    Parameters
    ----------
    paths
        ISTAT's zip of sections, its folder or any vector file; beside it, optionally, ISTAT's XLSX of indicators or
        the zip of all regions that holds it.
    municipalities
        The territory: ``municipality_code``, ``municipality``.
    predecessors
        Merged municipalities: ``municipality_code``, ``successor_code``.

    Returns
    -------
    Sections
        Of all municipalities of the territory that the files hold; at least one.

    Raises
    ------
    InputMissingError
        A file does not exist.
    CensusFileError
        A file is damaged, lacks fields, states no usable CRS, repeats sections, has counts that cannot be read, or
        holds no section of the territory.
    """
    vector, indicators = _tell_apart(paths)
    rows, notices = _read_vector(vector, municipalities, predecessors)
    if indicators is not None:
        rows, more = join_indicators(vector, indicators, rows)
        notices += more
    residents, by_age, more = _count_residents(vector, rows)
    notices += more
    shapes, unplaced = _shapes_of(rows, residents["residents"])
    shapes, more = _make_valid(shapes)
    sections = gpd.GeoDataFrame(
        {"municipality_code": rows["municipality_code"], "section": rows["section"], **residents},
        geometry=shapes,
        crs=METRIC,
    )
    return Sections(
        sections.sort_values("section").reset_index(drop=True),
        by_age=by_age,
        year=YEAR,
        source=_source(" + ".join(path.name for path in paths), sha256_of(vector) if vector.is_file() else ""),
        notices=(*notices, *unplaced, *more),
    )


def write_sections(path: Path, sections: Sections) -> None:
    """Write sections as read to a FlatGeobuf file, to be read back by :func:`load_sections`.

    Without a spatial index, which cannot hold sections that have no geometry.
    """
    pyogrio.write_dataframe(sections.sections, path, driver="FlatGeobuf", layer="sections", SPATIAL_INDEX="NO")


def load_sections(path: Path) -> Sections:
    """Read sections that :func:`write_sections` wrote; what was said when they were first read is not said again.

    Raises
    ------
    CensusFileError
        The file is damaged.
    """
    damaged = refuse(path, gettext("is damaged; register it again."))
    with refusing(OF_VECTORS, lambda _: damaged):
        rows = gdal.read_dataframe(path)
    if "section" not in rows:
        raise damaged
    rows = rows.sort_values("section").reset_index(drop=True)
    return Sections(rows, set(AGE_BANDS) <= set(rows.columns), YEAR, _source(path.stem, sha256_of(path)), ())


def _source(name: str, sha256: str) -> Source:
    return Source(
        identifier="istat-census-file",
        title=f"Sezioni di censimento {YEAR} ({name})",
        publisher="ISTAT",
        address=ADDRESS,
        reference_date=f"{YEAR}-12-31",
        licence=LICENCE,
        attribution=f"ISTAT, basi territoriali e variabili censuarie {YEAR}",
        sha256=sha256,
    )


def _tell_apart(paths: Sequence[Path]) -> tuple[Path, Path | None]:
    """Return the file of sections and the one of indicators, if there is any."""
    for path in paths:
        if not path.exists():
            raise InputMissingError(
                gettext(
                    "{path} does not exist; give ISTAT's zip of the census sections of {year} (R03_21.zip).",
                    path=path,
                    year=YEAR,
                )
            )
    sheets = [path for path in paths if path.suffix.lower() == ".xlsx" or zipped_sheet(path) is not None]
    vectors = [path for path in paths if path not in sheets]
    if len(vectors) != 1 or len(sheets) > 1:
        raise refuse(
            paths[0],
            gettext(
                "found {count} files of sections and {count_sheets} XLSX of indicators, expected one file of "
                "sections (zip, .shp, .fgb, .gpkg) and one XLSX at most.",
                count=len(vectors),
                count_sheets=len(sheets),
            ),
        )
    return vectors[0], sheets[0] if sheets else None


def _find_dataset(path: Path) -> str:
    """Return what GDAL opens: the file itself, or the layer of sections inside a zip or folder."""
    if path.is_dir():
        names = [member.relative_to(path).as_posix() for member in sorted(path.rglob("*")) if member.is_file()]
        return gdal.dataset_of(path / _choose(path, names))
    if path.suffix.lower() != ".zip":
        return gdal.dataset_of(path)
    unreadable = refuse(path, gettext("is not a readable zip or is truncated; download it again from ISTAT."))
    with refusing(OF_ZIPS, lambda _: unreadable), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if is_inflated_zip(archive):
            raise unreadable
        damaged = archive.testzip()
    if damaged is not None:
        raise refuse(path, gettext("“{damaged}” is damaged; download the zip again from ISTAT.", damaged=damaged))
    return gdal.dataset_of(path, _choose(path, names))


def _choose(path: Path, names: list[str]) -> str:
    layers = [name for name in names if _LAYER.fullmatch(PurePosixPath(name).name)]
    layers = layers or [name for name in names if name.lower().endswith(_VECTOR)]
    if len(layers) != 1:
        found = ", ".join(layers[:FAULTS_SHOWN])
        raise refuse(
            path,
            gettext(
                "found {count} files of sections{value}, expected one such as SHP/R03_21_WGS84.shp; use "
                "ISTAT's zip of Lombardy alone.",
                count=len(layers),
                value=f" ({found})" if found else "",
            ),
        )
    return layers[0]


def _read_vector(
    path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Read the rows of the territory, ISTAT's fields in upper case, with ``municipality_code`` and ``section``."""
    dataset = _find_dataset(path)
    no_vector = refuse(path, gettext("does not open as a vector file; use ISTAT's zip of sections or a GeoPackage."))
    with refusing(OF_VECTORS, lambda _: no_vector), warnings.catch_warnings(action="ignore"):
        layer, fields = _find_layer(path, dataset)
        rows = gdal.read_dataframe(dataset, layer=layer, columns=list(fields.values()))
    rows = rows.rename(columns={field: name for name, field in fields.items()})
    later = successors_of(predecessors)
    written = normalise_codes(rows["PRO_COM"]).codes
    codes = written.replace(later)
    inside = codes.isin(municipalities["municipality_code"])
    if not inside.any():
        raise refuse(
            path,
            gettext(
                "none of its {count} sections is of a municipality of the territory; use the sections of Lombardy.",
                count=len(rows),
            ),
        )
    rows = rows.assign(municipality_code=codes, section=_section_codes(path, rows, written))[inside]
    require_unique(path, rows["section"])
    located, notices = _to_metric(path, rows)
    notices += _say_nobodys(find_nobodys(written, {*municipalities["municipality_code"], *later}))
    merged = sorted(set(written[inside]) & set(later))
    if merged:
        listed = ", ".join(f"{code} → {later[code]}" for code in merged)
        notices.append(gettext("Merged municipalities: {listed}.", listed=listed))
    return located, notices


def _say_nobodys(nobodys: pd.Series) -> list[Text]:
    """Say which sections are of no municipality, if any; those of others are passed over."""
    if not nobodys.any():
        return []
    count, rows = int(nobodys.sum()), say_rows(np.flatnonzero(nobodys) + 1)
    return [
        gettext("Sections with a code that no municipality has, not counted: {count} ({rows}).", count=count, rows=rows)
    ]


def _find_layer(path: Path, dataset: str) -> tuple[str, dict[str, str]]:
    """Return the layer that has the fields of sections, and those of its fields that are read, by upper-case name."""
    needed, optional = ("PRO_COM",), ("SEZ21", "SEZ21_ID", "POP21", "P1", *AGE_FIELDS)
    found: list[str] = []
    fitting: dict[str, dict[str, str]] = {}
    for layer in gdal.list_layers(dataset):
        names = {field.upper(): field for field in gdal.read_info(dataset, layer)["fields"]}
        if set(needed) <= set(names) and {"SEZ21", "SEZ21_ID"} & set(names):
            fitting[layer] = {name: names[name] for name in (*needed, *optional) if name in names}
        found += names.values()
    if len(fitting) == 1:
        return next(iter(fitting.items()))
    if fitting:
        layers = ", ".join(list(fitting)[:FAULTS_SHOWN])
        raise refuse(
            path,
            gettext(
                "holds {count} layers of sections ({layers}), expected one; export the one to use to a file "
                "of its own.",
                count=len(fitting),
                layers=layers,
            ),
        )
    listed = ", ".join(found[: 2 * FAULTS_SHOWN])
    raise refuse(
        path,
        gettext(
            "the fields PRO_COM and SEZ21 or SEZ21_ID are missing (found: {listed}); use ISTAT's sections of {year}.",
            listed=listed,
            year=YEAR,
        ),
    )


def _section_codes(path: Path, rows: pd.DataFrame, municipality_codes: pd.Series) -> pd.Series:
    """Return each section's code: six characters of the municipality and seven of its number."""
    numbers = pd.to_numeric(rows["SEZ21_ID" if "SEZ21_ID" in rows else "SEZ21"], errors="coerce")
    bad = numbers.isna() | (numbers < 0) | (numbers % 1 != 0)
    if bad.any():
        raise refuse(
            path,
            gettext("unreadable section number in {bad} rows; take the file from ISTAT again.", bad=int(bad.sum())),
        )
    text = numbers.astype("int64").astype(str)
    if "SEZ21_ID" in rows:
        return text.str.zfill(CODE_LENGTH + SECTION_DIGITS)
    return municipality_codes.fillna("").astype(str) + text.str.zfill(SECTION_DIGITS)


def _to_metric(path: Path, rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Bring sections to EPSG:32632; where the file does not name its system, the coordinates tell it."""
    if not isinstance(rows, gpd.GeoDataFrame) or (rows.geometry.isna() | rows.geometry.is_empty).all():
        raise refuse(path, gettext("has no geometry; use ISTAT's sections."))
    bounds = tuple(rows.total_bounds)
    shown = ", ".join(f"{value:.2f}" for value in bounds)
    named = rows.crs is not None and rows.crs.to_epsg() is not None
    elsewhere = refuse(
        path,
        gettext(
            "the coordinates ({shown}) do not lie in Italy in the CRS declared; take the file from ISTAT again.",
            shown=shown,
        ),
    )
    if named or (rows.crs is not None and rows.crs.is_projected):
        with refusing(OF_VECTORS, lambda _: elsewhere):
            located = rows.to_crs(METRIC)
        if _within(tuple(located.total_bounds), _ITALY_METRIC):
            return located, []
    else:
        for system, box in ((GEOGRAPHIC, _ITALY), (METRIC, _ITALY_METRIC)):
            fits = rows.crs is None or rows.crs.is_geographic == (system == GEOGRAPHIC)
            if fits and _within(bounds, box):
                notice = gettext(
                    "{name} does not name its CRS: read as {system}, since its coordinates ({shown}) lie in Italy.",
                    name=path.name,
                    system=system,
                    shown=shown,
                )
                return rows.set_crs(system, allow_override=True).to_crs(METRIC), [notice]
    raise elsewhere


def _within(bounds: tuple[float, ...], box: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return box[0] <= west and box[1] <= south and east <= box[2] and north <= box[3]


def _count_residents(path: Path, rows: pd.DataFrame) -> tuple[dict[str, pd.Series], bool, list[Text]]:
    """Return residents, and by age band where every field of age is there."""
    field = next((name for name in ("P1", "POP21") if name in rows), None)
    if field is None:
        raise refuse(
            path, gettext("has no residents (neither POP21 nor P1); give R03_indicatori_2021_sezioni.xlsx too.")
        )
    by_age = set(AGE_FIELDS) <= set(rows.columns)
    fields = [field, *(AGE_FIELDS if by_age else [])]
    counts, notices = whole_counts(path, rows, fields)
    residents = {"residents": counts[field]}
    if by_age:
        residents |= {band: counts[fields_of(*ages)].sum(axis=1) for band, ages in AGE_BANDS.items()}
        summed = counts[AGE_FIELDS].to_numpy().sum()
        if summed != counts[field].sum():
            notices.append(
                gettext("Ages add up to {summed}, residents to {counts}.", summed=summed, counts=counts[field].sum())
            )
    if field == "P1" and "POP21" in rows:
        declared = pd.to_numeric(rows["POP21"], errors="coerce").sum()
        if declared != counts["P1"].sum():
            notices.append(
                gettext(
                    "POP21 gives {declared:.0f} residents, the indicators {P1}: the latter are used.",
                    declared=declared,
                    P1=counts["P1"].sum(),
                )
            )
    return residents, by_age, notices


def _shapes_of(rows: gpd.GeoDataFrame, residents: pd.Series) -> tuple[np.ndarray, list[Text]]:
    """Return the flat outlines of sections, None where one has no area, and which those are."""
    shapes = shapely.force_2d(rows.geometry.to_numpy())
    without = (shapely.is_missing(shapes) | (shapely.get_dimensions(shapes) != SURFACE)) | shapely.is_empty(shapes)
    shapes[without] = None
    if not without.any():
        return shapes, []
    codes = rows["section"].to_numpy()[without]
    listed = ", ".join(codes[:FAULTS_SHOWN]) + (" ..." if len(codes) > FAULTS_SHOWN else "")
    people = int(residents.to_numpy()[without].sum())
    notice = gettext(
        "Sections without geometry, whose residents ({people}) go to the other sections of the "
        "municipality: {count} ({listed}).",
        people=people,
        count=len(codes),
        listed=listed,
    )
    return shapes, [notice]


def _make_valid(shapes: np.ndarray) -> tuple[np.ndarray, list[Text]]:
    broken = ~(shapely.is_valid(shapes) | shapely.is_missing(shapes))
    if not broken.any():
        return shapes, []
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    count = int(broken.sum())
    notice = gettext("Sections whose invalid geometry was mended: {count}.", count=count)
    return shapes, [notice]
