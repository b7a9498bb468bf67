"""Figures of units on the page: coloured on the map, said with what they mean, right-aligned in tables."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.api.types import is_numeric_dtype

from psttm_geo.app import widgets
from psttm_geo.app.state import State
from psttm_geo.app.texts import number, say
from psttm_geo.core.errors import Language
from psttm_geo.core.numbers import SHARE_DECIMALS, percentage
from psttm_geo.core.provenance import Source, marked, say_name
from psttm_geo.jobs import Territory
from psttm_geo.osm.extract_records import ATTRIBUTION
from psttm_geo.osm.extract_records import LICENCE as MAP_LICENCE
from psttm_geo.schema import colours
from psttm_geo.webmap.map_areas import Areas
from psttm_geo.webmap.maps import Colouring

LIST_HEIGHT_PX = 330

ROW_HEIGHT_PX = 35

TALL_ROW_HEIGHT_PX = 65
"""From four rems on Streamlit breaks a cell's text into lines."""

_FIGURE_SPACE = "\u2007"
"""A space as wide as a digit."""


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
    none = say("outside_units", language)
    legend = [(_say_class(one, say_value), one.fill) for one in parted]
    legend += [(say("non_noto", language), colours.UNKNOWN)] if colours.UNKNOWN in fills.values() else []
    legend += [(none, colours.OUTSIDE_FILL)] if units == "unioni" else []
    return Colouring(
        fills={code: fills.get(unit, colours.OUTSIDE_FILL) for code, unit in unit_of.items()},
        tips={code: said.get(unit, none) for code, unit in unit_of.items()},
        legend=legend,
    )


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
    legend = [(_say_class(one, say_value), one.fill) for one in classes]
    legend += [(say_value(math.nan), colours.UNKNOWN)] if values.isna().any() else []
    legend += [(elsewhere, colours.OUTSIDE_FILL)]
    return Colouring(fills={}, tips={}, legend=legend, areas=shown)


def _say_class(one: colours.Class, say_value: Callable[[float], str]) -> str:
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


def percentages(shares: pd.Series) -> pd.Series:
    """Return shares (0-1) as percentages, rounded as they are wherever they are said."""
    return pd.Series(percentage(shares.to_numpy(dtype="float64", na_value=math.nan)), shares.index)


def show_figures(
    table: pd.DataFrame,
    key: str,
    language: Language,
    *,
    printed: bool = False,
    **options: Any,  # noqa: ANN401 - Streamlit's
) -> None:
    """Show a table with its figures in words, which a screen reader reads as they are, right-aligned and sortable.

    A `printed` one comes whole on paper too.
    """
    figures = [column for column in table.columns if is_numeric_dtype(table[column])]
    said = table.assign(**{column: _say_column(table[column], column, language) for column in figures})
    st.dataframe(
        said,
        key=key,
        hide_index=True,
        height=min(LIST_HEIGHT_PX, ROW_HEIGHT_PX * (len(table) + 1) + 2),
        column_config={
            say("project_title", language): st.column_config.TextColumn(width="medium"),
            **{column: st.column_config.TextColumn(alignment="right") for column in figures},
        },
        **options,
    )
    if printed:
        widgets.show_printed(said, figures)


def _say_column(figures: pd.Series, heading: str, language: Language) -> list[str]:
    """Say the figures of a column as its heading asks: percentages have their decimals, whole ones too."""
    if heading.endswith("(%)"):
        return say_figures(figures, language, SHARE_DECIMALS, always=True)
    return say_figures(figures, language, 2 if heading.endswith("(€)") else 1)


def show_ranking(table: pd.DataFrame, key: str, units: str, language: Language) -> None:
    """Show a ranking of units; of municipalities, whose codes are the last column, a chosen row chooses one."""

    def picked() -> None:
        chosen = st.session_state[key]["selection"]["rows"]
        widgets.choose(table.iloc[chosen[0], -1] if chosen else None)

    st.markdown(f"**{say('ranking', language)}**")
    choice: dict[str, Any] = {"on_select": picked, "selection_mode": "single-row"} if units == "comuni" else {}
    show_figures(table, key, language, **choice)


def say_figures(column: pd.Series, language: Language, decimals: int, *, always: bool = False) -> list[str]:
    """Say figures with spaces before them, so that their order as texts is their order as figures.

    Whole figures are said without `decimals`; where these are `always` to stand, only none and a hundred are.
    """
    figures = column.astype("float64")
    known = figures.dropna()
    shown = 0 if (known.isin([0, 100]) if always else known % 1 == 0).all() else decimals
    said = [None if math.isnan(figure) else number(figure, language, shown) for figure in figures]
    width = max((len(text) for text in said if text), default=0)
    return [say("non_noto", language) if text is None else text.rjust(width, _FIGURE_SPACE) for text in said]
