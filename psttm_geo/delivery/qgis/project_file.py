"""A QGIS project of a delivery: groups, relations, map themes and sheets to print, with no QGIS at hand."""

import io
import os
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import marked, say_date
from psttm_geo.delivery.deliverable import NO_DATE
from psttm_geo.delivery.qgis.content import Content, Group, MapTheme, Placed, Relation, is_outline
from psttm_geo.delivery.qgis.elements import VERSION, both, document, element, equal, inside_sentence, literal, quoted
from psttm_geo.delivery.qgis.layer_styles import labels_enabled, style_elements
from psttm_geo.delivery.qgis.layout import Listed, Sheet, layout
from psttm_geo.delivery.symbology import Changed, Filled, Nested, Outlined
from psttm_geo.schema.columns import column_named

Extent = tuple[float, float, float, float]

NAME = "PSTTM"
"""Of the project inside a GeoPackage."""

_TITLE = "Piano strategico triennale del territorio metropolitano di Milano"

_SUBTITLE_WIDTH = 150
"""Characters of a title below that of a sheet: with the date of the sources it has one line."""

_MEMBER = "psttm.qgs"

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip archive can hold, for archives that are the same each time."""

_SOURCE = re.compile(r"<datasource>[^<|]*\|")


def project(
    content: Content, file: str, *, notes: dict[str, tuple[str, ...]], date: str, crs: str = METRIC, part: str = ""
) -> str:
    """Return a project.

    Parameters
    ----------
    content
        What it shows.
    file
        Address of the GeoPackage as seen from the project.
    notes
        What the sheet of each map theme says beside the map, by title.
    date
        Of the delivery, ISO 8601.
    crs
        What its layers are in, and the maps.
    part
        Which part of a delivery it is of; empty for the whole.
    """
    title = marked(f"{_TITLE}, parte: {part}" if part else _TITLE, synthetic=content.synthetic)
    short = marked(f"{_TITLE}, consegna parziale", synthetic=content.synthetic)
    heading = title if len(title) <= _SUBTITLE_WIDTH else short
    visible = content.themes[0].layers if content.themes else ()
    extent = _extent(content.layers)
    root = element(
        "qgis",
        {"version": VERSION, "projectname": title, "saveDateTime": f"{date}T00:00:00", "saveUser": "psttm-geo"},
        element("homePath", {"path": ""}),
        element("title", text=title),
        element("projectCrs", None, _crs(crs)),
        _canvas(extent, crs),
        element("layer-tree-group", None, *(_group(group, visible) for group in content.groups)),
        element("relations", None, *map(_relation, content.relations)),
        element("projectlayers", None, *(_layer(placed, file, crs) for placed in content.layers)),
        element("layerorder", None, *(element("layer", {"id": placed.identifier}) for placed in content.layers)),
        _properties(),
        element("visibility-presets", None, *(_theme(theme, content.layers) for theme in content.themes)),
        element("projectMetadata", None, element("title", text=title), element("creation", text=f"{date}T00:00:00")),
        element(
            "Layouts",
            None,
            *(
                layout(sheet)
                for sheet in _sheets(content, extent, notes, f"{heading} · {_say_dates(content.sources_until, date)}")
            ),
        ),
    )
    return document(root)


def _say_dates(sources_until: str, date: str) -> str:
    """Say how new the sources are, and the computations where they are newer."""
    said = f"fonti fino al {say_date(sources_until).it}" if sources_until else "fonti senza data"
    return f"{said}, calcoli fino al {say_date(date).it}" if sources_until < date != NO_DATE else said


def packed(xml: str) -> bytes:
    """Return a project as a .qgz archive, not compressed: the same bytes whatever the computer's zlib."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo(_MEMBER, _EPOCH), xml)
    return content.getvalue()


def unpacked(archive: bytes) -> str:
    """Return the project in a .qgz archive that :func:`packed` made."""
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        return members.read(_MEMBER).decode("utf-8")


def moved(xml: str, file: Path, folder: Path) -> str:
    """Return a project for another place: `file` is the GeoPackage now, `folder` where the project will stand."""
    address = Path(_relative(file, folder)).as_posix()
    address = address if Path(address).is_absolute() or address.startswith("..") else f"./{address}"
    escaped = ET.tostring(element("x", text=address), encoding="unicode")[len("<x>") : -len("</x>")]
    return _SOURCE.sub(lambda _: f"<datasource>{escaped}|", xml)


def _relative(file: Path, folder: Path) -> str:
    try:
        return os.path.relpath(file.resolve(), folder.resolve())
    except ValueError:  # another drive of Windows
        return str(file.resolve())


def _crs(name: str) -> ET.Element:
    """Return the reference system; QGIS looks it up by its name only where a number of its own list stands beside."""
    number = name.partition(":")[2]
    return element("spatialrefsys", None, element("srsid", text=number), element("authid", text=name))


def _properties() -> ET.Element:
    """Return what makes addresses relative and the project's reference system count."""
    return element(
        "properties",
        None,
        element("Paths", None, element("Absolute", {"type": "bool"}, text="false")),
        element("SpatialRefSys", None, element("ProjectionsEnabled", {"type": "int"}, text="1")),
    )


