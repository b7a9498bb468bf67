"""The tables of a GeoPackage that GDAL does not write: aliases and codes, styles, metadata, project."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path

from psttm_geo.delivery import dcat, iso_metadata
from psttm_geo.delivery.metadata_records import Record
from psttm_geo.delivery.qgis.layer_styles import Styled, qml
from psttm_geo.delivery.qgis.project_file import NAME

_SCHEMA_EXTENSION = "http://www.geopackage.org/spec130/#extension_schema"

_METADATA_EXTENSION = "http://www.geopackage.org/spec130/#extension_metadata"

_SQL = Path(__file__).with_name("sql")
"""What creates tables."""


def write_schema(connection: sqlite3.Connection, layers: Sequence[Styled]) -> None:
    """Write titles, descriptions and codes of columns (extension "schema"); GDAL 3.7 and QGIS show them."""
    _create(connection, "schema")
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
    _create(connection, "styles")
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
    _create(connection, "metadata")
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


def _create(connection: sqlite3.Connection, tables: str) -> None:
    connection.executescript((_SQL / f"{tables}.sql").read_text("utf-8"))


def _register_extension(
    connection: sqlite3.Connection, extension: str, definition: str, tables: tuple[str, ...]
) -> None:
    _create(connection, "extensions")
    connection.executemany(
        "INSERT INTO gpkg_extensions (table_name, column_name, extension_name, definition, scope) "
        "VALUES (?, NULL, ?, ?, 'read-write')",
        [(table, extension, definition) for table in tables],
    )


def _instant(date: str) -> str:
    return f"{date}T00:00:00.000Z"
