"""Two editions of the plan: what changed from one to the other, on two maps and in tables."""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from psttm_geo import jobs
from psttm_geo.app.state import AFTER, BEFORE, SHEET, THEME, State, map_state, read_choice
from psttm_geo.app.texts import TEXTS, number, say, span
from psttm_geo.app.views import statement_view, unit_maps
from psttm_geo.app.views.goal_view import plan_of
from psttm_geo.app.views.unit_maps import list_credits
from psttm_geo.core.messages import Language, pgettext
from psttm_geo.jobs import Comparison, Territory
from psttm_geo.schema import colours
from psttm_geo.webmap import maps
from psttm_geo.webmap.maps import Colouring

THEMES = {"unioni": None, "si_applica": "applies", "chiamato": "called"}
"""Columns that a theme of the maps shows, without the suffix of the side; None for zones and unions."""

_OF_GOALS = ("missioni", "obiettivi")

SHEETS = (*_OF_GOALS, "comuni", "driver", "partenariati", "attori")
"""Tables by their name in the address."""

COUNTS = ("kept", "changed", "dropped", "new")


@dataclass(frozen=True)
class ComparisonView:
    """What the page shows.

    Attributes
    ----------
    changes
        What changed from one edition to the other.
    before, after
        Identifiers of the editions.
    theme
        One of :data:`THEMES`.
    sheet
        One of :attr:`sheets`.
    linked
        Whether the tables say what became of the goals of `before` in `after`: both have goals, and no edition lies
        between them.
    """

    changes: Comparison
    before: str
    after: str
    theme: str
    sheet: str
    linked: bool

    @property
    def editions(self) -> dict[str, str]:
        """Edition by the suffix of its columns."""
        return {"before": self.before, "after": self.after}

    @property
    def sheets(self) -> tuple[str, ...]:
        """Names of the tables that can be shown."""
        return _sheets(linked=self.linked)


def _sheets(*, linked: bool) -> tuple[str, ...]:
    return SHEETS if linked else SHEETS[len(_OF_GOALS) :]


def read_view(territory: Territory) -> ComparisonView | None:
    """Read from the address bar what to compare, by default the last two editions; None where there is only one."""
    editions = [plan.edition.identifier for plan in territory.plan.plans]
    if len(editions) == 1:
        return None
    after = read_choice(AFTER, editions[1:]) or editions[-1]
    earlier = editions[: editions.index(after)]
    before = read_choice(BEFORE, earlier) or earlier[-1]
    linked = before == earlier[-1] and not any(plan_of(territory, one).goals.empty for one in (before, after))
    sheets = _sheets(linked=linked)
    return ComparisonView(
        jobs.compare_editions(territory, before, after),
        before,
        after,
        read_choice(THEME, THEMES) or "unioni",
        read_choice(SHEET, sheets) or sheets[0],
        linked,
    )


def twin_maps(view: ComparisonView, state: State, territory: Territory) -> list[maps.MapState]:
    """Return the map of each edition."""
    credited = list_credits(territory.plan.scope_sources, state.language)
    colourings = [replace(one, credits=credited) for one in _colourings(view, state)]
    legend = _legend(view, colourings, state, territory)
    said = say(TEXTS[f"theme_{view.theme}"], state.language)
    return [
        map_state(
            replace(state, edition=edition),
            say("{theme}, edition {edition}.", state.language, theme=said, edition=edition),
            legend,
            colouring,
            heading=edition,
        )
        for edition, colouring in zip(view.editions.values(), colourings or (None, None), strict=True)
    ]


def _legend(
    view: ComparisonView, colourings: Sequence[Colouring], state: State, territory: Territory
) -> list[tuple[str, str]]:
    both = replace(state, edition=", ".join(view.editions.values()))
    if not colourings:
        return unit_maps.territory_legend(both, territory)
    return unit_maps.class_legend(colourings[0].legend, both)


def _colourings(view: ComparisonView, state: State) -> list[Colouring]:
    """Colour both maps by the same classes, so that equal fills mean equal figures."""
    column = THEMES[view.theme]
    if column is None:
        return []
    language, rows = state.language, view.changes.municipalities
    sides = [rows[f"{column}_{side}"] for side in view.editions]
    classes = colours.classify(pd.concat(sides))
    goals = say(TEXTS["goals"], language).lower()
    legend = [(f"{span(one.low, one.high, language)} {goals}", one.fill) for one in classes]
    legend += [(say(TEXTS["non_noto"], language), colours.UNKNOWN)] if any(side.hasnans for side in sides) else []
    return [
        Colouring(
            fills={
                code: colours.fill_of(value, classes)
                for code, value in zip(rows["municipality_code"], side, strict=True)
            },
            tips={
                code: _say_tip(view.theme, value, gap, language)
                for code, value, gap in zip(rows["municipality_code"], side, gaps, strict=True)
            },
            legend=legend,
        )
        for side, gaps in zip(sides, [rows[f"{column}_unknown_{side}"] for side in view.editions], strict=True)
    ]


def _say_tip(theme: str, count: float, unknown: float, language: Language) -> str:
    if math.isnan(count):
        return say(TEXTS["non_noto"], language)
    return say(TEXTS[f"tip_{theme}"], language, count=number(count, language), unknown=number(unknown, language))


def say_theme(view: ComparisonView, state: State) -> str:
    """Say the lowest and highest figure of each map."""
    column, rows = THEMES[view.theme], view.changes.municipalities
    if column is None:
        return ""
    sides = [
        say(
            "{count} per municipality in edition {edition} (not known: {unknown})",
            state.language,
            edition=edition,
            **{
                name: span(figures.min(), figures.max(), state.language)
                for name, figures in (
                    ("count", rows[f"{column}_{side}"]),
                    ("unknown", rows[f"{column}_unknown_{side}"]),
                )
            },
        )
        for side, edition in view.editions.items()
    ]
    return f"{say(TEXTS[f'theme_{view.theme}'], state.language)}: {'; '.join(sides)}."


