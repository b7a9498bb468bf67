from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.crs import METRIC
from psttm_geo.core.settings import Settings
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import data_path
from psttm_geo.services.locations import count_services
from psttm_geo.services.merge import merge_services
from psttm_geo.services.register_records import PlacedRegister

pytestmark = pytest.mark.real_data

FILES = {
    "pharmacies": "farmacie_lombardia.csv",
    "schools": "scuole_lombardia.csv",
    "hospitals": "strutture_sanitarie.csv",
}

GEOJSON = """
tabella = "{file}"
rispetto_a_osm = "sostituisce"
categoria = "{category}"
[colonne]
nome = "Name"
comune = "City"
"""


@pytest.fixture(scope="module")
def placed(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, PlacedRegister]:
    settings = Settings(data=data_path(), workspace=tmp_path_factory.mktemp("empty"))
    registers = jobs.read_registers(Project(settings), [test_data / "registers" / file for file in FILES.values()])
    return dict(zip(FILES, registers, strict=True))


@pytest.fixture(scope="module")
def counted(placed: dict[str, PlacedRegister], zones: pd.DataFrame) -> Callable[[str], pd.DataFrame]:
    return lambda name: count_services(placed[name], zones)


def kinds(placed: PlacedRegister) -> dict[str, int]:
    return placed.conflicts["kind"].value_counts().to_dict()


def test_921_pharmacies_by_code_and_918_by_point_in_130_municipalities(counted: Callable[[str], pd.DataFrame]) -> None:
    counts = counted("pharmacies")
    assert (counts["by_code"].sum(), counts["by_point"].sum(), counts["usable"].sum()) == (921, 918, 921)
    assert ((counts["by_code"] > 0).sum(), (counts["by_point"] > 0).sum()) == (130, 130)
    assert sorted(counts.loc[counts["by_code"] == 0, "municipality"]) == [
        "Calvignasco",
        "Nosate",
        "Santo Stefano Ticino",
    ]


def test_the_eight_conflicts_of_the_pharmacies_are_listed_with_row_and_outcome(
    placed: dict[str, PlacedRegister], test_data: Path
) -> None:
    assert kinds(placed["pharmacies"]) == {"near_border": 8, "shared_point": 4}
    listed = placed["pharmacies"].conflicts.query("kind == 'near_border'").set_index("row")
    assert listed["code"].to_dict() == {
        764: "MI4086",
        936: "MI6088",
        1081: "MI1864",
        1650: "MI6050",
        2288: "MI4216",
        2540: "MI4048",
        2680: "MI2031",
        2682: "MI6167",
    }
    lines = (test_data / "registers" / FILES["pharmacies"]).read_text("utf-8").splitlines()
    assert all(code in lines[row - 1] for row, code in listed["code"].items())
    outside = placed["pharmacies"].services.query("outcome == 'near_border' and in_territory")
    assert (~outside["point_code"].fillna("").str.startswith("015")).sum() == 3
    assert outside["distance_m"].max() < 75


def test_1406_school_sites_by_code_and_1401_by_point(
    counted: Callable[[str], pd.DataFrame], placed: dict[str, PlacedRegister]
) -> None:
    counts = counted("schools")
    assert (counts["by_code"].sum(), counts["by_point"].sum()) == (1406, 1401)
    assert ((counts["by_code"] > 0).sum(), (counts["by_point"] > 0).sum()) == (132, 132)
    assert counts.loc[counts["by_code"] == 0, "municipality"].to_list() == ["Nosate"]
    assert counts.set_index("municipality")["by_code"]["Vermezzo con Zelo"] == 4
    services = placed["schools"].register.services
    assert services.geometry.isna().sum() == 21
    assert kinds(placed["schools"]) == {"shared_point": 320, "near_border": 14, "doubtful": 12, "no_point": 4}


def test_every_type_of_school_has_a_category_or_a_reason_to_be_left_out(placed: dict[str, PlacedRegister]) -> None:
    register = placed["schools"].register
    assert not register.left_out["reason_en"].str.contains("not foreseen").any()
    assert register.left_out["rows"].sum() == register.services["category"].isna().sum()
    inside = placed["schools"].services.query("in_territory")
    assert inside["category"].value_counts().to_dict() == {"scuola": 458 + 280, "superiori": 336, "infanzia": 294}
    assert inside["category"].isna().sum() == 1406 - 1368


