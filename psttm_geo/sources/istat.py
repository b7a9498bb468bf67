"""ISTAT's administrative boundaries, from the zip as downloaded or the folder it unpacks to.

ISTAT names the layer ``Com<ddmmyyyy>[_g][_WGS84].shp`` (``_g`` is the generalised version) and keeps it in folders
whose names vary by year; the system is EPSG:32632 in spite of "WGS84" in the name.
"""

import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from psttm_geo.crs import METRIC
from psttm_geo.errors import BoundaryFileError, InputMissingError, Text, quote
from psttm_geo.files import ZIP_ERRORS, sha256_of
from psttm_geo.model.codes import find_mergers, normalise_codes
from psttm_geo.model.provenance import Source
from psttm_geo.model.territory import Boundaries

PROVINCE = 15
"""ISTAT's COD_PROV of Milan. COD_UTS does not serve: the 2020 file has a wrong one."""

METROPOLITAN_CITY = 215
"""ISTAT's COD_CM and COD_UTS of the Metropolitan City of Milan."""

ADDRESS = "https://www.istat.it/notizia/confini-delle-unita-amministrative-a-fini-statistici/"

LICENCE = "CC BY 4.0"

_LAYER = re.compile(
    r"com(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})(?P<generalised>_g)?(?:_\w+)?\.shp", re.IGNORECASE
)

_COMPANIONS = (".shx", ".dbf", ".prj")


@dataclass(frozen=True)
class _Found:
    """The municipal layer inside a zip or folder."""

    dataset: str
    layer: str
    reference_date: str
    generalised: bool
    sha256: str


