"""What the start page says first: three findings of the data in force."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from psttm_geo import jobs
from psttm_geo.app.state import State
from psttm_geo.app.texts import TEXTS, day, number, percent, say
from psttm_geo.app.views import access_view
from psttm_geo.app.views.access_view import EVERYTHING, SHARE
from psttm_geo.core.messages import Language
from psttm_geo.core.numbers import percentage
from psttm_geo.core.provenance import marked
from psttm_geo.jobs import Territory

_FEWEST = 2
"""Zones that a distance is between."""


@dataclass(frozen=True)
class Finding:
    """A figure and what it is.

    Attributes
    ----------
    figure
        In words, with its unit.
    about
        A sentence that goes on from it.
    basis
        What it rests on.
    theme
        ``access``, ``lacking`` or ``plan``: its colour.
    """

    figure: str
    about: str
    basis: str
    theme: str


def find_layers(territory: Territory) -> tuple[str, ...]:
    """Return the layers that the findings rest on, beside the territory itself."""
    named = (access_view.WHOLE, access_view.UNIT_LAYERS["zone"][0])
    return named if _known_share(territory) is not None else ()


def findings(state: State, territory: Territory) -> list[Finding]:
    """Return what the start page says: of accessibility where it is known, else of ages and unioni; of editions."""
    of_people = list(_of_access(state, territory)) or list(_of_territory(state, territory))
    return [*of_people, *_of_editions(state.language, territory)]


def _known_share(territory: Territory) -> float | None:
    share = access_view.quarter_hour_share(territory)
    return None if share is None or math.isnan(share) else share


def _of_access(state: State, territory: Territory) -> Iterator[Finding]:
    share, results, language = _known_share(territory), territory.results, state.language
    if share is None or results is None:
        return
    whole = results.layers[access_view.WHOLE].iloc[0]
    view = access_view.view_of(
        results, state.edition, units="zone", category=EVERYTHING, profile=str(whole["profile"]), measure=SHARE
    )
    basis = marked(say(TEXTS["page_quindici_minuti"], language), language, synthetic=state.synthetic)
    said = say("of residents reach all essential services within 15 minutes on foot.", language)
    unknown = float(whole["share_unknown"])
    if unknown > 0:
        said += " " + say("Not known: {unknown} of residents.", language, unknown=percent(unknown, language))
    yield Finding(percent(share, language), said, basis, "access")
    known = view.rows.dropna(subset="value").sort_values("value")
    if len(known) < _FEWEST:
        return
    least, most = known.iloc[0], known.iloc[-1]
    apart = float(percentage(most["value"]) - percentage(least["value"]))
    said = say(
        "between {most} ({most_share}) and {least} ({least_share}); zones with a known share: {count}.",
        language,
        most=str(most["name"]),
        most_share=percent(most["value"], language),
        least=str(least["name"]),
        least_share=percent(least["value"], language),
        count=number(len(known), language),
    )
    yield Finding(say("{count} points", language, count=number(apart, language, 1)), said, basis, "lacking")


def _of_territory(state: State, territory: Territory) -> Iterator[Finding]:
    language = state.language
    zones = territory.zones.set_index("zone")
    shares = (zones["residents_75_over"] / zones["residents"]).dropna().sort_values()
    whole = territory.whole.iloc[0]
    old = whole["residents_75_over"] / whole["residents"]
    if pd.notna(old) and len(shares) >= _FEWEST:
        said = say(
            "of residents are 75 or over: from {least_share} in {least} to {most_share} in {most}.",
            language,
            least=str(shares.index[0]),
            least_share=percent(shares.iloc[0], language),
            most=str(shares.index[-1]),
            most_share=percent(shares.iloc[-1], language),
        )
        date = day(territory.residents_date, language)
        basis = say("Residents on {date}", language, date=date)
        yield Finding(percent(old, language), said, basis, "access")
    plan = next(plan for plan in territory.plan.plans if plan.edition.identifier == state.edition)
    unions = territory.unions[territory.unions["edition"] == state.edition]
    if plan.union_names:
        said = say("municipalities belong to a unione di comuni: {names}.", language, names=", ".join(plan.union_names))
        count = number(int(unions["municipality_count"].sum()), language)
        basis = say("Edition {edition}", language, edition=state.edition)
        yield Finding(count, said, basis, "plan")


def _of_editions(language: Language, territory: Territory) -> Iterator[Finding]:
    editions = [plan.edition.identifier for plan in territory.plan.plans if not plan.goals.empty]
    if len(editions) == 1:
        return
    before, after = editions[-2:]
    counts = jobs.compare_editions(territory, before, after).counts[["kept", "changed", "new", "dropped"]].sum()
    said = say(
        "goals of {after} are new ({new}) or changed ({changed}) since {before}; {dropped} are not taken up again.",
        language,
        before=before,
        after=after,
        **{name: number(int(counts[name]), language) for name in ("new", "changed", "dropped")},
    )
    figure = say(
        "{some} of {all}",
        language,
        some=number(int(counts["new"] + counts["changed"]), language),
        all=number(int(counts[["kept", "changed", "new"]].sum()), language),
    )
    yield Finding(figure, said, say("Documents of the Plan", language), "plan")
