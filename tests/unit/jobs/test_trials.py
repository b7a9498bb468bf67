"""Scenarios tried on a ground made ready once: the same figures as the command's, and today's left as they are."""

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from psttm_geo import jobs
from psttm_geo.access.scenario_file import scenario_text
from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Change
from psttm_geo.access.travel_times import BY_AGE, FARTHEST_ESSENTIAL
from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import PlaceError, TableError
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.jobs.access_model import load_kept_access_model
from psttm_geo.jobs.accessibility import Accessibility
from psttm_geo.jobs.trials import Trial, Trials
from psttm_geo.project import Project
from psttm_geo.schema.layers import LAYERS

NEW = Change(ADD, "farmacia", "", "Nuova", 9.19, 45.464)


@pytest.fixture(scope="module")
def trials(walked: Settings, walked_territory: jobs.Territory) -> Trials:
    return Trials(load_kept_access_model(Project(walked), walked_territory))


@pytest.fixture(scope="module")
def changes(trials: Trials) -> tuple[Change, ...]:
    """Give a scenario that adds, moves and closes, in two categories."""
    first, second = trials.services("farmacia").index[:2]
    return (
        NEW,
        Change(MOVE, "farmacia", first, "", 9.18, 45.466),
        Change(CLOSE, "farmacia", second, "", None, None),
        Change(CLOSE, "alimentari", trials.services("alimentari").index[0], "", None, None),
    )


def net(found: Trial, category: str) -> float:
    row = found.whole.iloc[0]
    return float(row[f"gained_{category}"] - row[f"lost_{category}"])


@pytest.fixture(scope="module")
def of_command(
    changes: Sequence[Change], walked: Settings, synthetic_extract: Path, tmp_path_factory: pytest.TempPathFactory
) -> Accessibility:
    """Give the scenario as the command computes it, for every profile."""
    path = tmp_path_factory.mktemp("scenario") / "scenario.csv"
    path.write_text(scenario_text(changes), "utf-8")
    return jobs.what_if(Project(walked), jobs.AccessRequest(synthetic_extract), path)[0]


@pytest.mark.parametrize("profile", [BY_AGE, "adulto"])
def test_the_figures_are_those_of_the_command(
    trials: Trials, changes: Sequence[Change], of_command: Accessibility, profile: str
) -> None:
    found = trials.evaluate(changes, "farmacia", profile)
    assert found.categories == ("alimentari", "farmacia", FARTHEST_ESSENTIAL)
    for layer, table in (("scenario_comuni", found.municipalities), ("scenario_citta_metropolitana", found.whole)):
        whole = pd.DataFrame(of_command.layers[layer])
        theirs = whole[whole["profile"] == profile].reset_index(drop=True)
        names = {f"{when}_share_15_{name}" for when in ("before", "after") for name in ("farmacia", "alimentari")}
        pairs = {name: name for name in ("residents", *names)}
        pairs |= {f"{when}_share_all_15": f"{when}_share_15_{FARTHEST_ESSENTIAL}" for when in ("before", "after")}
        if layer == "scenario_citta_metropolitana":
            pairs |= {"gainers_farmacia": "shorter_farmacia", "losers_farmacia": "longer_farmacia"}
        for their_name, name in pairs.items():
            np.testing.assert_array_equal(table[name], theirs[their_name], err_msg=name)


def test_gains_and_losses_are_what_lies_between_the_shares(trials: Trials, changes: Sequence[Change]) -> None:
    found = trials.evaluate(changes, "farmacia", BY_AGE)
    for category in found.categories:
        towns = found.municipalities
        between = towns[f"after_share_15_{category}"] - towns[f"before_share_15_{category}"]
        counted = towns[f"gained_{category}"] - towns[f"lost_{category}"]
        np.testing.assert_allclose(counted, between * towns["residents"], atol=1e-6)
        assert net(found, category) == counted.sum()
        in_hexagons = found.hexagons[f"gained_{category}"] - found.hexagons[f"lost_{category}"]
        assert in_hexagons.sum() == counted.sum()
    assert net(found, "farmacia") != 0


def test_without_a_change_nobody_gains_or_loses(trials: Trials) -> None:
    found = trials.evaluate((), "farmacia", BY_AGE)
    counts = found.whole.filter(regex="gained|lost|shorter|longer").iloc[0]
    assert counts[counts.notna()].eq(0).all()
    assert (found.whole["before_share_15_farmacia"] == found.whole["after_share_15_farmacia"]).all()


def test_a_scenario_leaves_nothing_behind(trials: Trials, changes: Sequence[Change]) -> None:
    before = trials.evaluate((NEW,), "farmacia", BY_AGE)
    trials.evaluate(changes, "farmacia", BY_AGE)
    again = trials.evaluate((NEW,), "farmacia", BY_AGE)
    pd.testing.assert_frame_equal(before.municipalities, again.municipalities, check_exact=True)
    pd.testing.assert_frame_equal(before.whole, again.whole, check_exact=True)


