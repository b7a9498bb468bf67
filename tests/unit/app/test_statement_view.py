"""Who acts, in the words of a page: with document and lines, and what is not stated said as such."""

import csv
from collections import Counter

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.app.state import GoalFilters
from psttm_geo.app.views import statement_view
from psttm_geo.schema.data_tables import data_path


def goals_of(territory: jobs.Territory, edition: str) -> pd.DataFrame:
    return next(plan.goals for plan in territory.plan.plans if plan.edition.identifier == edition)


def written() -> list[dict[str, str]]:
    with (data_path() / "goal_actors.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize(("actor", "role"), [("regione", None), ("comuni", "is_addressed"), (None, "leads")])
def test_a_filter_keeps_the_goals_that_name_the_actor_in_the_role(
    territory: jobs.Territory, actor: str | None, role: str | None
) -> None:
    for edition in ("2022-2024", "2025-2027"):
        goals = goals_of(territory, edition)
        kept = statement_view.keep_named(goals, GoalFilters(None, None, None, "", actor, role), territory)
        told = {
            (int(row["mission"]), int(row["number"]))
            for row in written()
            if row["edition"] == edition
            and row["actor"] == (actor or row["actor"])
            and row["role"] == (role or row["role"])
        }
        assert set(kept[["mission", "number"]].itertuples(index=False, name=None)) == told
        assert 0 < len(kept) < 75


def test_who_acts_on_a_goal_besides_municipalities_is_told_or_said_not_to_be_stated(territory: jobs.Territory) -> None:
    goals = goals_of(territory, "2022-2024").set_index(["mission", "number"], drop=False)
    table = statement_view.goal_actor_table(goals.loc[(2, 5)].to_dict(), territory, "it")
    assert table.table.iloc[:, :2].to_numpy().tolist() == [
        ["Autorità d'ambito", "prende parte"],
        ["Gestori di reti e servizi", "prende parte"],
    ]
    assert set(table.table["Passo"]) == {"riga 336"}
    assert table.note.startswith("Righe del testo di: Horizon 2026")
    nobody = statement_view.goal_actor_table(goals.loc[(2, 6)].to_dict(), territory, "it")
    assert nobody.table.empty
    assert nobody.note == ""
    assert statement_view.named_words(goals.loc[[(2, 6)]], territory, "en") == ["nobody named"]


def test_lines_of_several_documents_bear_their_number_and_an_undated_one_says_so(territory: jobs.Territory) -> None:
    rows = pd.DataFrame(
        {
            "document": ["Indirizzi di policy del Piano strategico per temi", territory.plan.sources[0].title],
            "first_line": [3, 7],
            "last_line": [3, 9],
        }
    )
    stated = statement_view.cite(rows, {"x": ["a", "b"]}, territory, "en")
    assert stated.table["Passage"].to_list() == ["[1] line 3", "[2] lines 7-9"]
    assert "[1] Indirizzi di policy del Piano strategico per temi (date not stated); [2] Horizon" in stated.note


def test_actors_are_counted_by_edition(territory: jobs.Territory) -> None:
    table = statement_view.count_actors(["2022-2024", "2025-2027"], territory, "it").set_index("Attore")
    told = Counter((row["edition"], row["actor"]) for row in written())
    assert table["Obiettivi 2022-2024"].sum() + table["Obiettivi 2025-2027"].sum() == len(written())
    assert table.loc["Regione Lombardia", "Obiettivi 2025-2027"] == told["2025-2027", "regione"]
    assert table.iloc[:, 1:].sum(axis=1).is_monotonic_decreasing
