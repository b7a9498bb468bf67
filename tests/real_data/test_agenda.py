"""The publisher's mapping and projects: what the tables of drivers and goals say, counted apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import psttm_geo
from psttm_geo.app.views.agenda_view import driver_agenda, goal_agenda

pytestmark = pytest.mark.real_data

EDITION = "2025-2027"


def test_drivers_and_goals_reach_what_is_counted_apart(
    run: Callable[..., Any], test_data: Path, tmp_path: Path
) -> None:
    names = ("progetti_validati_milano", "localizzazioni_validate_milano", "mappatura_pnrr_agenda2030")
    files = [test_data / "pnrr" / f"{name}.csv" for name in names]
    assert run("inputs", "add", "agenda", files[2], "--workspace", tmp_path).code == 0
    assert run("projects", "add", *files[:2], "--workspace", tmp_path).code == 0
    city = psttm_geo.open(workspace=tmp_path)
    territory = city._territory  # noqa: SLF001 - as a page gets it
    mapping = pd.read_csv(files[2], sep=";", dtype=str, keep_default_na=False, encoding="utf-8-sig")
    rows = pd.read_csv(files[0], sep=";", dtype=str)
    pairs = rows.merge(mapping, left_on="Codice Univoco Submisura", right_on="Codice Univoco submisura")
    mine = set(city.project_links("driver").query("driver == 10")["project"])
    assert mine == set(city.projects.query("drivers == '10'")["project"])
    counted = pairs[pairs["CUP"].isin(mine)].groupby(["GOAL", "TARGET"])["CUP"].nunique()
    table = driver_agenda(territory, EDITION, 10, "en")
    assert table is not None
    told = zip(table.iloc[:, 0], table.iloc[:, 1], table["Projects"], strict=True)
    assert {(str(goal), target.replace("not known", "n.c.")): count for goal, target, count in told} == dict(counted)
    assert [len(codes.split("; ")) for codes in table["Codes of the projects"]] == table["Projects"].to_list()
    assert set(table["Link"]) == {"derived"}
    assert driver_agenda(territory, EDITION, 2, "it").empty, "the extract has no project of the measure of driver 2"
    parts = territory.plan.plans[-1].driver_goals
    goal = parts.loc[parts["driver"] == 9, ["mission", "number"]].iloc[0]
    of_goal = goal_agenda(territory, EDITION, (int(goal["mission"]), int(goal["number"])), "en")
    assert "11.1" in set(of_goal["Target"])
    assert all("9" in drivers.split("; ") for drivers in of_goal.loc[of_goal["Target"] == "11.1", "Drivers"])
