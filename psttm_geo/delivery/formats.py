"""Layers as files of one layer each, for those who do not open GeoPackages."""

import io
from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import geopandas as gpd
import pandas as pd
from pandas.api.types import is_bool_dtype, is_numeric_dtype

from psttm_geo.core.crs import GEOGRAPHIC
from psttm_geo.core.files import DATA_ERRORS, make_folder, output_error, replacing
from psttm_geo.core.messages import Language, gettext
from psttm_geo.core.provenance import SYNTHETIC, marked
from psttm_geo.schema.layers import layer_named

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

LONGEST_SHEET_NAME = 31
"""As spreadsheets have it."""

GEOJSON_DECIMALS = 7
"""As RFC 7946 advises: about a centimetre."""


WARNING = gettext("warning")
"""Heads the column that says in every row of a table that it rests on made-up data."""


def write_tables(
    folder: Path, tables: Mapping[str, pd.DataFrame], *, form: str, workbook: str, synthetic: Collection[str] = ()
) -> list[Path]:
    """Write tables to a folder in one of the formats of :data:`FORMATS`.

    Parameters
    ----------
    folder
        Created if it does not exist; its parent must.
    tables
        By layer name, with Italian field names; GeoDataFrames where spatial.
    form
        A key of :data:`FORMATS`.
    workbook
        Name of the spreadsheet without its suffix: XLSX holds all tables, one sheet each.
    synthetic
        Names of those that rest on made-up data: each row says so.

    Returns
    -------
    list of Path
        The files written. A table without geometry is written as CSV where the format needs geometry.

    Raises
    ------
    OutputError
        A file cannot be written; those named before it are whole.
    """
    make_folder(folder)
    said = {name: with_warning(table, synthetic=name in synthetic) for name, table in tables.items()}
    if form == "xlsx":
        path = folder / f"{workbook}.xlsx"
        title = ", ".join(marked(layer_named(name).title.it, synthetic=name in synthetic) for name in tables)
        _write(path, partial(_write_workbook, said, title))
        return [path]
    written = []
    for name, table in said.items():
        suffix, write = FORMATS[form] if isinstance(table, gpd.GeoDataFrame) else FORMATS[_PLAIN.get(form, form)]
        path = folder / f"{name}{suffix}"
        _write(path, partial(write, name, table))
        written.append(path)
    return written


def with_warning(table: pd.DataFrame, language: Language = "it", *, synthetic: bool) -> pd.DataFrame:
    """Return a table with a last column that says of each row that it rests on made-up data, where it does."""
    return table.assign(**{WARNING.say(language): SYNTHETIC.say(language)}) if synthetic else table


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV: comma, decimal point, Unix line ends; no geometry, formulas made harmless."""
    return neutralised(without_geometry(table)).to_csv(index=False, lineterminator="\n")


def spreadsheet_csv(table: pd.DataFrame, language: Language, unknown: str) -> bytes:
    """Return a table as CSV that a spreadsheet of a language opens in columns: marked as UTF-8, formulas made harmless.

    Parameters
    ----------
    table
        Its geometry is left out.
    language
        Italian has semicolons and decimal commas, English commas and decimal points.
    unknown
        Stands where nothing is known.
    """
    delimiter, decimal = (";", ",") if language == "it" else (",", ".")
    told = neutralised(without_geometry(table).infer_objects())
    text = told.to_csv(index=False, lineterminator="\r\n", sep=delimiter, decimal=decimal, na_rep=unknown)
    return text.encode("utf-8-sig")


def neutralised(table: pd.DataFrame) -> pd.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would compute, and drop control characters it cannot hold."""
    texts = {
        name: table[name].map(_harmless, na_action="ignore")
        for name in table.columns
        if not is_numeric_dtype(table[name]) and not is_bool_dtype(table[name])
    }
    return table.assign(**texts)


def _harmless(value: object) -> object:
    if not isinstance(value, str):
        return value
    text = "'" + value if value.startswith(_FORMULA_STARTS) else value
    return "".join(letter for letter in text if letter.isprintable() or letter in "\t\r\n")


def without_geometry(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without its geometry column, if it has one."""
    return pd.DataFrame(table.drop(columns=table.geometry.name)) if isinstance(table, gpd.GeoDataFrame) else table


def _write(path: Path, write: Callable[[Path], object]) -> None:
    with replacing(path) as beside:
        try:
            write(beside)
        except DATA_ERRORS as error:
            raise output_error(path, error) from error


def _write_csv(_: str, table: pd.DataFrame, path: Path) -> None:
    path.write_text(csv_text(table), encoding="utf-8", newline="\n")


def _write_geojson(name: str, table: gpd.GeoDataFrame, path: Path) -> None:
    table.to_crs(GEOGRAPHIC).to_file(
        path,
        layer=name,
        driver="GeoJSON",
        engine="pyogrio",
        layer_options={"RFC7946": "YES", "COORDINATE_PRECISION": str(GEOJSON_DECIMALS)},
    )


def _write_flatgeobuf(name: str, table: gpd.GeoDataFrame, path: Path) -> None:
    everywhere = bool(table.geometry.notna().all())  # the format's index holds no feature without a place
    layer, synthetic = layer_named(name), WARNING.it in table.columns
    table.to_file(
        path,
        layer=name,
        driver="FlatGeobuf",
        engine="pyogrio",
        geometry_type=layer.geometry,
        promote_to_multi=layer.geometry != "Point",
        layer_options={
            "SPATIAL_INDEX": "YES" if everywhere else "NO",
            "TITLE": marked(layer.title.it, synthetic=synthetic),
            "DESCRIPTION": marked(layer.abstract.it, synthetic=synthetic),
        },
    )


def _write_parquet(_: str, table: pd.DataFrame, path: Path) -> None:
    table.to_parquet(path, index=False)


def _write_workbook(tables: Mapping[str, pd.DataFrame], title: str, path: Path) -> None:
    content = io.BytesIO()  # a full disk would leave the zip inside the writer half closed
    with pd.ExcelWriter(content, engine="openpyxl") as writer:
        for name, table in tables.items():
            shown = name[:LONGEST_SHEET_NAME]
            neutralised(without_geometry(table)).to_excel(writer, sheet_name=shown, index=False, freeze_panes=(1, 0))
            sheet = writer.sheets[shown]
            for cells in sheet.iter_cols(max_row=1):
                sheet.column_dimensions[cells[0].column_letter].width = max(12, len(str(cells[0].value)) + 2)
        writer.book.properties.title = title
    path.write_bytes(content.getvalue())


FORMATS: dict[str, tuple[str, Callable[..., None]]] = {
    "geoparquet": (".parquet", _write_parquet),
    "flatgeobuf": (".fgb", _write_flatgeobuf),
    "geojson": (".geojson", _write_geojson),
    "csv": (".csv", _write_csv),
    "xlsx": (".xlsx", _write_workbook),
}
"""Suffix, and what writes a layer of a name to a path; a workbook takes all layers."""

_PLAIN = {"flatgeobuf": "csv", "geojson": "csv"}
"""What a table without geometry is written as, where the format itself needs one."""