def read_boundaries(path: Path, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> Boundaries:
    """Read the municipalities of the territory from ISTAT's boundaries of any year from 2019 on.

    Parameters
    ----------
    path
        ISTAT's zip, or the folder it unpacks to; generalised or detailed, of Italy or of a part that holds the
        province of Milan.
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
    found = _find_layer(path)
    rows = _read_province(path, found)
    notices = _code_notices(rows)
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
        (*codes.notices, *notices, *valid_notices, *merge_notices),
    )


def require_year(path: Path, boundaries: Boundaries, year: int | None) -> None:
    """Refuse boundaries of another year than the one asked for.

    Raises
    ------
    BoundaryFileError
        The file says another year.
    """
    found = boundaries.source.reference_date
    if year is not None and not found.startswith(f"{year}-"):
        raise BoundaryFileError(
            Text(
                it=f"{path}: contiene i confini al {found}, chiesto l'anno {year}; scegliere l'anno che contiene.",
                en=f"{path}: holds the boundaries of {found}, year {year} was asked for; choose the year it holds.",
            )
        )


def _source(path: Path, found: _Found) -> Source:
    version = "generalizzati" if found.generalised else "non generalizzati"
    return Source(
        identifier="istat-boundaries-file",
        title=f"Confini delle unità amministrative a fini statistici, {version} ({path.name})",
        publisher="ISTAT",
        address=ADDRESS,
        reference_date=found.reference_date,
        licence=LICENCE,
        attribution="ISTAT, confini delle unità amministrative a fini statistici",
        sha256=found.sha256,
    )


def _find_layer(path: Path) -> _Found:
    if not path.exists():
        raise InputMissingError(
            Text(
                it=f"{path} non esiste; indicare lo zip dei confini ISTAT o la cartella in cui è stato aperto.",
                en=f"{path} does not exist; give ISTAT's zip of boundaries or the folder it was unpacked to.",
            )
        )
    if path.is_dir():
        members = [member.relative_to(path).as_posix() for member in sorted(path.rglob("*")) if member.is_file()]
        name = _choose_layer(path, members)
        return _describe(name, str(path / name), sha256_of(path / name))
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.namelist()
            _require_inside(path, members)
            name = _choose_layer(path, members)
            _require_undamaged(path, archive, name)
    except (zipfile.BadZipFile, EOFError) as error:
        raise BoundaryFileError(
            Text(
                it=f"{path} non è uno zip leggibile o è troncato; riscaricarlo da ISTAT.",
                en=f"{path} is not a readable zip or is truncated; download it again from ISTAT.",
            )
        ) from error
    return _describe(name, f"/vsizip/{{{path.resolve()}}}/{name}", sha256_of(path))


def _describe(name: str, dataset: str, sha256: str) -> _Found:
    file = PurePosixPath(name)
    match = _LAYER.fullmatch(file.name)
    if match is None:  # pragma: no cover - _choose_layer has matched the same name
        raise BoundaryFileError(Text(it=name, en=name))
    return _Found(
        dataset,
        file.stem,
        f"{match['year']}-{match['month']}-{match['day']}",
        match["generalised"] is not None,
        sha256,
    )


def _require_inside(path: Path, members: Iterable[str]) -> None:
    for member in members:
        parts = PurePosixPath(member.replace("\\", "/"))
        if parts.is_absolute() or ".." in parts.parts or re.match(r"[A-Za-z]:", member):
            raise BoundaryFileError(
                Text(
                    it=f"{path} contiene «{member}», che punta fuori dallo zip: non è un file di ISTAT; riscaricarlo.",
                    en=f"{path} holds “{member}”, which points outside the zip: not ISTAT's file; download it again.",
                )
            )


def _choose_layer(path: Path, members: list[str]) -> str:
    """Return the municipal layer among file names; ISTAT's WGS84 copy wins over one without the suffix."""
    layers = [name for name in members if _LAYER.fullmatch(PurePosixPath(name).name)]
    layers.sort(key=lambda name: ("wgs84" not in name.lower(), name))
    if not layers:
        raise BoundaryFileError(
            Text(
                it=f"{path} non contiene il layer dei comuni (atteso un file come Com01012023_g_WGS84.shp); "
                "scaricare i confini delle unità amministrative da ISTAT.",
                en=f"{path} holds no municipal layer (expected a file such as Com01012023_g_WGS84.shp); "
                "download the boundaries of the administrative units from ISTAT.",
            )
        )
    _require_one(path, layers)
    stem = layers[0].removesuffix(PurePosixPath(layers[0]).suffix)
    present = {name.lower() for name in members}
    missing = [suffix for suffix in _COMPANIONS if f"{stem}{suffix}".lower() not in present]
    if missing:
        raise BoundaryFileError(
            Text(
                it=f"{path}: accanto a {PurePosixPath(layers[0]).name} manca {', '.join(missing)}"
                f"{' (il sistema di riferimento non è dichiarato)' if '.prj' in missing else ''}; "
                "riprendere lo zip completo di ISTAT.",
                en=f"{path}: beside {PurePosixPath(layers[0]).name} {', '.join(missing)} is missing"
                f"{' (the CRS is not declared)' if '.prj' in missing else ''}; take ISTAT's complete zip.",
            )
        )
    return layers[0]


def _require_one(path: Path, layers: Iterable[str]) -> None:
    """Refuse layers of several days, or of both versions: which one is meant is not for us to choose."""
    found = sorted(
        {(layer.reference_date, layer.generalised) for layer in (_describe(name, "", "") for name in layers)}
    )
    if len(found) > 1:
        listed_it = ", ".join(f"{day} {'generalizzati' if coarse else 'di dettaglio'}" for day, coarse in found)
        listed_en = ", ".join(f"{day} {'generalised' if coarse else 'detailed'}" for day, coarse in found)
        raise BoundaryFileError(
            Text(
                it=f"{path} contiene più layer dei comuni ({listed_it}); indicare la cartella o lo zip di uno solo.",
                en=f"{path} holds several municipal layers ({listed_en}); give the folder or the zip of one.",
            )
        )


def _require_undamaged(path: Path, archive: zipfile.ZipFile, name: str) -> None:
    stem = name.rsplit(".", 1)[0]
    for member in archive.namelist():
        if member.rsplit(".", 1)[0] == stem:
            try:
                with archive.open(member) as file:
                    while file.read(1 << 20):
                        pass
            except ZIP_ERRORS as error:
                raise BoundaryFileError(
                    Text(
                        it=f"{path}: «{member}» è danneggiato; riscaricare lo zip da ISTAT.",
                        en=f"{path}: “{member}” is damaged; download the zip again from ISTAT.",
                    )
                ) from error


def _read_province(path: Path, found: _Found) -> gpd.GeoDataFrame:
    """Read the rows of the province of Milan, ISTAT's columns in upper case."""
    needed = ("COD_PROV", "PRO_COM_T", "COMUNE")
    try:
        info = pyogrio.read_info(found.dataset, layer=found.layer)
        names = {field.upper(): field for field in info["fields"]}
        missing = [field for field in needed if field not in names]
        if missing:
            raise BoundaryFileError(
                Text(
                    it=f"{path}: nel layer {found.layer} mancano i campi {', '.join(missing)} "
                    f"(trovati {', '.join(info['fields'])}); usare i confini pubblicati da ISTAT.",
                    en=f"{path}: layer {found.layer} lacks the fields {', '.join(missing)} "
                    f"(found {', '.join(info['fields'])}); use the boundaries that ISTAT publishes.",
                )
            )
        _require_crs(path, info["crs"])
        optional = [names[field] for field in ("COD_UTS", "COD_CM") if field in names]
        rows = pyogrio.read_dataframe(
            found.dataset,
            layer=found.layer,
            columns=[names[field] for field in needed] + optional,
            where=f'"{names["COD_PROV"]}" = {PROVINCE}',
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FeatureError) as error:
        raise BoundaryFileError(
            Text(
                it=f"{path}: il layer {found.layer} non si apre ({quote(str(error))}); riprendere lo zip.",
                en=f"{path}: layer {found.layer} cannot be opened ({quote(str(error))}); take the zip again.",
            )
        ) from error
    if rows.empty:
        raise BoundaryFileError(
            Text(
                it=f"{path}: nessun comune con COD_PROV = {PROVINCE} (provincia di Milano); "
                "scaricare il file che comprende la Lombardia.",
                en=f"{path}: no municipality with COD_PROV = {PROVINCE} (province of Milan); "
                "download the file that includes Lombardy.",
            )
        )
    upper = {field: field.upper() for field in rows.columns if field != rows.geometry.name}
    rows = rows.rename(columns=upper).set_crs(METRIC, allow_override=True)
    return rows.assign(municipality=rows["COMUNE"].str.strip())


def _require_crs(path: Path, wkt: str | None) -> None:
    if wkt is None or gpd.GeoSeries([], crs=wkt).crs.to_epsg(min_confidence=25) != int(METRIC.split(":")[1]):
        found = "non dichiarato" if wkt is None else gpd.GeoSeries([], crs=wkt).crs.name
        raise BoundaryFileError(
            Text(
                it=f"{path}: sistema di riferimento trovato «{found}», atteso {METRIC} "
                "(WGS 84 / UTM 32N, quello di ISTAT); riprendere lo zip originale.",
                en=f"{path}: found CRS “{found}”, expected {METRIC} "
                "(WGS 84 / UTM 32N, ISTAT's own); take the original zip.",
            )
        )


def _code_notices(rows: gpd.GeoDataFrame) -> list[Text]:
    """Say which rows carry a wrong COD_UTS or COD_CM; they are kept, since COD_PROV selects."""
    notices = []
    for row in rows.to_dict("records"):
        wrong = {
            field: int(row[field])
            for field in ("COD_CM", "COD_UTS")
            if field in row and pd.notna(row[field]) and int(row[field]) not in (METROPOLITAN_CITY, PROVINCE)
        }
        if wrong:
            said = ", ".join(f"{field} = {value}" for field, value in wrong.items())
            notices.append(
                Text(
                    it=f"Nel file di ISTAT {row['municipality']} ha {said} invece di {METROPOLITAN_CITY}: "
                    "errore della fonte, il comune è stato tenuto.",
                    en=f"In ISTAT's file {row['municipality']} has {said} instead of {METROPOLITAN_CITY}: "
                    "an error of the source, the municipality was kept.",
                )
            )
    return notices


def _require_readable(path: Path, rows: gpd.GeoDataFrame, codes: pd.Series) -> None:
    bad = rows.loc[codes.isna() | rows.geometry.isna() | rows.geometry.is_empty]
    if not bad.empty:
        listed = ", ".join(
            f"{name} («{code}»)" for name, code in zip(bad["municipality"], bad["PRO_COM_T"], strict=True)
        )
        raise BoundaryFileError(
            Text(
                it=f"{path}: codice illeggibile o geometria vuota per {listed}; correggere PRO_COM_T o riscaricare.",
                en=f"{path}: unreadable code or empty geometry for {listed}; correct PRO_COM_T or download again.",
            )
        )


def _require_unique(path: Path, rows: gpd.GeoDataFrame) -> None:
    repeated = rows.loc[rows["municipality_code"].duplicated(keep=False)].sort_values("municipality_code")
    if not repeated.empty:
        listed = ", ".join(
            f"{code} ({', '.join(group['municipality'])})" for code, group in repeated.groupby("municipality_code")
        )
        raise BoundaryFileError(
            Text(
                it=f"{path}: codici ripetuti: {listed}; ogni comune deve stare in una riga sola.",
                en=f"{path}: repeated codes: {listed}; every municipality must stand in one row.",
            )
        )


def _make_valid(path: Path, rows: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Text]]:
    """Repair invalid outlines, keep their polygons only, and say whose they were."""
    shapes = rows.geometry.to_numpy()
    broken = ~shapely.is_valid(shapes)
    if not broken.any():
        return rows, []
    repaired = shapes.copy()
    repaired[broken] = _polygons_of(shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False))
    names = ", ".join(rows.loc[broken, "municipality"])
    if shapely.is_empty(repaired).any():
        raise BoundaryFileError(
            Text(
                it=f"{path}: la geometria di {names} non è riparabile; riprendere lo zip.",
                en=f"{path}: the geometry of {names} cannot be repaired; take the zip again.",
            )
        )
    notice = Text(it=f"Geometria non valida riparata: {names}.", en=f"Invalid geometry repaired: {names}.")
    return rows.set_geometry(gpd.GeoSeries(repaired, index=rows.index, crs=rows.crs)), [notice]


