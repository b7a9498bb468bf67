"""What a QGIS project of a delivery shows: layers in groups, relations, and the maps that are made of them."""

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd

from psttm_geo.core.provenance import marked
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.metadata_records import Record
from psttm_geo.delivery.qgis.layer_styles import Styled
from psttm_geo.delivery.qgis.notation import both, equal, field_of, literal, quoted
from psttm_geo.delivery.qgis.renderers import Subject, entries
from psttm_geo.delivery.symbology import DIFFERING_GOALS, MUNICIPALITY_LINES, PROJECT_COUNTS, ZONE_LINES, Style
from psttm_geo.delivery.themes import list_themes

Value = str | int


@dataclass(frozen=True)
class Placed:
    """A layer in the project; one layer of the file may stand there several times, filtered.

    Attributes
    ----------
    identifier
        Unique in the project.
    title
        In the list of layers and in legends.
    styled
        The layer of the file.
    where
        Values that are kept, by English name of the column; empty for all rows.
    other_style
        How it is drawn here; None for the layer's own style.
    """

    identifier: str
    title: str
    styled: Styled
    where: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    other_style: Style | None = None

    @functools.cached_property
    def style(self) -> Style | None:
        """How it is drawn; None for a table."""
        if self.other_style is not None or not self.where:
            return self.other_style or self.styled.style
        return self.styled.style_of(self.rows)

    @functools.cached_property
    def rows(self) -> pd.DataFrame:
        """The rows that the filter leaves."""
        rows = self.styled.rows
        if not self.where:
            return rows
        kept = [rows[field_of(name)].isin(values) for name, values in self.where.items()]
        return rows[np.logical_and.reduce(kept)]

    @property
    def subject(self) -> Subject:
        """What its legend is made from."""
        return self.styled.subject(self.title, self.rows)

    @property
    def condition(self) -> str:
        """The filter as an expression; empty for none."""
        return both(
            equal({field_of(name): values[0]})
            if len(values) == 1
            else f"{quoted(field_of(name))} IN ({', '.join(map(literal, values))})"
            for name, values in self.where.items()
        )

    @property
    def fixed(self) -> list[str]:
        """Columns that the filter sets to one value."""
        return [name for name, values in self.where.items() if len(values) == 1]


@dataclass(frozen=True)
class Group:
    """A group of layers.

    Attributes
    ----------
    title
        In the list of layers.
    members
        Layers and groups, the uppermost first.
    exclusive
        Whether at most one of its layers is shown.
    """

    title: str
    members: tuple["Placed | Group", ...]
    exclusive: bool = False

    def layers(self) -> Iterator[Placed]:
        """Give every layer in it, also in its groups."""
        for member in self.members:
            yield from member.layers() if isinstance(member, Group) else (member,)

    def first_of(self, identifiers: Collection[str]) -> int:
        """Return the position of the first of its layers that has one of these identifiers, -1 where none has."""
        return next((at for at, one in enumerate(self.layers()) if one.identifier in identifiers), -1)


@dataclass(frozen=True)
class MapTheme:
    """A map that the project opens finished.

    Attributes
    ----------
    title
        What it shows.
    layers
        Identifiers, what it is about first.
    notes
        What the map and its legend cannot show.
    """

    title: str
    layers: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    """Rows of one layer that belong to a row of another.

    Attributes
    ----------
    title
        In forms.
    parent, child
        Identifiers of the layers.
    columns
        English names of the columns by which they belong, in the parent and in the child.
    """

    title: str
    parent: str
    child: str
    columns: tuple[tuple[str, str], ...]

    @property
    def identifier(self) -> str:
        """Unique in the project: a link belongs to one layer twice, by other columns."""
        above, below = self.columns[0]
        return "_".join((self.parent, self.child, *(() if above == below else (below,))))


