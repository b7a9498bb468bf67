"""The tables of a GeoPackage that GDAL does not write: aliases and codes, styles, metadata, project."""

import json
import sqlite3
from collections.abc import Iterable, Sequence

from psttm_geo.delivery import dcat, iso_metadata
from psttm_geo.delivery.metadata_records import Record
from psttm_geo.delivery.qgis.layer_styles import Styled, qml
from psttm_geo.delivery.qgis.project_file import NAME

_SCHEMA_EXTENSION = "http://www.geopackage.org/spec130/#extension_schema"

_SCHEMA_TABLES = """
CREATE TABLE gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
  CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value));
"""

_EXTENSION_TABLE = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
"""
"""GDAL creates it with the first spatial index: a file of tables alone has none."""

_METADATA_EXTENSION = "http://www.geopackage.org/spec130/#extension_metadata"

_METADATA_TABLES = """
CREATE TABLE gpkg_metadata (
  id INTEGER CONSTRAINT m_pk PRIMARY KEY ASC NOT NULL, md_scope TEXT NOT NULL DEFAULT 'dataset',
  md_standard_uri TEXT NOT NULL, mime_type TEXT NOT NULL DEFAULT 'text/xml', metadata TEXT NOT NULL DEFAULT '');
CREATE TABLE gpkg_metadata_reference (
  reference_scope TEXT NOT NULL, table_name TEXT, column_name TEXT, row_id_value INTEGER,
  timestamp DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), md_file_id INTEGER NOT NULL,
  md_parent_id INTEGER, CONSTRAINT crmr_mfi_fk FOREIGN KEY (md_file_id) REFERENCES gpkg_metadata(id),
  CONSTRAINT crmr_mpi_fk FOREIGN KEY (md_parent_id) REFERENCES gpkg_metadata(id));
"""

_STYLE_TABLE = """
CREATE TABLE layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
"""
"""As QGIS creates it."""


def write_schema(connection: sqlite3.Connection, layers: Sequence[Styled]) -> None:
    """Write titles, descriptions and codes of columns (extension "schema"); GDAL 3.7 and QGIS show them."""
    connection.executescript(_SCHEMA_TABLES)
    _register_extension(
        connection, "gpkg_schema", _SCHEMA_EXTENSION, ("gpkg_data_columns", "gpkg_data_column_constraints")
    )
    constraints = {codes.name: codes for styled in layers for codes in styled.coded.values()}
    connection.executemany(
        "INSERT INTO gpkg_data_columns (table_name, column_name, name, title, description, constraint_name) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [row for styled in layers for row in _described(styled)],
    )
    connection.executemany(
        "INSERT INTO gpkg_data_column_constraints (constraint_name, constraint_type, value, description) "
        "VALUES (?, 'enum', ?, ?)",
        [(codes.name, code, text.it) for codes in constraints.values() for code, text in codes.meanings.items()],
    )


def write_styles(connection: sqlite3.Connection, layers: Iterable[Styled], *, date: str) -> None:
    """Write the default style of every layer and table as QGIS does.

    QGIS finds styles only if their table is registered among the contents, and applies one only if catalogue and
    schema are empty texts, not NULL, and the geometry column is named exactly.
    """
    connection.executescript(_STYLE_TABLE)
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change) "
        "VALUES ('layer_styles', 'attributes', 'layer_styles', 'Stili dei layer per QGIS.', ?)",
        [_instant(date)],
    )
    connection.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName, "
        "styleQML, styleSLD, useAsDefault, description, owner, ui, update_time) "
        "VALUES ('', '', ?, ?, ?, ?, '', 1, ?, '', '', ?)",
        [
            (
                styled.layer.name,
                "geom" if styled.layer.spatial else "",
                styled.title,
                qml(styled),
                styled.abstract,
                _instant(date),
            )
            for styled in layers
        ],
    )


def write_metadata(connection: sqlite3.Connection, records: Sequence[Record], *, date: str) -> None:
    """Write the metadata of the whole file and, below it, of every layer (extension "metadata").

    References, and what is told of when layers were changed, bear the day of what they are about: a layer's newest
    source or computation.
    """
    connection.executescript(_METADATA_TABLES)
    _register_extension(connection, "gpkg_metadata", _METADATA_EXTENSION, ("gpkg_metadata", "gpkg_metadata_reference"))
    whole, *layers = records
    documents = [
        (_scope(record), iso_metadata.STANDARD, "text/xml", iso_metadata.iso_metadata(record, whole))
        for record in records
    ]
    documents.append(("dataset", dcat.STANDARD, "application/ld+json", dcat.dcat(records)))
    connection.executemany(
        "INSERT INTO gpkg_metadata (id, md_scope, md_standard_uri, mime_type, metadata) VALUES (?, ?, ?, ?, ?)",
        [(number, *document) for number, document in enumerate(documents, start=1)],
    )
    references: list[tuple[str, str | None, str, int, int | None]] = [
        ("geopackage", None, _instant(date), 1, None),
        *(("table", record.name, _instant(record.date), number, 1) for number, record in enumerate(layers, start=2)),
        ("geopackage", None, _instant(date), len(documents), None),
    ]
    connection.executemany(
        "INSERT INTO gpkg_metadata_reference (reference_scope, table_name, timestamp, md_file_id, md_parent_id) "
        "VALUES (?, ?, ?, ?, ?)",
        references,
    )
    connection.executemany(
        "UPDATE gpkg_contents SET last_change = ? WHERE table_name = ?",
        [(_instant(record.date), record.name) for record in layers],
    )


def _scope(record: Record) -> str:
    if not record.name:
        return "series"
    return "dataset" if record.spatial else "nonGeographicDataset"


def write_project(connection: sqlite3.Connection, archive: bytes, *, date: str) -> None:
    """Write a project as QGIS keeps it in a GeoPackage: a .qgz archive in hexadecimal digits."""
    connection.executescript("CREATE TABLE qgis_projects (name TEXT PRIMARY KEY, metadata BLOB, content BLOB);")
    about = json.dumps({"last_modified_time": f"{date}T00:00:00", "last_modified_user": "psttm-geo"})
    connection.execute("INSERT INTO qgis_projects VALUES (?, ?, ?)", [NAME, about, archive.hex()])


def _described(styled: Styled) -> list[tuple[str | None, ...]]:
    coded = styled.coded
    return [
        (
            styled.layer.name,
            column.field,
            column.title.it,
            column.title.it,
            column.description.it,
            coded[column.field].name if column.field in coded else None,
        )
        for column in styled.columns
    ]


def _register_extension(
    connection: sqlite3.Connection, extension: str, definition: str, tables: tuple[str, ...]
) -> None:
    connection.executescript(_EXTENSION_TABLE)
    connection.executemany(
        "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) "
        "VALUES (?, NULL, ?, ?, 'read-write')",
        [(table, extension, definition) for table in tables],
    )


def _instant(date: str) -> str:
    return f"{date}T00:00:00.000Z"