def sheet_table(view: ComparisonView, state: State, territory: Territory) -> pd.DataFrame:
    """Return the table that the address names, in the words of the page."""
    make = {
        "missioni": lambda: _missions(view, state.language, territory),
        "obiettivi": lambda: _goals(view, state.language),
        "comuni": lambda: _municipalities(view, state.language),
        "driver": lambda: _drivers(view, state.language),
        "partenariati": lambda: _partnerships(view, state.language),
        "attori": lambda: statement_view.count_actors(view.editions.values(), territory, state.language),
    }
    return make[view.sheet]()


def _missions(view: ComparisonView, language: Language, territory: Territory) -> pd.DataFrame:
    missions = plan_of(territory, view.after).missions
    titles = dict(zip(missions["mission"], missions[f"title_{language}"], strict=True))
    counts = view.changes.counts
    names = [f"{mission}. {titles.get(mission, '')}" for mission in counts["mission"]]
    return pd.DataFrame(
        {
            say(TEXTS["mission"], language): [*names, say("Total", language)],
            **{say(TEXTS[f"count_{name}"], language): [*counts[name], counts[name].sum()] for name in COUNTS},
        }
    )


def _goals(view: ComparisonView, language: Language) -> pd.DataFrame:
    rows = view.changes.goals
    return pd.DataFrame(
        {
            view.before: _goal_names(rows, "from", language),
            say("What became of it", language): [say(TEXTS[f"link_{kind}"], language) for kind in rows["kind"]],
            view.after: _goal_names(rows, "to", language),
            say("What changes (in Italian)", language): rows["note"],
        }
    )


def _goal_names(rows: pd.DataFrame, side: str, language: Language) -> list[str]:
    return [
        "" if pd.isna(row_number) else f"{mission}.{row_number} {title}"
        for mission, row_number, title in rows[
            [f"{side}_mission", f"{side}_number", f"{side}_title_{language}"]
        ].itertuples(index=False)
    ]


def _municipalities(view: ComparisonView, language: Language) -> pd.DataFrame:
    rows = view.changes.municipalities.sort_values(
        ["union_changed", "goals_changed", "municipality"], ascending=[False, False, True]
    )
    none, unknown = say(pgettext("unione", "none"), language), say(TEXTS["non_noto"], language)
    columns: dict[str, Any] = {
        say(TEXTS["municipality"], language): rows["municipality"],
        say(TEXTS["zone"], language): rows["zone"],
    }
    for side, edition in view.editions.items():
        columns[say("Unione {edition}", language, edition=edition)] = rows[f"union_{side}"].astype(object).fillna(none)
    for what in ("applies", "applies_unknown", "called", "called_unknown"):
        for side, edition in view.editions.items():
            counts = rows[f"{what}_{side}"]
            columns[f"{say(TEXTS[f'count_{what}'], language)} {edition}"] = unknown if counts.hasnans else counts
    columns[say("ISTAT code", language)] = rows["municipality_code"]
    return pd.DataFrame(columns).reset_index(drop=True)


def _drivers(view: ComparisonView, language: Language) -> pd.DataFrame:
    rows, unknown = view.changes.drivers, say(TEXTS["non_noto"], language)
    columns: dict[str, Any] = {"n.": rows["driver"]}
    for side, edition in view.editions.items():
        columns[edition] = rows[f"title_{language}_{side}"].astype(object).fillna("")
    for side, edition in view.editions.items():
        columns[f"{say(TEXTS['goals'], language)} {edition}"] = [
            unknown if pd.isna(count) else number(count, language) for count in rows[f"goals_{side}"]
        ]
    for side, edition in view.editions.items():
        missions = rows[f"missions_{side}"].astype(object)
        columns[f"{say(TEXTS['missions'], language)} {edition}"] = missions.fillna(unknown)
    for side, edition in view.editions.items():
        columns[f"{say(TEXTS['title_basis'], language)} {edition}"] = [
            say(TEXTS[f"title_basis_{basis}"], language) if isinstance(basis, str) else ""
            for basis in rows[f"title_basis_{side}"]
        ]
    return pd.DataFrame(columns)


def _partnerships(view: ComparisonView, language: Language) -> pd.DataFrame:
    rows = view.changes.partnerships
    return pd.DataFrame(
        {
            say("Partner", language): [_partner_name(row, view, language) for row in rows.to_dict("records")],
            **{
                edition: [_purpose(row, side, language) for row in rows.to_dict("records")]
                for side, edition in view.editions.items()
            },
        }
    )


def _partner_name(row: Mapping[Hashable, Any], view: ComparisonView, language: Language) -> str:
    """Name a partner as the later edition does, and as the earlier one where that has another name for it."""
    names = {edition: row[f"partner_{language}_{side}"] for side, edition in view.editions.items()}
    before, after = names[view.before], names[view.after]
    return f"{after} ({view.before}: {before})" if before and after and before != after else str(after or before)


def _purpose(row: Mapping[Hashable, Any], side: str, language: Language) -> str:
    """Say what an edition makes a partnership for, or with whom it names the partner, or that it does not."""
    if row[f"purpose_{language}_{side}"]:
        return str(row[f"purpose_{language}_{side}"])
    within = row[f"within_{language}_{side}"]
    return say("named with: {partner}", language, partner=within) if within else say("not named", language)
