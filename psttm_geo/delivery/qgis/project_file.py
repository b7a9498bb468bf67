"""A QGIS project of a delivery: groups, relations, map themes and sheets to print, with no QGIS at hand."""

import io
import os
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
from markupsafe import Markup

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import marked, say_date
from psttm_geo.delivery.deliverable import NO_DATE
from psttm_geo.delivery.qgis.content import Content, MapTheme, Placed, is_outline
from psttm_geo.delivery.qgis.layer_styles import label_of, style_elements
from psttm_geo.delivery.qgis.layout import Listed, Sheet, layout
from psttm_geo.delivery.qgis.notation import VERSION, inside_sentence
from psttm_geo.delivery.symbology import Changed, Filled, Nested, Outlined
from psttm_geo.delivery.xml_documents import document, escaped
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
    extent = _extent(content.layers)
    subtitle = f"{heading} · {_say_dates(content.sources_until, date)}"
    return document(
        "project.qgs",
        version=VERSION,
        title=title,
        date=date,
        crs=crs,
        extent=extent,
        file=file,
        content=content,
        visible=content.themes[0].layers if content.themes else (),
        layers=[(placed, label_of(placed.style), _style_of(placed)) for placed in content.layers],
        sheets=[layout(sheet) for sheet in _sheets(content, extent, notes, subtitle)],
    )


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
    return _SOURCE.sub(lambda _: f"<datasource>{escaped(address)}|", xml)


def _relative(file: Path, folder: Path) -> str:
    try:
        return os.path.relpath(file.resolve(), folder.resolve())
    except ValueError:  # another drive of Windows
        return str(file.resolve())


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


def _style_of(placed: Placed) -> Markup:
    return style_elements(placed.styled, placed.style, placed.subject, fixed=placed.fixed)


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
