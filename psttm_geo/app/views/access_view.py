"""Who reaches what on foot, where and in how long: what the pages of accessibility show, and in which words."""

import dataclasses
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from psttm_geo.access.differences import differs
from psttm_geo.access.results import Results
from psttm_geo.access.travel_times import FARTHEST_ESSENTIAL
from psttm_geo.app import data
from psttm_geo.app.state import CATEGORY, HEXAGONS, OWN_UNITS, PROFILE, REACH, State, read_choice, read_units
from psttm_geo.app.texts import TEXTS, number, percent, say
from psttm_geo.app.views import unit_maps
from psttm_geo.app.views.figures import percentages
from psttm_geo.core.messages import Language, Text, same
from psttm_geo.core.numbers import say_percent
from psttm_geo.core.provenance import Source
from psttm_geo.delivery.symbology import SHARES
from psttm_geo.jobs import Territory
from psttm_geo.plan.plan_layers import MUNICIPALITY, OWN_UNIT, UNION, ZONE
from psttm_geo.plan.plan_layers import WHOLE as WHOLE_UNIT
from psttm_geo.schema import colours
from psttm_geo.services.completeness import SINGLE
from psttm_geo.webmap.map_areas import Areas, area_values
from psttm_geo.webmap.maps import Colouring

UNIT_LAYERS = {
    "comuni": ("accessibilita_comuni", "municipality_code"),
    "zone": ("accessibilita_zone", "zone"),
    "unioni": ("accessibilita_unioni", "union"),
    OWN_UNITS: ("accessibilita_unita", "own_unit"),
}
"""Layer and column of each kind of unit, by its name in the address."""

UNIT_KINDS = {"comuni": MUNICIPALITY, "zone": ZONE, "unioni": UNION, OWN_UNITS: OWN_UNIT}
"""How indicators name each kind of unit."""

EVERYTHING = "tutte"
"""Stands for all essential categories together."""

SHARE, MINUTES = "quota", "minuti"

WHOLE = "accessibilita_citta_metropolitana"
"""The layer of the whole territory."""

_ALL_AGES = "totale"
"""As :data:`psttm_geo.access.indicators.ALL_AGES`, which takes long to import."""

_DECIMALS = 1

_SHARE_DECIMALS = 3
"""Percentages are said with one decimal."""


@dataclass(frozen=True)
class AccessView:
    """What a page of accessibility shows.

    Attributes
    ----------
    results
        Of the workspace.
    units
        One of :data:`UNIT_LAYERS`, or :data:`HEXAGONS`.
    category
        One of services, or :data:`EVERYTHING`.
    profile
        Who walks.
    measure
        :data:`SHARE` within 15 minutes, or mean :data:`MINUTES`.
    rows
        Of the units ranked: ``unit`` (code or name), ``name``, ``value`` (NaN where unknown), and the columns of the
        layer.
    """

    results: Results
    units: str
    category: str
    profile: str
    measure: str
    rows: pd.DataFrame

    @property
    def whole(self) -> pd.DataFrame:
        """The figures of the whole territory, a row for each who walks."""
        return self.results.layers[WHOLE]

    @property
    def sources(self) -> tuple[Source, ...]:
        """What the figures rest on."""
        return self.results.sources[WHOLE]

    @property
    def categories(self) -> list[str]:
        """The categories that there are figures of."""
        return list_categories(self.whole)

    @property
    def column(self) -> str:
        """The column of the layers that is shown."""
        return column_of(self.measure, self.category)

    @property
    def ranked(self) -> str:
        """The units of the ranking."""
        return "comuni" if self.units == HEXAGONS else self.units


def column_of(measure: str, category: str) -> str:
    """Return the column of a layer that has the measure of a category."""
    if category == EVERYTHING:
        return "share_all_15" if measure == SHARE else "minutes_all"
    return f"{'share_15' if measure == SHARE else 'minutes_to'}_{category}"


def read_view(state: State, territory: Territory) -> AccessView | None:
    """Read from the address bar what to show; None where nothing was computed."""
    results = territory.results
    if results is None or WHOLE not in results.layers:
        return None
    whole = results.layers[WHOLE]
    categories = [EVERYTHING, *list_categories(whole)]
    profiles = list(whole["profile"])
    units = read_units(list_units(results))
    category = read_choice(CATEGORY, categories) or EVERYTHING
    profile = read_choice(PROFILE, profiles) or profiles[0]
    measure = read_choice(REACH, (SHARE, MINUTES)) or SHARE
    return view_of(results, state.edition, units=units, category=category, profile=profile, measure=measure)


