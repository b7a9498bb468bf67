"""What the measures of the recovery plan stand for: goals, and the projects that these measures finance for them."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from psttm_geo.app import data
from psttm_geo.app.state import State
from psttm_geo.app.texts import say
from psttm_geo.app.views.project_view import in_municipalities, with_drivers_here
from psttm_geo.app.views.statement_view import Stated, cite
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.editions import with_numbers
from psttm_geo.schema.code_lists import GOAL_KEY


def goal_measures(goal: Mapping[Hashable, Any], territory: Territory, language: Language) -> Stated:
    """Return the measures that fund what a goal's text names, each with the reason and the lines of the text."""
    tables = data.project().tables
    mine = _of_goal(with_numbers(tables["measure_goals.csv"]), goal)
    titles = dict(zip(tables["sources.csv"]["source"], tables["sources.csv"]["title"], strict=True))
    columns = {say("Measure", language): mine["measure"], say("Reason", language): mine[f"reason_{language}"]}
    return cite(mine.assign(document=mine["source"].map(titles)), columns, territory, language)


def goal_projects(goal: Mapping[Hashable, Any], state: State, territory: Territory) -> pd.DataFrame | None:
    """Return the projects that serve a goal, in the chosen municipality where there is one; None without a register.

    Rows are as those of :class:`psttm_geo.app.views.project_view.ProjectView`.
    """
    registered = territory.plan.projects
    if registered is None:
        return None
    projects = with_drivers_here(registered, state, territory)
    mine = projects[projects["project"].isin(_of_goal(registered.goals, goal)["project"])]
    return in_municipalities(mine, registered.places, state.chosen)


def _of_goal(rows: pd.DataFrame, goal: Mapping[Hashable, Any]) -> pd.DataFrame:
    return rows[(rows[GOAL_KEY] == [goal[name] for name in GOAL_KEY]).all(axis=1)].reset_index(drop=True)