@dataclass(frozen=True)
class Content:
    """What a project shows.

    Attributes
    ----------
    groups
        The uppermost first.
    themes
        The first is shown when the project is opened.
    relations
        Between its layers.
    sources_until
        The day of the newest source, ISO 8601; empty where none states one.
    """

    groups: tuple[Group, ...]
    themes: tuple[MapTheme, ...]
    relations: tuple[Relation, ...]
    sources_until: str = ""

    @property
    def synthetic(self) -> bool:
        """Whether something in it is made up."""
        return any(placed.styled.synthetic for placed in self.layers)

    @property
    def layers(self) -> tuple[Placed, ...]:
        """Every layer, the uppermost first."""
        return tuple(placed for group in self.groups for placed in group.layers())

    def records(self, theme: MapTheme, records: Sequence[Record]) -> list[Record]:
        """Return the records of the layers that a map shows."""
        shown = {placed.styled.layer.name for placed in self.layers if placed.identifier in theme.layers}
        return [record for record in records if record.name in shown]


_BACKGROUND = "psttm_sfondo_comuni"

_FOREGROUND = "psttm_contorni_comuni"
"""Outlines of municipalities above what covers the ground: hexagons, isochrones."""

_OUTLINED = "Comuni (contorni)"

_COVERING = ("accessibilita_esagoni", "carenze", "isocrone", "scenario_esagoni")

_WITH_MUNICIPALITIES = ("comuni", "accessibilita_comuni", "scenario_comuni")
"""Layers that outlines of municipalities may be drawn from, the best first."""

_SAME_EVERYWHERE = 2
"""Lines of the legend of a figure that is the same everywhere: it, and what is not known."""

_PARTIAL_SCOPES = ("named", "feature", "figure")
"""Scopes of goals that do not apply everywhere."""

_OWN_GROUPS = ("unioni_comuni", "obiettivi", "driver_comuni", "driver_zone", "driver_unioni")
"""Layers of which there is one per edition."""

_MAPS = (
    ("Progetti", "comuni_progetti", "psttm_zone_omogenee"),
    ("Accessibilità nei comuni", "accessibilita_comuni", "psttm_zone_omogenee"),
    ("Accessibilità negli esagoni", "accessibilita_esagoni", _FOREGROUND),
    ("Carenze", "carenze", _FOREGROUND),
    ("Isocrone", "isocrone", _FOREGROUND),
    ("Scenario nei comuni", "scenario_comuni", "psttm_scenario_servizi"),
    ("Scenario negli esagoni", "scenario_esagoni", "psttm_scenario_servizi", _FOREGROUND),
    ("Dove serve", "siti", _BACKGROUND),
    ("Servizi", "servizi", _BACKGROUND),
    ("Confini a confronto", "confini_confronto", "psttm_zone_omogenee"),
)
"""Maps that are the same in every edition: title, layer, and what lies above or below it."""

_RELATIONS = (
    ("comuni", "appartenenze"),
    ("comuni", "obiettivi_comuni"),
    ("comuni", "progetti_comuni"),
    ("progetti", "progetti_comuni"),
    ("progetti", "progetti_driver"),
    ("driver", "progetti_driver"),
    ("progetti", "progetti_obiettivi"),
    ("progetti", "agenda_2030"),
    ("comuni", "servizi_confronto"),
    ("comuni", "carenze_comuni"),
    ("comuni", "siti_residenti"),
    ("missioni", "temi_missioni"),
    ("missioni", "visione"),
    ("missioni", "driver_missioni"),
    ("parole_chiave", "visione"),
    ("attori", "obiettivi_attori"),
    ("strumenti", "obiettivi_strumenti"),
    ("driver", "driver_missioni"),
    ("driver", "driver_obiettivi"),
    ("accordi", "accordi_comuni"),
    ("comuni", "accordi_comuni"),
    ("comuni", "dup"),
    ("comuni", "osservazioni"),
    ("driver", "traguardi"),
    ("indicatori_registrati", "osservazioni"),
)
"""Layers and tables whose rows belong to them, by the key of the first."""


_OF_GOALS = (
    *("obiettivi_comuni", "obiettivi_attori", "obiettivi_strumenti", "driver_obiettivi", "progetti_obiettivi"),
    *("dup", "traguardi", "indicatori_registrati"),
)
"""Tables whose rows belong to a goal, by its key."""

_SIDES = ("from", "to")
"""Beginnings of the columns by which a link belongs to two goals."""