def test_another_category_than_the_scenarios_is_told_of_when_asked_for(trials: Trials) -> None:
    found = trials.evaluate((NEW,), "alimentari", BY_AGE)
    assert found.categories == ("alimentari", "farmacia", FARTHEST_ESSENTIAL)
    assert net(found, "alimentari") == 0


def test_services_of_a_category_have_an_identifier_and_a_place(trials: Trials) -> None:
    services = trials.services("farmacia")
    assert services.index.is_unique
    assert services["lat"].between(45, 46).all()
    assert services["lon"].between(8.5, 9.7).all()
    assert list(services.columns) == ["service_name", "lat", "lon"]


def test_a_change_lies_between_its_low_and_its_high_value(
    changes: Sequence[Change], of_command: Accessibility, walked: Settings, synthetic_extract: Path, tmp_path: Path
) -> None:
    path = tmp_path / "scenario.csv"
    path.write_text(scenario_text(changes), "utf-8")
    asked = jobs.AccessRequest(synthetic_extract, profiles=("adulto",), found=0.9)
    computed, summary = jobs.what_if(Project(walked), asked, path)
    table = pd.DataFrame(computed.layers["scenario_comuni"])
    ends = [column for column in table if column.startswith("change_") and column != "change_share_all_15"]
    assert pd.DataFrame(of_command.layers["scenario_comuni"])[ends].isna().all(axis=None)
    for low, high, change in (
        ("change_share_all_15_low", "change_share_all_15_high", table["change_share_all_15"]),
        *(
            (f"change_low_15_{name}", f"change_high_15_{name}", after - table[f"before_share_15_{name}"])
            for name in ("farmacia", "alimentari")
            for after in [table[f"after_share_15_{name}"]]
        ),
    ):
        known = table[low].notna()
        assert (known == table[high].notna()).all()
        assert (table[low] <= change + 1e-9)[known].all()
        assert (change <= table[high] + 1e-9)[known].all()
    assert (table["change_low_15_farmacia"] < table["change_high_15_farmacia"]).any()
    assert len(LAYERS["scenario_comuni"].select(computed.layers["scenario_comuni"])) == len(table)
    assert all("variazione" in line.it and "punti percentuali" in line.it for line in summary)


def test_the_nearest_of_those_chosen_again_is_the_one_walked_to_again(
    walked: Settings, walked_territory: jobs.Territory
) -> None:
    model = load_kept_access_model(Project(walked), walked_territory)
    categories, entrances = list(model.services.categories), model.services.entrances
    owner, new = entrances["service_row"].to_numpy(), len(model.services.table)
    gone = owner[(entrances["category"] == "farmacia").to_numpy()][0]
    point = gpd.GeoSeries([shapely.Point(NEW.lon, NEW.lat)], crs=GEOGRAPHIC).to_crs(METRIC)
    opened = pd.DataFrame({"category": ["farmacia"], "x": point.x, "y": point.y})
    chosen = model.walking.choose(categories, owner)
    again = model.walking.choose_again(chosen, categories, owner, owner == gone, opened, np.array([new]))
    renewed = model.walking.walk_again(model.travel_times, owner == gone, opened)
    for profile, choice in again.items():
        np.testing.assert_array_equal(choice.times_ds[:, 0], renewed.times_ds[profile])
        assert gone in chosen[profile].services
        assert gone not in choice.services
        assert new in choice.services[categories.index("farmacia")]


def test_a_scenario_that_cannot_be_is_refused(trials: Trials) -> None:
    with pytest.raises(TableError, match="nessun servizio «n0»"):
        trials.evaluate((Change(CLOSE, "farmacia", "n0", "", None, None),), "farmacia", BY_AGE)
    with pytest.raises(PlaceError, match="a più di 250 m"):
        trials.evaluate((Change(ADD, "farmacia", "", "", 12.5, 41.9),), "farmacia", BY_AGE)


def test_a_scenario_is_written_as_the_command_writes_it(
    trials: Trials, changes: Sequence[Change], walked: Settings, synthetic_extract: Path, tmp_path: Path
) -> None:
    (tmp_path / "scenario.csv").write_text(scenario_text(changes), "utf-8")
    computed, _ = jobs.what_if(Project(walked), jobs.AccessRequest(synthetic_extract), tmp_path / "scenario.csv")
    jobs.write_access(tmp_path / "command.gpkg", computed, Project(walked))
    trials.write(tmp_path / "page.gpkg", changes, Project(walked))
    theirs, ours = (read_geopackage(tmp_path / f"{name}.gpkg") for name in ("command", "page"))
    for name in ("scenario_comuni", "scenario_esagoni", "scenario_servizi"):
        rows = ours[name]
        if "profilo" in rows.columns:
            rows = rows[rows["profilo"].isin(theirs[name]["profilo"])]
        pd.testing.assert_frame_equal(
            rows.drop(columns="geom", errors="ignore").reset_index(drop=True),
            theirs[name].drop(columns="geom", errors="ignore").reset_index(drop=True),
            check_exact=True,
        )
    told = ours["fonti"].astype(str).agg(" ".join, axis=1)
    assert told.str.contains("Scenario (scenario.csv)", regex=False).any()