def list_units(results: Results) -> list[str]:
    """Return the units that a map can show: the office's own only where there are results for them."""
    own = UNIT_LAYERS[OWN_UNITS][0] in results.layers
    return [units for units in (*UNIT_LAYERS, HEXAGONS) if own or units != OWN_UNITS]


def view_of(results: Results, edition: str, *, units: str, category: str, profile: str, measure: str) -> AccessView:
    """Return what the page shows of results; of unioni those of an edition."""
    layer, column = UNIT_LAYERS.get(units, UNIT_LAYERS["comuni"])
    table = results.layers.get(layer, results.layers[WHOLE].iloc[:0].assign(**{column: ""}))
    mine = table[table["profile"] == profile]
    if "edition" in mine.columns:
        mine = mine[mine["edition"] == edition]
    names = mine["municipality"] if column == "municipality_code" else mine[column]
    value = mine[column_of(measure, category)].astype("float64")
    rows = pd.DataFrame(mine.drop(columns="geometry")).assign(unit=mine[column], name=names, value=value)
    return AccessView(results, units, category, profile, measure, rows.reset_index(drop=True))


def list_categories(table: pd.DataFrame) -> list[str]:
    """Return the categories that a layer of accessibility has columns of."""
    return [name.removeprefix("share_15_") for name in table.columns if name.startswith("share_15_")]


def category_names(categories: Iterable[str], language: Language, territory: Territory) -> dict[str, str]:
    """Return categories in words, by identifier."""
    return {name: category_name(name, language, territory) for name in categories}


def category_name(category: str, language: Language, territory: Territory) -> str:
    """Return a category in words; one of another table of services by its identifier."""
    if category in (EVERYTHING, FARTHEST_ESSENTIAL):
        return say("All essential ones", language)
    return _meaning("category", category, territory).say(language)


def profile_name(profile: str, language: Language, territory: Territory) -> str:
    """Return who walks in words."""
    return _meaning("profile", profile, territory).say(language)


def _meaning(column: str, code: str, territory: Territory) -> Text:
    return territory.codes[column].meanings.get(code, same(code))


def say_value(value: float, measure: str, language: Language) -> str:
    """Say a figure with its unit; what is not known is said, never shown as zero."""
    if math.isnan(value):
        return say(TEXTS["non_noto"], language)
    return percent(value, language) if measure == SHARE else f"{number(value, language, _DECIMALS)} min"


def colour_units(view: AccessView, state: State, territory: Territory) -> Colouring:
    """Return the map: each unit in its class, shares in the classes of the GeoPackage's styles; and whom it credits."""
    credited = unit_maps.list_credits(view.sources, state.language)
    return dataclasses.replace(_colour_units(view, state, territory), credits=credited)


def _colour_units(view: AccessView, state: State, territory: Territory) -> Colouring:
    if view.units in (HEXAGONS, OWN_UNITS):
        own = view.units == OWN_UNITS
        layer, name = UNIT_LAYERS[OWN_UNITS] if own else ("accessibilita_esagoni", "hexagon")
        table = view.results.layers[layer]
        values = table[table["profile"] == view.profile].set_index(name)[view.column]
        return colour_areas(values, data.area_shapes(layer, name), view.measure, state.language, own=own)
    say_one = partial(say_value, measure=view.measure, language=state.language)
    classes = SHARES if view.measure == SHARE else None
    colouring = unit_maps.colour_by_unit(view.rows, view.units, say_one, state, territory, classes)
    return _with_whole_ends(colouring, view.measure, state.language)


def colour_areas(
    values: "pd.Series[float]", shapes: str, measure: str, language: Language, *, own: bool = False
) -> Colouring:
    """Return a map of hexagons, or of the office's own units.

    Parameters
    ----------
    values
        One per area, by its name (NaN where unknown).
    shapes
        Of all of them, as :func:`psttm_geo.webmap.map_areas.area_shapes` returns them.
    measure
        What the values are: :data:`SHARE` or :data:`MINUTES`.
    language
        Of the words.
    own
        Whether they are own units, which have names and borders.
    """
    say_one = partial(say_value, measure=measure, language=language)
    classes = SHARES if measure == SHARE else colours.classify(values)
    decimals = _SHARE_DECIMALS if measure == SHARE else _DECIMALS
    shown = Areas(shapes, area_values(values, classes, say_one, decimals=decimals, named=own), outlined=own)
    elsewhere = say(TEXTS["outside_own_units" if own else "nobody_lives"], language)
    return _with_whole_ends(unit_maps.colour_areas(values, shown, classes, say_one, elsewhere), measure, language)


