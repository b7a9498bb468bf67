"""Where next: what is looked for, and the places found in words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from psttm_geo.access.aims import AIMS, COVERAGE, EQUITY
from psttm_geo.app import data
from psttm_geo.app.state import AIM, CANDIDATES, HEXAGONS, SITES, WEIGHT, State, read_choice
from psttm_geo.app.texts import say
from psttm_geo.app.views import access_view, scenario_view
from psttm_geo.app.views.access_view import EVERYTHING, SHARE
from psttm_geo.app.views.figures import percentages
from psttm_geo.app.views.scenario_view import Attempt, WhatIfView
from psttm_geo.core.errors import PsttmError
from psttm_geo.core.messages import Language, Text
from psttm_geo.jobs import SiteRequest, Territory
from psttm_geo.schema.columns import COLUMNS

if TYPE_CHECKING:
    from psttm_geo.jobs.best_sites import Sites

COUNTS = ("1", "2", "3", "5", "10")

WEIGHTS = ("residenti", "oltre_15", "0_14", "15_64", "65_74", "75_piu")

PLACES = ("esagoni", "scuola", "trasporto")
"""Candidates that the page offers; a file of the office belongs to the command."""

_SECONDS = 5.0


@dataclass(frozen=True)
class SiteView:
    """What the page shows.

    Attributes
    ----------
    today
        Shares within 15 minutes as they are, of the category that is looked for.
    request
        What is looked for.
    """

    today: WhatIfView
    request: SiteRequest


@dataclass(frozen=True)
class Answer:
    """What is known of the places.

    Attributes
    ----------
    found
        The places; None while they are being looked for, or where there can be none.
    attempt
        The scenario that they make.
    problem
        Why there can be none.
    """

    found: "Sites | None"
    attempt: Attempt
    problem: Text | None = None


def read_view(state: State, territory: Territory) -> SiteView | None:
    """Read from the address bar what is looked for; None where nothing was computed."""
    view = access_view.read_view(state, territory)
    if view is None:
        return None
    category = view.categories[0] if view.category == EVERYTHING else view.category
    today = access_view.view_of(
        view.results,
        state.edition,
        units=HEXAGONS if view.units == HEXAGONS else "comuni",
        category=category,
        profile=str(view.whole["profile"].iloc[0]),
        measure=SHARE,
    )
    request = SiteRequest(
        category,
        int(read_choice(SITES, COUNTS) or COUNTS[0]),
        aim=next(aim for aim in AIMS if aim == (read_choice(AIM, AIMS) or COVERAGE)),
        weight=read_choice(WEIGHT, WEIGHTS) or WEIGHTS[0],
        candidates=read_choice(CANDIDATES, PLACES) or PLACES[0],
        seconds=_SECONDS,
    )
    return SiteView(WhatIfView(today, ()), request)


def look(view: SiteView) -> Answer:
    """Return what is known of the places, without waiting for what is still being loaded or looked for."""
    if not (data.trials_are_ready() and data.sites_are_ready(view.request)):
        return Answer(None, scenario_view.look(view.today, ()))
    try:
        found = data.sites(view.request)
    except PsttmError as error:
        return Answer(None, scenario_view.look(view.today, ()), error.text)
    return Answer(found, scenario_view.look(view.today, found.changes))


def choices(language: Language) -> dict[str, dict[str, str]]:
    """Return what can be chosen, in words, by its name in the address."""
    aims, bands = COLUMNS["aim"].codes, COLUMNS["age_band"].codes
    ages = {} if bands is None else {code: text.say(language) for code, text in bands.meanings.items()}
    weights = {
        "residenti": say("all residents", language),
        "oltre_15": say("residents more than 15 minutes away today", language),
        **{code: say("residents: {ages}", language, ages=ages[code]) for code in WEIGHTS if code in ages},
    }
    return {
        SITES: {count: count for count in COUNTS},
        AIM: {} if aims is None else {code: text.say(language) for code, text in aims.meanings.items()},
        WEIGHT: weights,
        CANDIDATES: {
            "esagoni": say("streets everywhere, one point every 200 m", language),
            "scuola": say("the schools of today", language),
            "trasporto": say("the stops of public transport", language),
        },
    }


def site_table(found: "Sites", territory: Territory, language: Language) -> pd.DataFrame:
    """Return the places, where they lie and what each adds to those before it; columns in the words of the page."""
    sites = found.sites
    adds = sites["site_adds"]
    heading = {COVERAGE: say("Adds: residents", language), EQUITY: say("Adds to the smallest share (%)", language)}.get(
        found.request.aim, say("Adds: minutes", language)
    )
    points = sites.geometry.to_crs("EPSG:4326")
    towns = sites[["geometry"]].sjoin(territory.municipalities[["municipality", "geometry"]], how="left")
    added = percentages(adds) if found.request.aim == EQUITY else adds.round(0 if found.request.aim == COVERAGE else 2)
    return pd.DataFrame(
        {
            say("Place", language): sites["number"].astype(str),
            say("Municipality", language): towns["municipality"].groupby(level=0).first().fillna(""),
            say("Name", language): sites["service_name"].where(sites["service_name"] != "", sites["candidate"]),
            heading: added,
            say("Point", language): [f"{point.y:.5f}, {point.x:.5f}" for point in points],
        }
    )


def age_table(found: "Sites", language: Language) -> pd.DataFrame:
    """Return who gains, by age; columns in the words of the page."""
    bands = COLUMNS["age_band"].codes
    summed = found.people.groupby("age_band")[["residents_gained", "walk_shorter"]].sum()
    order = [code for code in (() if bands is None else bands.meanings) if code in summed.index]
    rows = summed.loc[order]
    return pd.DataFrame(
        {
            say("Age", language): [bands.meanings[code].say(language) for code in order] if bands else [],
            say("Come within {minutes:g} minutes", language, minutes=found.request.minutes): rows["residents_gained"],
            say("Shorter walk", language): rows["walk_shorter"],
        }
    ).round(0)
