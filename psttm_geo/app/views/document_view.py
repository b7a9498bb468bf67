"""What the documents say of the drivers: the missions they touch, who is to act, and which places are named."""

import pandas as pd

from psttm_geo.app import data
from psttm_geo.app.texts import TEXTS, say
from psttm_geo.core.messages import Language, pgettext
from psttm_geo.plan.records import Plan
from psttm_geo.schema.answers import YES
from psttm_geo.schema.code_lists import GOAL_KEY, LEVELS

_ROLES = ("leads", "takes_part", "is_addressed")


def driver_goals(plan: Plan, driver: int | None = None) -> pd.DataFrame:
    """Return the goals of an edition's drivers, or of one: ``driver`` and the columns of the goal."""
    pairs = plan.driver_goals[["driver", *GOAL_KEY]]
    mine = pairs if driver is None else pairs[pairs["driver"] == driver]
    return mine.merge(plan.goals, on=GOAL_KEY, how="left", validate="m:1")


def driver_matrix(plan: Plan, language: Language) -> pd.DataFrame:
    """Return how many goals each driver combines, by mission, by level that is marked, and with named places.

    Zero is said where the edition's tables are whole; of levels, only the marks that are legible are counted.
    """
    goals = driver_goals(plan)
    numbers = plan.drivers["driver"]
    by_mission = pd.crosstab(goals["driver"], goals["mission"])
    by_mission = by_mission.reindex(index=numbers, columns=plan.missions["mission"], fill_value=0)
    marked = (goals[list(LEVELS)] == YES).groupby(goals["driver"]).sum().reindex(numbers, fill_value=0)
    named = (goals["focus_it"].notna() & (goals["focus_it"] != "")).groupby(goals["driver"]).sum()
    named = named.reindex(numbers, fill_value=0)
    titles = [f"{row['driver']}. {row[f'title_{language}']}" for row in plan.drivers.to_dict("records")]
    return pd.DataFrame(
        {
            say(TEXTS["driver"], language): titles,
            **{str(mission): by_mission[mission].to_numpy() for mission in by_mission.columns},
            **{say(TEXTS[f"level_{level}"], language): marked[level].to_numpy() for level in LEVELS},
            say("With named places", language): named.to_numpy(),
        }
    )


def driver_actors(plan: Plan, driver: int, language: Language) -> pd.DataFrame:
    """Return the actors that the texts of the driver's goals name, the goals of each role, the most named first."""
    tables = data.project().tables
    goals = driver_goals(plan, driver)[GOAL_KEY]
    named = tables["goal_actors.csv"].astype({"mission": "int64", "number": "int64"})
    mine = named.merge(goals, on=GOAL_KEY, how="inner", validate="m:1").merge(
        tables["actors.csv"], on="actor", how="left", validate="m:1"
    )
    mine = mine.assign(goal=mine["mission"].astype(str) + "." + mine["number"].astype(str))
    listed = mine.pivot_table(index=f"name_{language}", columns="role", values="goal", aggfunc=", ".join, fill_value="")
    listed = listed.rename_axis(columns=None).reindex(columns=list(_ROLES), fill_value="")
    order = mine.groupby(f"name_{language}")["goal"].nunique().sort_values(ascending=False, kind="stable")
    words = {
        "leads": say(pgettext("role of an actor", "Leads"), language),
        "takes_part": say(pgettext("role of an actor", "Takes part"), language),
        "is_addressed": say(pgettext("role of an actor", "Is addressed"), language),
    }
    table = listed.loc[order.index].rename(columns=words)
    return table.reset_index(names=say("Actor", language))


def driver_places(plan: Plan, driver: int, language: Language) -> pd.DataFrame:
    """Return the goals of the driver whose text names places in particular, and which."""
    goals = driver_goals(plan, driver)
    named = goals[goals["focus_it"].notna() & (goals["focus_it"] != "")]
    return pd.DataFrame(
        {
            "n.": named["mission"].astype(str) + "." + named["number"].astype(str),
            say("Goal", language): named[f"title_{language}"],
            say(TEXTS["focus"], language): named[f"focus_{language}"],
        }
    ).reset_index(drop=True)