def _with_whole_ends(colouring: Colouring, measure: str, language: Language) -> Colouring:
    """Say the classes of shares in the legend as they are: from one whole percentage to another."""
    if measure != SHARE:
        return colouring
    classes = [(unit_maps.say_class(one, lambda end: say_percent(end, 0).say(language)), one.fill) for one in SHARES]
    return dataclasses.replace(colouring, legend=[*classes, *colouring.legend[len(SHARES) :]])


def map_title(view: AccessView, state: State, territory: Territory) -> str:
    """Say what the map shows."""
    language = state.language
    return say(
        "{reach}: {category}; {profile}; by {units}.",
        language,
        reach=say(TEXTS[f"reach_{view.measure}"], language),
        category=category_name(view.category, language, territory),
        profile=profile_name(view.profile, language, territory),
        units=say(TEXTS[f"units_{view.units}"], language).lower(),
    )


def whole_row(view: AccessView) -> pd.Series:
    """Return the figures of the whole territory, for who walks."""
    return view.whole[view.whole["profile"] == view.profile].iloc[0]


def sentence(view: AccessView, state: State, territory: Territory) -> str:
    """Say the figures of the whole, and whom they leave out."""
    language, row = state.language, whole_row(view)
    people = float(row["residents_near_end"])
    near_end = (
        say(
            "Near the end of the extract, where a nearer service may stand beyond: {people} residents, "
            "whose times are upper bounds.",
            language,
            people=number(people, language),
        )
        if people > 0
        else ""
    )
    share = float(row[column_of(SHARE, view.category)])
    said = say(
        TEXTS["access_sentence_unknown" if math.isnan(share) else "access_sentence"],
        language,
        profile=profile_name(view.profile, language, territory),
        category=category_name(view.category, language, territory),
        share=say_value(share, SHARE, language),
        minutes=say_value(float(row[column_of(MINUTES, view.category)]), MINUTES, language),
        unknown=say_value(float(row["share_unknown"]), SHARE, language),
    )
    return " ".join(part for part in (said, say_certainty(view, language), near_end) if part)


def say_certainty(view: AccessView, language: Language) -> str:
    """Say how sure the figure of the whole is; nothing where it was not computed."""
    completeness = view.results.layers.get("completezza_servizi")
    if completeness is None:
        return ""
    wanted = view.results.essential if view.category == EVERYTHING else (view.category,)
    basis = completeness.set_index("category")["found_basis"].reindex(wanted)
    if (basis == SINGLE).any():
        return say("How sure: not said, since a category rests on one service only.", language)
    low, high = (float(end) for end in find_ends(view, WHOLE_UNIT).iloc[0])
    if math.isnan(low) and math.isnan(high):
        return ""
    ends = {"low": say_value(low, view.measure, language), "high": say_value(high, view.measure, language)}
    if math.isnan(high):
        return say(
            "How sure: at least {low}; how many services are missing from the data is not known.", language, **ends
        )
    if math.isnan(low):
        return say(
            "How sure: at most {high}; how many services are missing from the data is not known.", language, **ends
        )
    return say(
        "How sure: between {low} and {high}, for walking speed, the place of residents and services missing from the "
        "data.",
        language,
        **ends,
    )


def find_ends(view: AccessView, kind: str) -> pd.DataFrame:
    """Return the low and high values of the measure shown, ``low`` and ``high`` by unit of a kind, NaN where unknown.

    Parameters
    ----------
    view
        What the page shows.
    kind
        Of units, as the indicators name it.
    """
    chosen = _ends_by_category(view, kind)
    chosen = chosen[chosen["category"] == (FARTHEST_ESSENTIAL if view.category == EVERYTHING else view.category)]
    if kind == UNION:
        edition = view.rows["edition"].iloc[:1].to_list()
        chosen = chosen[chosen["edition_or_all"].isin(edition)]
    named = chosen.astype({"unit": str}).set_index("unit")
    return named[["access_low", "access_high"]].set_axis(["low", "high"], axis=1)


def _ends_by_category(view: AccessView, kind: str) -> pd.DataFrame:
    """Return the rows of the indicators that have the measure shown, of units of a kind."""
    table = view.results.layers["indicatori"]
    return table[
        (table["unit_kind"] == kind)
        & (table["profile"] == view.profile)
        & (table["age_band"] == _ALL_AGES)
        & (table["access_indicator"] == ("quota_entro_15" if view.measure == SHARE else "minuti_medi"))
    ]


def add_ends(table: pd.DataFrame, view: AccessView, language: Language) -> pd.DataFrame:
    """Add to a table of all categories the low and high values of the whole, of the measure shown, where known."""
    ends = _ends_by_category(view, WHOLE_UNIT).astype({"category": str}).set_index("category")
    listed = ends[["access_low", "access_high"]].set_axis(["low", "high"], axis=1)
    mine = listed.reindex([FARTHEST_ESSENTIAL, *view.categories])
    return table.assign(**_end_columns(mine, table.index, view.measure, language))