def arrange(layers: Sequence[Styled], delivery: Delivery) -> Content:
    """Arrange the layers of a delivery; what it does not hold is left out."""
    present = {styled.layer.name: styled for styled in layers}
    editions = _editions(present, delivery)
    groups = [
        group for theme in list_themes() if (group := _theme_group(theme.title.it, theme.layers, present, editions))
    ]
    if "comuni" in present:
        groups.append(Group("Sfondo", _outlines(_BACKGROUND, present)))
    content = Content(tuple(groups), (), ())
    placed = {one.identifier: one for one in content.layers}
    themes, relations = tuple(_themes(placed, editions)), tuple(_relations(placed, editions))
    return Content(content.groups, themes, relations, delivery.sources_until)


def _editions(present: Mapping[str, Styled], delivery: Delivery) -> list[str]:
    """Return the editions of the delivery, the last first."""
    if delivery.editions:
        return [edition.identifier for edition in reversed(delivery.editions)]
    name = field_of("edition")
    return sorted(
        {value for one in present.values() if name in one.rows for value in one.rows[name].dropna()} - {""},
        reverse=True,
    )


def _theme_group(
    title: str, names: Sequence[str], present: Mapping[str, Styled], editions: Sequence[str]
) -> Group | None:
    members: list[Placed | Group] = []
    covering = next((name for name in names if name in present and name in _COVERING), None)
    for name in names:
        if name not in present:
            continue
        if name == covering:
            members += _outlines(_FOREGROUND, present)
        if name in _OWN_GROUPS:
            members += [member for edition in editions for member in _of_edition(present, name, edition)]
        else:
            members.append(_whole(present[name]))
    if title == "Progetti" and members and "comuni" in present:
        members.insert(
            0,
            Placed(
                _identifier("comuni_progetti"),
                present["comuni"].marked("Progetti nei comuni"),
                present["comuni"],
                other_style=PROJECT_COUNTS,
            ),
        )
    return Group(title, tuple(members)) if members else None


def is_outline(identifier: str) -> bool:
    """Say whether a layer of the project is there only to show where things are."""
    return identifier in (_BACKGROUND, _FOREGROUND)


def _outlines(identifier: str, present: Mapping[str, Styled]) -> tuple[Placed, ...]:
    """Return the outlines of municipalities, of one walker where rows are about walkers; none where none are there."""
    name = next((one for one in _WITH_MUNICIPALITIES if one in present and len(present[one].rows)), None)
    if name is None:
        return ()
    profile = field_of("profile")
    rows = present[name].rows
    where = {"profile": (str(rows[profile].max()),)} if profile in rows else {}
    return (Placed(identifier, present[name].marked(_OUTLINED), present[name], where, MUNICIPALITY_LINES),)


def _whole(styled: Styled) -> Placed:
    style = ZONE_LINES if styled.layer.name == "zone_omogenee" else None
    return Placed(_identifier(styled.layer.name), styled.title, styled, other_style=style)


def _of_edition(present: Mapping[str, Styled], name: str, edition: str) -> list[Placed | Group]:
    styled = present[name]
    one = Placed(_identifier(name, edition), f"{styled.title} {edition}", styled, {"edition": (edition,)})
    if one.rows.empty:
        return []
    if name == "obiettivi":
        differing = Placed(
            _identifier("obiettivi_in_parte", edition),
            styled.marked(f"Obiettivi che non riguardano tutto il territorio, {edition}"),
            styled,
            {"edition": (edition,), "scope": _PARTIAL_SCOPES},
            DIFFERING_GOALS,
        )
        return [differing, one] if _drawn(differing.rows) else [one]
    return [_driver_group(one, present, edition)] if name == "driver_comuni" and "driver" in present else [one]


def _driver_group(one: Placed, present: Mapping[str, Styled], edition: str) -> Group:
    table = present["driver"].rows
    mine = table[table[field_of("edition")] == edition]
    drivers = mine[[field_of(name) for name in ("driver", "title_it")]]
    members = tuple(
        Placed(
            _identifier("driver_comuni", edition, number),
            one.styled.marked(f"{number}. {title}"),
            one.styled,
            where={"edition": (edition,), "driver": (int(number),)},
        )
        for number, title in drivers.itertuples(index=False)
    )
    return Group(one.title, members, exclusive=True)