def test_62_hospitals_by_point_and_one_whose_point_is_elsewhere(
    counted: Callable[[str], pd.DataFrame], placed: dict[str, PlacedRegister]
) -> None:
    counts = counted("hospitals")
    assert (counts["by_point"].sum(), counts["usable"].sum(), counts["by_code"].sum()) == (62, 62, 63)
    (doubtful,) = placed["hospitals"].conflicts.query("kind == 'doubtful'")["name"]
    assert doubtful == "IRCCS OSPEDALE CAPITANIO"


def test_what_is_repaired_without_doubt_is_said(placed: dict[str, PlacedRegister]) -> None:
    said = {name: [notice.en for notice in register.register.notices] for name, register in placed.items()}
    assert said["pharmacies"] == [
        "Municipality codes written as numbers, brought to six characters: 3042.",
        "Rows with decimal commas: 3042.",
    ]
    merged = "Rows with the code of a merged municipality, read with the new one (015235 → 015251, 015246 → 015251): 4."
    assert merged in said["schools"]
    assert placed["pharmacies"].register.issues.empty
    hospitals = placed["hospitals"].register.issues  # towns farther than the ring that have merged into others
    assert sorted(hospitals["written"]) == ["PIEVE DI CORIANO", "RAMPONIO VERNA"]
    assert set(hospitals["kind"]) == {"unknown_municipality"}
    schools = placed["schools"].register.issues
    assert set(schools["kind"]) == {"code_from_name"}


def test_codes_from_before_the_province_of_monza_give_way_to_the_name(placed: dict[str, PlacedRegister]) -> None:
    schools = placed["schools"].register
    old = schools.issues.query("kind == 'code_from_name'")
    assert old["written"].value_counts().to_dict() == {
        "15119 LENTATE SUL SEVESO": 9,
        "15088 CORNATE D'ADDA": 4,
        "15039 BUSNAGO": 2,
    }
    codes = schools.services.set_index("row")["municipality_code"]
    assert codes.reindex(old["row"]).str.startswith("108").all()


@pytest.fixture
def place_geojson(settings: Settings, test_data: Path, tmp_path: Path) -> Callable[[str, str], PlacedRegister]:
    """Read a GeoJSON file through a mapping that gives it one category."""

    def place_geojson(file: str, category: str) -> PlacedRegister:
        (tmp_path / file).write_bytes((test_data / "registers" / file).read_bytes())
        (tmp_path / "m.toml").write_text(GEOJSON.format(file=file, category=category), "utf-8")
        (placed,) = jobs.read_registers(Project(settings), [tmp_path / "m.toml"])
        return placed

    return place_geojson


@pytest.mark.parametrize(
    ("file", "category", "counts"),
    [
        ("pharmacies.geojson", "farmacia", (921, 918)),
        ("schools.geojson", "scuola", (1402, 1401)),
        ("structures.geojson", "ospedale", (63, 62)),
    ],
)
def test_the_same_registers_as_geojson_are_read_through_a_mapping(
    place_geojson: Callable[[str, str], PlacedRegister],
    zones: pd.DataFrame,
    file: str,
    category: str,
    counts: tuple[int, int],
) -> None:
    counted = count_services(place_geojson(file, category), zones)
    assert (counted["by_code"].sum(), counted["by_point"].sum()) == counts


def test_all_three_are_registered_together_and_reported(run: Callable[..., object], test_data: Path) -> None:
    added = run("inputs", "add", "registers", *(test_data / "registers" / file for file in FILES.values()))
    assert added.code == 0
    assert "Comuni che non ne hanno: Calvignasco, Nosate, Santo Stefano Ticino." in added.out
    assert "Comuni che non ne hanno: Nosate." in added.out
    assert added.out.count("Esclusi «") == 7


def test_a_register_laid_over_itself_is_all_matched(
    placed: dict[str, PlacedRegister], territory: jobs.Territory
) -> None:
    pharmacies = placed["pharmacies"].services.query("outcome != 'doubtful'")
    mine = gpd.GeoDataFrame(
        {
            "category": "farmacia",
            "name": pharmacies["name"],
            "source": "OpenStreetMap",
            "osm_id": "n",
            "level_unknown": False,
        },
        geometry=pharmacies.geometry,
        crs=METRIC,
    )
    merged = merge_services(mine, [placed["pharmacies"]], territory.municipalities)
    assert merged.report[["both", "register_only", "osm_only"]].sum().to_list() == [921, 0, 0]
    assert merged.report["register"].sum() == 921
    assert len(merged.services) == len(mine)
