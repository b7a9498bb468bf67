"""The GeoPackage as QGIS sees it, in QGIS."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from psttm_geo import jobs
from psttm_geo.core.settings import Settings
from psttm_geo.delivery.geopackage import read_geopackage
from psttm_geo.project import Project
from psttm_geo.schema import colours
from psttm_geo.schema.columns import COLUMNS
from psttm_geo.schema.layers import LAYERS

SYSTEM_PYTHON = "/usr/bin/python3"

LOOK = Path(__file__).with_name("look.py")

Seen = dict[str, Any]

MADE_UP = "DATI SINTETICI: "
"""What titles begin with: the build rests on made-up streets."""

ABSENT_FROM_BUILDS = ("scenario", "siti", "accessibilita_unita", "bacini")
"""How the layers begin that only `what-if` writes, and those of units that no office has given here."""


def look(*arguments: object) -> Seen:
    done = subprocess.run(
        [SYSTEM_PYTHON, LOOK, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "QT_QPA_PLATFORM": "offscreen",
            "QT_LOGGING_RULES": "*=false",
        },
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="session")
def qgis(absent: Callable[[str], None]) -> None:
    """Skip where the system's Python has no QGIS; an error where CI must have it."""
    command = [SYSTEM_PYTHON, "-c", "import qgis.core"]
    if not Path(SYSTEM_PYTHON).exists() or subprocess.run(command, capture_output=True, check=False).returncode:
        absent(f"{SYSTEM_PYTHON} has no QGIS (Debian: python3-qgis, qgis-providers)")