def _extent(layers: Iterable[Placed]) -> Extent:
    """Return the extent of all that layers draw; of services only where nothing else is."""
    drawn = [placed.styled for placed in layers if placed.style is not None]
    areas = [styled for styled in drawn if styled.layer.geometry != "Point"] or drawn
    bounds = [styled.rows.total_bounds for styled in areas if isinstance(styled.rows, gpd.GeoDataFrame)]
    known = np.array([one for one in bounds if np.isfinite(one).all()])
    if not known.size:
        return 0.0, 0.0, 1.0, 1.0
    west, south = known[:, :2].min(axis=0).tolist()
    east, north = known[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def _canvas(extent: Extent, crs: str) -> ET.Element:
    sides = (
        element(side, text=str(value)) for side, value in zip(("xmin", "ymin", "xmax", "ymax"), extent, strict=True)
    )
    return element(
        "mapcanvas",
        {"name": "theMapCanvas", "annotationsVisible": 1},
        element("units", text="meters"),
        element("extent", None, *sides),
        element("destinationsrs", None, _crs(crs)),
    )


def _group(group: Group, visible: Iterable[str]) -> ET.Element:
    names = set(visible)
    shown = any(placed.identifier in names for placed in group.layers())
    attributes: dict[str, object] = {"name": group.title, "checked": _check(shown), "expanded": shown}
    if group.exclusive:
        first = next((at for at, one in enumerate(group.layers()) if one.identifier in names), -1)
        attributes |= {"mutually-exclusive": 1, "mutually-exclusive-child": first}
    members = (_group(one, names) if isinstance(one, Group) else _member(one, names) for one in group.members)
    return element("layer-tree-group", attributes, *members)


def _member(placed: Placed, visible: set[str]) -> ET.Element:
    return element(
        "layer-tree-layer",
        {
            "id": placed.identifier,
            "name": placed.title,
            "checked": _check(placed.identifier in visible),
            "expanded": placed.identifier in visible,
            "providerKey": "ogr",
        },
    )


def _check(shown: object) -> str:
    return "Qt::Checked" if shown else "Qt::Unchecked"


def _relation(relation: Relation) -> ET.Element:
    fields = [column_named(name).field for name in relation.columns]
    pairs = (element("fieldRef", {"referencedField": name, "referencingField": name}) for name in fields)
    return element(
        "relation",
        {
            "id": f"{relation.parent}_{relation.child}",
            "name": relation.title,
            "referencedLayer": relation.parent,
            "referencingLayer": relation.child,
            "strength": "Association",
        },
        *pairs,
    )


def _layer(placed: Placed, file: str, crs: str) -> ET.Element:
    layer = placed.styled.layer
    kind = "Point" if layer.geometry == "Point" else "Polygon"
    attributes = {
        "type": "vector",
        "geometry": kind if layer.spatial else "No geometry",
        "wkbType": layer.geometry or "NoGeometry",
        "styleCategories": "AllStyleCategories",
        "hasScaleBasedVisibilityFlag": 0,
        **labels_enabled(placed.style),
    }
    return element(
        "maplayer",
        attributes,
        element("id", text=placed.identifier),
        element("datasource", text=f"{file}|layername={layer.name}{_subset(placed)}"),
        element("layername", text=placed.title),
        element("srs", None, *([_crs(crs)] if layer.spatial else [])),
        element(
            "resourceMetadata",
            None,
            element("title", text=placed.title),
            element("abstract", text=placed.styled.abstract),
        ),
        element("provider", {"encoding": "UTF-8"}, text="ogr"),
        element("map-layer-style-manager", {"current": "default"}, element("map-layer-style", {"name": "default"})),
        *style_elements(placed.styled, placed.style, placed.subject, fixed=placed.fixed),
    )


def _subset(placed: Placed) -> str:
    conditions = []
    for name, values in placed.where.items():
        column = column_named(name).field
        if len(values) == 1:
            conditions.append(equal({column: values[0]}))
        else:
            conditions.append(f"{quoted(column)} IN ({', '.join(map(literal, values))})")
    return f"|subset={both(conditions)}" if conditions else ""


def _theme(theme: MapTheme, layers: Iterable[Placed]) -> ET.Element:
    shown = (
        element("layer", {"id": placed.identifier, "visible": 1, "expanded": 1, "style": "default"})
        for placed in layers
        if placed.identifier in theme.layers
    )
    return element("visibility-preset", {"name": theme.title, "has-expanded-info": 1}, *shown)


def _sheets(content: Content, extent: Extent, notes: dict[str, tuple[str, ...]], subtitle: str) -> Iterable[Sheet]:
    """Give a sheet for each theme."""
    placed = {one.identifier: one for one in content.layers}
    for theme in content.themes:
        yield Sheet(
            title=theme.title,
            subtitle=subtitle,
            legend=[_listed(placed[name]) for name in theme.layers],
            extent=_shown_extent(theme, placed, extent),
            notes=[*theme.notes, *notes.get(theme.title, ())],
        )


def _shown_extent(theme: MapTheme, placed: Mapping[str, Placed], whole: Extent) -> Extent:
    """Return what a sheet shows: the territory, or isochrones and what a scenario changes, or they are a dot."""
    first = placed[theme.layers[0]]
    if first.rows.empty or first.style is None or not isinstance(first.style.drawing, (Nested, Changed)):
        return whole
    shown = [placed[name] for name in theme.layers if not is_outline(name)]
    west, south, east, north = np.array([_extent([one]) for one in shown if not one.rows.empty]).T
    own = float(west.min()), float(south.min()), float(east.max()), float(north.max())
    small = all(own[at + 2] - own[at] < (whole[at + 2] - whole[at]) / 2 for at in (0, 1))
    return own if small else whole


def _listed(placed: Placed) -> Listed:
    """Return a layer as legends list it: with a heading that says what the fills mean, where there are several."""
    drawing = placed.style.drawing if placed.style else None
    column = getattr(drawing, "column", None)
    meaning = getattr(drawing, "meaning", "") or (inside_sentence(column_named(column).title.it) if column else "")
    heading = f"{placed.title}: {meaning}" if meaning else placed.title
    return Listed(placed.identifier, "" if isinstance(drawing, (Outlined, Filled)) else heading)