def say_alike(view: AccessView, language: Language) -> str:
    """Say how many units next to each other in the ranking differ by less than is known; nothing if not computed."""
    ends = find_ends(view, UNIT_KINDS[view.ranked]).reindex(view.rows["unit"])
    rows = view.rows.assign(low=ends["low"].to_numpy(), high=ends["high"].to_numpy())
    known = rows.dropna(subset=["value", "low", "high"]).sort_values("value")
    if len(known) < _FEWEST_COMPARED:
        return ""
    smaller, larger = known.iloc[:-1].reset_index(drop=True), known.iloc[1:].reset_index(drop=True)
    apart = differs(smaller[["value", "low", "high"]], larger[["value", "low", "high"]])
    counts = {"alike": number(int((~apart).sum()), language), "count": number(len(apart), language)}
    return say(
        "A difference smaller than its uncertainty is none: of {count} pairs of neighbours in the ranking, {alike} are "
        "not told apart.",
        language,
        **counts,
    )


_FEWEST_COMPARED = 2


def category_table(
    rows: Mapping[str, pd.Series], language: Language, territory: Territory, essential: Collection[str] = ()
) -> pd.DataFrame:
    """Return share and minutes of every category; columns in the words of the page.

    Parameters
    ----------
    rows
        Of layers of accessibility, by the name that their columns are headed with; it may be empty.
    language, territory
        Give the words.
    essential
        Categories that an asterisk marks.
    """
    first = next(iter(rows.values()))
    categories = [EVERYTHING, *list_categories(first.to_frame().T)]
    table = pd.DataFrame(
        {
            say(TEXTS["category"], language): [
                category_name(name, language, territory) + (" *" if name in essential else "") for name in categories
            ],
            **{
                _heading(name, measure, language): [row[column_of(measure, category)] for category in categories]
                for name, row in rows.items()
                for measure in (SHARE, MINUTES)
            },
        }
    )
    shares = [name for name in table.columns if name.endswith("(%)")]
    return table.assign(**{name: percentages(table[name]) for name in shares})


def _heading(name: str, measure: str, language: Language) -> str:
    said = say(TEXTS[f"reach_{measure}"], language) + (" (%)" if measure == SHARE else "")
    return f"{name}: {said[0].lower()}{said[1:]}" if name else said


def ranking(view: AccessView, state: State) -> pd.DataFrame:
    """Return units from the best served down, unknown ones last; columns in the words of the page."""
    language, minutes = state.language, view.measure == MINUTES
    rows = view.rows.sort_values(["value", "name"], ascending=[minutes, True], na_position="last")
    ends = find_ends(view, UNIT_KINDS[view.ranked]).reindex(rows["unit"])
    columns = {
        say("Rank", language): rows["value"].rank(method="min", ascending=minutes).astype("Int64"),
        say(TEXTS[f"unit_{view.ranked}"], language): rows["name"],
        f"{say(TEXTS['reach_quota'], language)} (%)": percentages(rows[column_of(SHARE, view.category)]),
        say(TEXTS["reach_minuti"], language): rows[column_of(MINUTES, view.category)].astype("float64").round(1),
        **_end_columns(ends, rows.index, view.measure, language),
        say(TEXTS["residents"], language): rows["residents"].astype("float64").round(0),
        say("Not known (%)", language): percentages(rows["share_unknown"]),
    }
    if view.ranked == "comuni":
        columns[say("ISTAT code", language)] = rows["unit"]
    return pd.DataFrame(columns).reset_index(drop=True)


def _end_columns(ends: pd.DataFrame, rows: pd.Index, measure: str, language: Language) -> dict[str, "pd.Series[float]"]:
    """Return the low and high values of the measure shown as columns; none where not a single one is known."""
    if ends.isna().all(axis=None):
        return {}
    shown = {}
    for name, heading in (("low", "low_value"), ("high", "high_value")):
        values = pd.Series(ends[name].to_numpy(dtype=float), rows)
        unit = " (%)" if measure == SHARE else " (min)"
        shown[say(TEXTS[heading], language) + unit] = percentages(values) if measure == SHARE else values.round(1)
    return shown


def quarter_hour_share(territory: Territory) -> float | None:
    """Return how many reach all essential services within a quarter of an hour, at their pace; None if not computed."""
    layers = {} if territory.results is None else territory.results.layers
    whole = layers.get(WHOLE)
    return None if whole is None else float(whole["share_all_15"].iloc[0])