def _polygons_of(shapes: np.ndarray) -> np.ndarray:
    parts, owners = shapely.get_parts(shapes, return_index=True)
    areal = shapely.get_dimensions(parts) == 2  # noqa: PLR2004 - a surface has two dimensions
    polygons = np.full(len(shapes), shapely.MultiPolygon())
    shapely.multipolygons(parts[areal], indices=owners[areal], out=polygons)
    return polygons


def _merge_predecessors(
    path: Path, rows: gpd.GeoDataFrame, predecessors: pd.DataFrame
) -> tuple[gpd.GeoDataFrame, tuple[Text, ...]]:
    """Put merged municipalities of older files together under their successor, and say so."""
    mergers = find_mergers(set(rows["municipality_code"]), predecessors)
    if mergers.contradictions:
        raise BoundaryFileError(
            Text(
                it=f"{path}: {'; '.join(text.it for text in mergers.contradictions)}; usare un file intero di un anno.",
                en=f"{path}: {'; '.join(text.en for text in mergers.contradictions)}; use a whole file of one year.",
            )
        )
    if not mergers.successors:
        return rows, ()
    names = dict(zip(predecessors["municipality_code"], predecessors["successor"], strict=True))
    codes = rows["municipality_code"]
    renamed = rows.assign(
        municipality_code=codes.replace(mergers.successors),
        municipality=codes.map(names).fillna(rows["municipality"]),
    )
    return renamed.dissolve("municipality_code", aggfunc="first", as_index=False), mergers.notices