@pytest.fixture(scope="session")
def seen(qgis: None, built_complete: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Give what QGIS sees of a build that holds every layer, and of its project exported to another folder."""
    assert qgis is None
    folder = tmp_path_factory.mktemp("qgis")
    copy = Path(shutil.copy(built_complete, folder))
    jobs.export(copy, folder / "out", Project(Settings()), jobs.ExportRequest("qgz"))
    (folder / "out" / f"{copy.stem}.qgz").rename(folder / "out" / "psttm.qgz")
    return look(copy, folder / "out", *read_geopackage(copy))


@pytest.fixture(scope="session")
def names(seen: Seen) -> list[str]:
    return list(seen["layers"])


def test_every_layer_of_a_complete_build_is_looked_at(names: list[str]) -> None:
    assert names == [name for name in LAYERS if not name.startswith(ABSENT_FROM_BUILDS)]


def test_every_layer_is_valid_and_qgis_has_nothing_to_say(seen: Seen) -> None:
    assert all(layer["valid"] for layer in seen["layers"].values())
    assert {layer["crs"] for name, layer in seen["layers"].items() if LAYERS[name].spatial} == {"EPSG:32632"}
    assert seen["messages"] == []


def test_the_default_style_is_the_one_applied(seen: Seen) -> None:
    for name, layer in seen["layers"].items():
        assert layer["style"] == ("RuleRenderer" if LAYERS[name].spatial else None), name
    assert seen["layers"]["zone_omogenee"]["legend"][:2] == ["Alto Milanese", "Nord Ovest"]
    assert seen["layers"]["isocrone"]["legend"][-3:] == [f"fino a {minutes} minuti" for minutes in (5, 10, 15)]
    graduated = ("accessibilita_comuni", "carenze", "driver_comuni")
    assert [seen["layers"][name]["legend"][-1] for name in graduated] == ["non noto"] * 3
    assert seen["layers"]["comuni"]["labels"]


def test_aliases_are_the_titles_of_columns(seen: Seen) -> None:
    for name, layer in seen["layers"].items():
        titles = {COLUMNS[column].field: COLUMNS[column].title.it for column in LAYERS[name].columns}
        assert {field: layer["aliases"][field] for field in titles} == titles, name
        assert all(layer["aliases"][field] for field in layer["aliases"] if field != "fid"), name


def test_what_codes_mean_is_known(seen: Seen) -> None:
    codes = {name: layer["codes"] for name, layer in seen["layers"].items()}
    assert codes["obiettivi_comuni"]["si_applica"] == {
        "si": "si applica",
        "no": "non si applica",
        "non_noto": "non noto",
    }
    assert codes["servizi"]["categoria"]["farmacia"] == "Farmacia"
    assert codes["carenze"]["profilo"]["per_eta"] == "ogni età con il suo passo"
    assert "zona" in codes["comuni"]


def test_features_are_listed_by_their_name(seen: Seen) -> None:
    listed = {name: seen["layers"][name]["display"] for name in ("comuni", "obiettivi", "attori", "fonti")}
    assert listed == {"comuni": '"comune"', "obiettivi": '"titolo"', "attori": '"denominazione"', "fonti": '"fonte"'}


@pytest.mark.parametrize("place", ["inside", "beside"])
def test_the_project_opens_with_every_layer(seen: Seen, place: str) -> None:
    project = seen[place]
    assert project["read"]
    assert project["crs"] == "EPSG:32632"
    assert project["title"] == f"{MADE_UP}Piano strategico triennale del territorio metropolitano di Milano"
    assert [name for name, valid in project["layers"].items() if not valid] == []
    assert set(listed(project["groups"])) == set(project["layers"]), "QGIS calls a layer otherwise"


def listed(groups: Seen) -> Iterator[str]:
    """Give the layers of groups, of those within them too."""
    for one in groups.values():
        yield from listed(one) if isinstance(one, dict) else [one]


def test_layers_stand_in_groups_by_theme(seen: Seen) -> None:
    groups = seen["inside"]["groups"]
    assert list(groups) == [
        *("Territorio", "Obiettivi", "Driver", "Documenti del Piano", "Progetti", "Attuazione"),
        *("Accessibilità", "Servizi"),
        *("Confronto dei confini", "Fonti", "Sfondo"),
    ]
    assert list(groups["Territorio"])[:2] == ["Unioni di comuni 2025-2027", "Unioni di comuni 2022-2024"]
    assert len(groups["Driver"][f"{MADE_UP}Driver nei comuni 2025-2027"]) == 10


def test_goals_belong_to_municipalities_and_municipalities_to_goals(seen: Seen) -> None:
    relations = seen["inside"]["relations"]
    assert all(relations.values())
    assert {
        "psttm_obiettivi_2025_2027_psttm_obiettivi_comuni",
        "psttm_obiettivi_2022_2024_psttm_obiettivi_comuni",
        "psttm_comuni_psttm_obiettivi_comuni",
        "psttm_progetti_psttm_progetti_comuni",
        "psttm_progetti_psttm_progetti_driver",
        "psttm_driver_psttm_progetti_driver",
        "psttm_progetti_psttm_progetti_obiettivi",
        "psttm_obiettivi_2025_2027_psttm_progetti_obiettivi",
        "psttm_obiettivi_2022_2024_psttm_obiettivi_attori",
        "psttm_obiettivi_2022_2024_psttm_legami_obiettivi_from_edition",
        "psttm_obiettivi_2022_2024_psttm_legami_obiettivi_to_edition",
        "psttm_missioni_psttm_obiettivi_2025_2027",
        "psttm_parole_chiave_psttm_visione",
        "psttm_comuni_psttm_dup__",
        "psttm_obiettivi_2025_2027_psttm_dup__",
    } <= set(relations)


def test_there_is_a_map_and_a_sheet_of_each_theme_in_each_edition(seen: Seen) -> None:
    sheets = seen["maps"]["sheets"]
    assert sorted(sheets) == sorted(seen["maps"]["themes"])
    assert all(sheet.startswith(MADE_UP) for sheet in sheets if not sheet.endswith("Progetti"))
    themes = {sheet.removeprefix(MADE_UP) for sheet in sheets}
    assert {
        f"{theme} {edition}" for theme in ("Territorio", "Driver") for edition in ("2022-2024", "2025-2027")
    } <= themes
    assert {"Progetti", "Accessibilità nei comuni", "Carenze", "Isocrone", "Servizi"} <= themes
    assert seen["maps"]["printed"]


def is_near(wanted: str, colours: set[str]) -> bool:
    """Say whether a colour is there as good as pure: thin lines are mixed a little with their ground."""
    parts = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (wanted, *colours)]
    return any(max(abs(one - other) for one, other in zip(parts[0], part, strict=True)) <= 8 for part in parts[1:])


def test_maps_are_drawn_in_the_palette(seen: Seen) -> None:
    drawn = {
        theme.removeprefix(MADE_UP): set(map(str.upper, one["colours"]))
        for theme, one in seen["maps"]["themes"].items()
    }
    assert all(len(colours) > 5 for colours in drawn.values()), "no map is empty"
    assert set(colours.ZONE_FILLS) <= drawn["Territorio 2025-2027"]
    assert colours.UNION_OUTLINE in drawn["Territorio 2025-2027"]
    assert is_near(colours.HATCH[1], drawn["Confini a confronto"]), "what OpenStreetMap lacks is hatched"
    assert not is_near(colours.HATCH[1], drawn["Territorio 2025-2027"])