def _drawn(rows: pd.DataFrame) -> bool:
    return isinstance(rows, gpd.GeoDataFrame) and bool(rows.geometry.notna().any())


def _themes(placed: Mapping[str, Placed], editions: Sequence[str]) -> Iterator[MapTheme]:
    zones, municipalities = _identifier("zone_omogenee"), _identifier("comuni")
    for edition in editions:
        yield from _theme(f"Territorio {edition}", placed, _identifier("unioni_comuni", edition), zones, municipalities)
    for edition in editions:
        goals = _identifier("obiettivi_in_parte", edition)
        yield from _theme(f"Obiettivi in parte del territorio {edition}", placed, goals, _BACKGROUND)
    for edition in editions:
        yield from _theme(f"Driver {edition}", placed, _telling_driver(placed, edition), zones)
    for title, name, *others in _MAPS:
        yield from _theme(title, placed, _identifier(name), *others)


def _telling_driver(placed: Mapping[str, Placed], edition: str) -> str:
    """Return the first driver whose map is not the same everywhere, else the first."""
    beginning = _identifier("driver_comuni", edition, "")
    drivers = [one for name, one in placed.items() if name.startswith(beginning)]
    telling = (one for one in drivers if one.style and len(entries(one.style, one.subject)) > _SAME_EVERYWHERE)
    return next((one.identifier for one in (*telling, *drivers)), "")


def _theme(title: str, placed: Mapping[str, Placed], first: str, *others: str) -> Iterator[MapTheme]:
    """Give a map where its first layer is there; what it lies on is left out where it is not."""
    if first in placed:
        shown = tuple(name for name in (first, *others) if name in placed)
        synthetic = any(placed[name].styled.synthetic for name in shown)
        yield MapTheme(marked(title, synthetic=synthetic), shown, tuple(_notes(placed[first])))


def _notes(placed: Placed) -> Iterator[str]:
    """Say the titles of goals, which a legend shortens, and which goals have no place on the map."""
    rows = placed.rows
    if not isinstance(rows, gpd.GeoDataFrame) or placed.style is not DIFFERING_GOALS:
        return
    columns = [field_of(name) for name in ("mission", "number", "title_it")]
    for heading, some in (("", rows.geometry.notna()), ("Non noto dove si applica: ", rows.geometry.isna())):
        goals = rows.loc[some, columns].itertuples(index=False)
        names = "; ".join(f"{mission}.{number} {title}" for mission, number, title in goals)
        if names:
            yield f"{heading}{names}."


def _relations(placed: Mapping[str, Placed], editions: Sequence[str]) -> Iterator[Relation]:
    missions, links = _identifier("missioni"), _identifier("legami_obiettivi")
    for edition in editions:
        goals = _identifier("obiettivi", edition)
        for name in _OF_GOALS:
            yield from _relation(placed, goals, _identifier(name))
        yield from _relation(placed, missions, goals)
        for side in _SIDES:
            yield from _relation(placed, goals, links, side)
    for parent, child in _RELATIONS:
        yield from _relation(placed, _identifier(parent), _identifier(child))


def _relation(placed: Mapping[str, Placed], parent: str, child: str, side: str = "") -> Iterator[Relation]:
    """Give a relation by the key of the parent, where both layers are there; of a link, by one of its sides."""
    if parent in placed and child in placed:
        key = placed[parent].styled.layer.key
        columns = tuple((name, f"{side}_{name}" if side else name) for name in key)
        yield Relation(f"{placed[parent].title}: {placed[child].title}{_SAID[side]}", parent, child, columns)


_SAID = {"": "", "from": " (da qui)", "to": " (fin qui)"}


def _identifier(*parts: object) -> str:
    """Return an identifier of more than ten letters: QGIS takes no shorter ones."""
    return "psttm_" + re.sub(r"[^a-z0-9]+", "_", "_".join(map(str, parts)).lower()).ljust(_LEAST, "_")


_LEAST = 5
