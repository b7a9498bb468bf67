"""What drivers and goals of the plan reach of the 2030 Agenda through the projects of the register, as tables."""

import pandas as pd

from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language
from psttm_geo.jobs import Territory
from psttm_geo.plan.agenda_2030 import AGENDA_KEY, goal_targets

_BETWEEN = "; "


def driver_agenda(territory: Territory, edition: str, driver: int, language: Language) -> pd.DataFrame | None:
    """Return the targets that a driver reaches, and through which projects.

    Parameters
    ----------
    territory
        Loaded.
    edition, driver
        Which driver.
    language
        Of headings and of what is not stated; texts of the Agenda are as published.

    Returns
    -------
    DataFrame
        One row per goal and target of the Agenda, with how many projects lead there, how many of them may be of the
        driver and need not, and their codes. A project stands in every row that it reaches: counts do not add up.
        None without a register or a mapping.
    """
    reached = territory.plan.driver_targets
    if reached is None:
        return None
    mine = reached[(reached["edition"] == edition) & (reached["driver"] == driver)]
    rows = mine.groupby(AGENDA_KEY, sort=False, as_index=False).agg(
        text=("sdg_target_title", "first"),
        count=("project", "nunique"),
        doubtful=("certain", lambda certain: int((~certain.astype(bool)).sum())),
        projects=("project", _BETWEEN.join),
    )
    return pd.DataFrame(
        {
            **_targets(rows, language),
            say("Projects", language): rows["count"],
            say("of which perhaps of the driver", language): rows["doubtful"],
            say("Text of the target", language): rows["text"],
            say("Codes of the projects", language): rows["projects"],
            say("Link", language): _basis(rows, language),
        }
    )


def goal_agenda(territory: Territory, edition: str, goal: tuple[int, int], language: Language) -> pd.DataFrame | None:
    """Return the targets that a goal of the plan reaches, and through which drivers; parameters as for drivers.

    `goal` is its mission and number; projects that may be of a driver and need not are not counted.
    """
    reached = territory.plan.driver_targets
    if reached is None:
        return None
    parts = pd.concat([plan.driver_goals for plan in territory.plan.plans], ignore_index=True)
    found = goal_targets(reached, parts)
    mine = (found["edition"] == edition) & (found["mission"] == goal[0]) & (found["number"] == goal[1])
    rows = found[mine].reset_index(drop=True)
    return pd.DataFrame(
        {
            **_targets(rows, language),
            say("Drivers", language): rows["drivers"],
            say("Projects", language): rows["projects"],
            say("Link", language): _basis(rows, language),
        }
    )


def _targets(rows: pd.DataFrame, language: Language) -> dict[str, pd.Series]:
    """Return the goals and targets of rows; a target that is not named is not known."""
    return {
        say("Goal of the 2030 Agenda", language): rows["sdg_goal"],
        say("Target", language): rows["sdg_target"].replace("", say(TEXTS["non_noto"], language)),
    }


def _basis(rows: pd.DataFrame, language: Language) -> pd.Series:
    return pd.Series(say("derived", language), index=rows.index, dtype="str")
