"""Maps of municipalities and other units: colours, what these mean, and whom a map has to name."""

import math
from collections.abc import Callable, Iterable, Sequence

import pandas as pd

from psttm_geo.app.state import State, map_state
from psttm_geo.app.texts import TEXTS, day, say
from psttm_geo.core.messages import Language
from psttm_geo.core.provenance import Source, marked, say_name
from psttm_geo.jobs import Territory
from psttm_geo.osm.extract_records import ATTRIBUTION
from psttm_geo.osm.extract_records import LICENCE as MAP_LICENCE
from psttm_geo.schema import colours
from psttm_geo.webmap import maps
from psttm_geo.webmap.map_areas import Areas
from psttm_geo.webmap.maps import Colouring


def colour_by_unit(
    rows: pd.DataFrame,
    units: str,
    say_value: Callable[[float], str],
    state: State,
    territory: Territory,
    classes: Sequence[colours.Class] | None = None,
) -> Colouring:
    """Return a map of municipalities, each in the class of its unit.

    Parameters
    ----------
    rows
        One per unit: ``unit`` (code or name), ``name``, ``value`` (NaN where unknown).
    units
        ``comuni``, ``zone`` or ``unioni``.
    say_value
        Says a value with its unit.
    state, territory
        Edition, language, and who belongs where.
    classes
        By default those of :func:`psttm_geo.schema.colours.classify`.
    """
    language = state.language
    parted = colours.classify(rows["value"]) if classes is None else classes
    fills = {unit: colours.fill_of(value, parted) for unit, value in zip(rows["unit"], rows["value"], strict=True)}
    said = {
        unit: f"{'' if units == 'comuni' else name + ': '}{say_value(value)}"
        for unit, name, value in rows[["unit", "name", "value"]].itertuples(index=False)
    }
    unit_of = _units_of_municipalities(units, state.edition, territory)
    none = say("in no unione", language)
    legend = [(say_class(one, say_value), one.fill) for one in parted]
    legend += [(say(TEXTS["non_noto"], language), colours.UNKNOWN)] if colours.UNKNOWN in fills.values() else []
    legend += [(none, colours.OUTSIDE_FILL)] if units == "unioni" else []
    return Colouring(
        fills={code: fills.get(unit, colours.OUTSIDE_FILL) for code, unit in unit_of.items()},
        tips={code: said.get(unit, none) for code, unit in unit_of.items()},
        legend=legend,
    )


def differs(values: pd.Series) -> bool:
    """Tell whether a map of values says more than a sentence: some differ, or some are known and others not."""
    return len(values.drop_duplicates()) > 1


def say_alike(language: Language) -> str:
    """Say why there is no map."""
    return say("The values do not differ from one unit to another: no map is drawn.", language)


def colour_areas(
    values: "pd.Series[float]",
    shown: Areas,
    classes: Sequence[colours.Class],
    say_value: Callable[[float], str],
    elsewhere: str,
) -> Colouring:
    """Return a map of hexagons or own units, each in its class, over municipalities without a fill.

    Parameters
    ----------
    values
        One per area (NaN where unknown).
    shown
        The areas.
    classes, say_value
        As for :func:`colour_by_unit`.
    elsewhere
        Says what lies in none of them.
    """
    legend = [(say_class(one, say_value), one.fill) for one in classes]
    legend += [(say_value(math.nan), colours.UNKNOWN)] if values.isna().any() else []
    legend += [(elsewhere, colours.OUTSIDE_FILL)]
    return Colouring(fills={}, tips={}, legend=legend, areas=shown)


def say_class(one: colours.Class, say_value: Callable[[float], str]) -> str:
    """Say where a class begins and ends."""
    low, high = say_value(one.low), say_value(one.high)
    return low if low == high else f"{low} - {high}"


def _units_of_municipalities(units: str, edition: str, territory: Territory) -> dict[str, str]:
    if units == "comuni":
        codes = territory.municipalities["municipality_code"]
        return dict(zip(codes, codes, strict=True))
    mine = territory.memberships[territory.memberships["edition"] == edition]
    column = "zone" if units == "zone" else "union"
    return dict(zip(mine["municipality_code"], mine[column], strict=True))


def list_credits(sources: Iterable[Source], language: Language) -> tuple[str, ...]:
    """Return whom a map of what rests on some sources has to name, as their licence asks."""
    credited = (
        source.attribution if source.licence == MAP_LICENCE else marked(ATTRIBUTION, synthetic=source.synthetic)
        for source in sources
        if MAP_LICENCE in source.licence.split("; ")
    )
    return tuple(dict.fromkeys(say_name(one, language) for one in credited))


def territory_map(state: State, territory: Territory) -> maps.MapState:
    """Return the map of zones and unions."""
    date = day(territory.residents_date, state.language)
    title = say(
        "Zone omogenee and unioni di comuni of the Metropolitan City of Milan, edition {edition}; "
        "ISTAT's boundaries and residents on {date}",
        state.language,
        edition=state.edition,
        date=date,
    )
    return map_state(state, title, territory_legend(state, territory))


def territory_legend(state: State, territory: Territory) -> list[tuple[str, str]]:
    """Return name and fill of what the map of zones and unions shows."""
    return [
        *colours.zone_fills(list(territory.zones["zone"])).items(),
        _union_entry(state),
        (say("other municipalities", state.language), colours.OUTSIDE_FILL),
    ]


def class_legend(classes: Sequence[tuple[str, str]], state: State) -> list[tuple[str, str]]:
    """Return name and fill of what a map coloured by a theme shows: its classes, and the outlines of unions."""
    return [*classes, _union_entry(state)]


def _union_entry(state: State) -> tuple[str, str]:
    return say("unione di comuni ({edition})", state.language, edition=state.edition), colours.UNION_OUTLINE
