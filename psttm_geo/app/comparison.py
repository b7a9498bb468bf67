"""Pieces of the page of comparison: two editions on two maps that move together, and what changed in tables."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from psttm_geo.app import widgets
from psttm_geo.app.goals import LIST_HEIGHT_PX
from psttm_geo.app.state import AFTER, BEFORE, SHEET, THEME, State, map_state, read_choice
from psttm_geo.app.texts import number, plain, say
from psttm_geo.errors import Language
from psttm_geo.outputs import maps, styles
from psttm_geo.outputs.maps import Colouring
from psttm_geo.workflows import Comparison, Territory

THEMES = {"unioni": None, "si_applica": "applies", "chiamato": "called"}
"""Columns that a theme of the maps shows, without the suffix of the side; None for zones and unions."""

SHEETS = ("missioni", "obiettivi", "comuni", "driver", "partenariati")
"""Tables by their name in the address."""


def read_editions(territory: Territory) -> tuple[str, str]:
    """Read from the address bar which two editions to compare; the last two by default."""
    editions = [plan.edition.identifier for plan in territory.plans]
    before = read_choice(BEFORE, editions) or editions[max(len(editions) - 2, 0)]
    after = read_choice(AFTER, editions) or editions[-1]
    return before, after


def show_choices(before: str, after: str, theme: str, state: State, territory: Territory) -> None:
    """Show which editions and which theme; where there are only two editions there is nothing to choose."""
    language = state.language
    editions = [plan.edition.identifier for plan in territory.plans]
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        if len(editions) > 2:  # noqa: PLR2004 - two editions are the comparison itself
            for parameter, label, chosen in ((BEFORE, "before", before), (AFTER, "after", after)):
                widgets.show_switch(parameter, label, editions, chosen, language)
        widgets.show_switch(THEME, "theme", list(THEMES), theme, language, lambda name: say(f"theme_{name}", language))


def show_maps(comparison: Comparison, before: str, after: str, theme: str, state: State, territory: Territory) -> None:
    """Show both editions on two maps, and what their colours mean."""
    colourings = _colourings(comparison, theme, state)
    widgets.show_twin_maps(state, *_states(colourings, before, after, theme, state))
    if colourings:
        widgets.show_class_legend(colourings[0], state.language)
    else:
        widgets.show_legend(replace(state, edition=f"{before}, {after}"), territory)


def _states(colourings: Sequence[Colouring], before: str, after: str, theme: str, state: State) -> list[maps.MapState]:
    said = say(f"theme_{theme}", state.language)
    return [
        map_state(
            replace(state, edition=edition),
            say("comparison_map_title", state.language, theme=said, edition=edition),
            colouring,
            heading=edition,
        )
        for edition, colouring in zip((before, after), colourings or (None, None), strict=True)
    ]


def _colourings(comparison: Comparison, theme: str, state: State) -> list[Colouring]:
    """Colour both maps by the same classes, so that equal fills mean equal figures."""
    column = THEMES[theme]
    if column is None:
        return []
    language, rows = state.language, comparison.municipalities
    sides = [rows[f"{column}_before"], rows[f"{column}_after"]]
    classes = styles.classify(pd.concat(sides))
    legend = [(_say_range(one, language) + " " + say("goals", language).lower(), one.fill) for one in classes]
    unknown = [rows[f"{column}_unknown_before"], rows[f"{column}_unknown_after"]]
    return [
        Colouring(
            fills={
                code: next(one.fill for one in classes if one.low <= value <= one.high)
                for code, value in zip(rows["municipality_code"], side, strict=True)
            },
            tips={
                code: say(f"tip_{theme}", language, count=number(value, language), unknown=number(missing, language))
                for code, value, missing in zip(rows["municipality_code"], side, gaps, strict=True)
            },
            legend=legend,
        )
        for side, gaps in zip(sides, unknown, strict=True)
    ]


def _say_range(one: styles.Class, language: Language) -> str:
    low, high = number(one.low, language), number(one.high, language)
    return low if low == high else f"{low}-{high}"


def show_sentence(comparison: Comparison, before: str, after: str, state: State) -> None:
    """Say in words what changed."""
    counts, rows = comparison.counts, comparison.municipalities
    changed = rows[rows["union_changed"]]["municipality"]
    st.markdown(
        say(
            "comparison_sentence",
            state.language,
            before=before,
            after=after,
            unions=number(len(changed), state.language),
            names=plain(", ".join(changed)) or say("none", state.language),
            goals_changed=number(int(rows["goals_changed"].sum()), state.language),
            **{name: number(int(counts[name].sum()), state.language) for name in ("kept", "changed", "dropped", "new")},
        )
    )


def sheet_tables(
    comparison: Comparison, before: str, after: str, state: State, territory: Territory
) -> dict[str, pd.DataFrame]:
    """Return every table of the page in its words, by its name in the address."""
    language = state.language
    return {
        "missioni": _missions(comparison, after, language, territory),
        "obiettivi": _goals(comparison, before, after, language),
        "comuni": _municipalities(comparison, before, after, language),
        "driver": _drivers(comparison, before, after, language),
        "partenariati": _partnerships(comparison, before, after, language),
    }


def show_sheets(tables: dict[str, pd.DataFrame], state: State) -> str:
    """Show the table that the address names; return its name."""
    language = state.language
    chosen = read_choice(SHEET, SHEETS) or SHEETS[0]
    widgets.show_switch(SHEET, "sheet", SHEETS, chosen, language, lambda name: say(f"sheet_{name}", language))
    table = tables[chosen]
    key = f"sheet_{chosen}_{language}"

    def picked() -> None:
        rows = st.session_state[key]["selection"]["rows"]
        widgets.choose(table.iloc[rows[0], -1] if rows else None)

    height = min(LIST_HEIGHT_PX + 70, 36 * (len(table) + 1))
    if chosen == "comuni":
        st.dataframe(table, key=key, hide_index=True, height=height, on_select=picked, selection_mode="single-row")
    else:
        st.dataframe(table, key=key, hide_index=True, height=height)
    st.caption(say(f"sheet_{chosen}_note", language))
    return chosen


def _missions(comparison: Comparison, after: str, language: Language, territory: Territory) -> pd.DataFrame:
    plan = next(plan for plan in territory.plans if plan.edition.identifier == after)
    titles = dict(zip(plan.missions["mission"], plan.missions[f"title_{language}"], strict=True))
    counts = comparison.counts
    total = pd.DataFrame([{"mission": None, **counts.drop(columns="mission").sum().to_dict()}])
    rows = pd.concat([counts.astype({"mission": object}), total], ignore_index=True)
    return pd.DataFrame(
        {
            say("mission", language): [
                say("total", language) if mission is None else f"{mission}. {titles.get(mission, '')}"
                for mission in rows["mission"]
            ],
            **{say(f"count_{name}", language): rows[name] for name in ("kept", "changed", "dropped", "new")},
        }
    )


def _goals(comparison: Comparison, before: str, after: str, language: Language) -> pd.DataFrame:
    rows = comparison.goals
    return pd.DataFrame(
        {
            before: _goal_names(rows, "from", language),
            say("link", language): [say(f"link_{kind}", language) for kind in rows["kind"]],
            after: _goal_names(rows, "to", language),
        }
    )


def _goal_names(rows: pd.DataFrame, side: str, language: Language) -> list[str]:
    return [
        "" if pd.isna(row_number) else f"{mission}.{row_number} {title}"
        for mission, row_number, title in rows[
            [f"{side}_mission", f"{side}_number", f"{side}_title_{language}"]
        ].itertuples(index=False)
    ]


def _municipalities(comparison: Comparison, before: str, after: str, language: Language) -> pd.DataFrame:
    rows = comparison.municipalities
    rows = rows.sort_values(["union_changed", "goals_changed", "municipality"], ascending=[False, False, True])
    none = say("no_union", language)
    columns: dict[str, Any] = {say("municipality", language): rows["municipality"], say("zone", language): rows["zone"]}
    for side, edition in (("before", before), ("after", after)):
        columns[say("union_in", language, edition=edition)] = rows[f"union_{side}"].astype(object).fillna(none)
    for what in ("applies", "applies_unknown", "called", "called_unknown"):
        for side, edition in (("before", before), ("after", after)):
            columns[f"{say(f'count_{what}', language)} {edition}"] = rows[f"{what}_{side}"]
    columns[say("istat_code", language)] = rows["municipality_code"]
    return pd.DataFrame(columns).reset_index(drop=True)


def _drivers(comparison: Comparison, before: str, after: str, language: Language) -> pd.DataFrame:
    rows = comparison.drivers
    columns: dict[str, Any] = {"n.": rows["driver"]}
    for side, edition in (("before", before), ("after", after)):
        columns[edition] = rows[f"title_{language}_{side}"].fillna("")
        columns[f"{say('title_basis', language)} {edition}"] = [
            say(f"title_basis_{basis}", language) if isinstance(basis, str) else ""
            for basis in rows[f"title_basis_{side}"]
        ]
        columns[f"{say('goals', language)} {edition}"] = [
            say("non_noto", language) if pd.isna(count) else number(count, language) for count in rows[f"goals_{side}"]
        ]
        columns[f"{say('missions', language)} {edition}"] = rows[f"missions_{side}"].fillna(say("non_noto", language))
    return pd.DataFrame(columns)


def _partnerships(comparison: Comparison, before: str, after: str, language: Language) -> pd.DataFrame:
    rows = comparison.partnerships
    absent = say("not_named", language)
    return pd.DataFrame(
        {
            say("partner", language): rows[f"partner_{language}"],
            before: rows[f"purpose_{language}_before"].fillna(absent),
            after: rows[f"purpose_{language}_after"].fillna(absent),
        }
    )


def twin_page(comparison: Comparison, before: str, after: str, theme: str, state: State, territory: Territory) -> str:
    """Return both maps as an HTML page of its own."""
    colourings = _colourings(comparison, theme, state)
    both = replace(state, edition=f"{before}, {after}")
    legend = colourings[0].legend if colourings else widgets.territory_legend(both, territory)
    return widgets.map_page(_states(colourings, before, after, theme, state), legend)