def _require_territory(path: Path, rows: gpd.GeoDataFrame, municipalities: pd.DataFrame) -> None:
    names = dict(zip(municipalities["municipality_code"], municipalities["municipality"], strict=True))
    found = dict(zip(rows["municipality_code"], rows["municipality"], strict=True))
    missing = [f"{names[code]} ({code})" for code in names if code not in found]
    surplus = [f"{found[code]} ({code})" for code in found if code not in names]
    if missing or surplus:
        parts_it = ([f"mancano {', '.join(missing)}"] if missing else []) + (
            [f"non previsti {', '.join(surplus)}"] if surplus else []
        )
        parts_en = ([f"{', '.join(missing)} missing"] if missing else []) + (
            [f"{', '.join(surplus)} not expected"] if surplus else []
        )
        raise BoundaryFileError(
            Text(
                it=f"{path}: attesi i {len(names)} comuni di zones.csv, trovati {len(found)}: {'; '.join(parts_it)}. "
                "Usare un file completo; se un comune è cambiato, aggiornare zones.csv e predecessors.csv.",
                en=f"{path}: expected the {len(names)} municipalities of zones.csv, found {len(found)}: "
                f"{'; '.join(parts_en)}. Use a complete file; if a municipality changed, "
                "update zones.csv and predecessors.csv.",
            )
        )
