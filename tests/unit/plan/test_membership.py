import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.errors import CrsError, ResidentsFileError
from psttm_geo.core.messages import Text
from psttm_geo.core.provenance import Source
from psttm_geo.plan import membership
from psttm_geo.plan.records import Edition, Plan
from psttm_geo.territory.municipalities import Residents

SOURCE = Source("s", "t", "p", "", "2023-01-01", "l", "a", "")

KM = 1000.0

CODES = ["015001", "015002", "015003"]


def square(column: int, row: int = 0) -> shapely.Polygon:
    return shapely.box(column * KM, row * KM, (column + 1) * KM, (row + 1) * KM)


def plan(*unions: tuple[str, str], edition: str = "a") -> Plan:
    table = pd.DataFrame(unions, columns=["union", "municipality_code"], dtype="str")
    row = Edition(edition, Text(edition, edition), "", "", "2023-01-01", 2, len(unions), None, None, "s")
    return Plan(row, table, *[pd.DataFrame()] * 8)


@pytest.fixture
def counts() -> pd.DataFrame:
    """Give 1, 2 and 3 people, half the men, at each end of each age band."""
    ends = [0, 14, 15, 64, 65, 74, 75, 100]
    rows = [(code, age, number, number) for number, code in enumerate(CODES, start=1) for age in ends]
    return pd.DataFrame(rows, columns=["municipality_code", "age", "males", "females"])


@pytest.fixture
def outlines() -> gpd.GeoDataFrame:
    """Give two squares side by side and a third one apart."""
    return gpd.GeoDataFrame(
        {"municipality_code": CODES, "municipality": ["Alfa", "Beta", "Gamma"], "cadastral_code": ["A1", "B1", "C1"]},
        geometry=[square(0), square(1), square(5)],
        crs=METRIC,
    )


@pytest.fixture
def zones() -> pd.DataFrame:
    return pd.DataFrame({"municipality_code": CODES, "zone": ["Ovest", "Est", "Est"]})


@pytest.fixture
def municipalities(outlines: gpd.GeoDataFrame, counts: pd.DataFrame, zones: pd.DataFrame) -> gpd.GeoDataFrame:
    return membership.join_municipalities(outlines, Residents(counts, "2023-01-01", SOURCE), zones)


def test_ages_fall_into_their_bands_both_ends_included(counts: pd.DataFrame) -> None:
    bands = membership.residents_by_band(counts).set_index("municipality_code")
    assert bands.loc["015003"].to_dict() == {
        "residents": 48,
        "residents_male": 24,
        "residents_female": 24,
        "residents_0_14": 12,
        "residents_15_64": 12,
        "residents_65_74": 12,
        "residents_75_over": 12,
    }


def test_no_counts_give_no_rows(counts: pd.DataFrame) -> None:
    assert membership.residents_by_band(counts.head(0)).empty


def test_municipalities_carry_zone_residents_area_and_density(municipalities: gpd.GeoDataFrame) -> None:
    assert municipalities["zone"].to_list() == ["Ovest", "Est", "Est"]
    assert municipalities["residents"].to_list() == [16, 32, 48]
    assert municipalities["area_km2"].to_list() == [1, 1, 1]
    assert municipalities["density_per_km2"].to_list() == [16, 32, 48]
    assert set(municipalities["residents_date"]) == {"2023-01-01"}


def test_municipalities_are_joined_by_code_and_sorted(
    outlines: gpd.GeoDataFrame, counts: pd.DataFrame, zones: pd.DataFrame
) -> None:
    joined = membership.join_municipalities(
        outlines[::-1], Residents(counts.sample(frac=1, random_state=1), "2023-01-01", SOURCE), zones[::-1]
    )
    assert joined["municipality_code"].to_list() == CODES
    assert joined["residents"].to_list() == [16, 32, 48]
    assert joined["zone"].to_list() == ["Ovest", "Est", "Est"]


def test_inputs_are_not_changed(outlines: gpd.GeoDataFrame, counts: pd.DataFrame, zones: pd.DataFrame) -> None:
    before = outlines.copy(), counts.copy(), zones.copy()
    membership.join_municipalities(outlines, Residents(counts, "2023-01-01", SOURCE), zones)
    for was, now in zip(before, (outlines, counts, zones), strict=True):
        pd.testing.assert_frame_equal(pd.DataFrame(was), pd.DataFrame(now))


def test_a_municipality_without_residents_is_named(
    outlines: gpd.GeoDataFrame, counts: pd.DataFrame, zones: pd.DataFrame
) -> None:
    partial = counts[counts["municipality_code"] != "015002"]
    with pytest.raises(ResidentsFileError, match="Mancano i residenti di Beta;"):
        membership.join_municipalities(outlines, Residents(partial, "2023-01-01", SOURCE), zones)


def test_degrees_are_not_measured(outlines: gpd.GeoDataFrame, counts: pd.DataFrame, zones: pd.DataFrame) -> None:
    degrees = outlines.set_crs(GEOGRAPHIC, allow_override=True)
    with pytest.raises(CrsError):
        membership.join_municipalities(degrees, Residents(counts, "2023-01-01", SOURCE), zones)
    with pytest.raises(CrsError):
        membership.find_neighbours(degrees)


def test_zones_add_their_members_up_in_the_order_asked(municipalities: gpd.GeoDataFrame) -> None:
    zones = membership.dissolve_zones(municipalities, ["Ovest", "Est"])
    assert zones["zone"].to_list() == ["Ovest", "Est"]
    assert zones["municipality_count"].to_list() == [1, 2]
    assert zones["residents"].to_list() == [16, 80]
    assert zones["residents_75_over"].to_list() == [4, 20]
    assert zones["area_km2"].to_list() == [1, 2]
    assert zones["density_per_km2"].to_list() == [16, 40]
    assert set(zones["residents_date"]) == {"2023-01-01"}
    assert zones.crs == METRIC


def test_a_part_that_lies_apart_is_kept(municipalities: gpd.GeoDataFrame) -> None:
    est = membership.dissolve_zones(municipalities, ["Ovest", "Est"]).geometry.iloc[1]
    assert shapely.get_num_geometries(est) == 2
    assert est.equals(shapely.union(square(1), square(5)))


def test_no_border_stays_between_members(municipalities: gpd.GeoDataFrame) -> None:
    whole = membership.dissolve_all(municipalities)
    assert len(whole) == 1
    assert whole["residents"].to_list() == [96]
    assert whole.geometry.iloc[0].equals(shapely.union(shapely.box(0, 0, 2 * KM, KM), square(5)))
    assert whole.length.to_list() == [10 * KM]


def test_outlines_that_are_no_coverage_are_united_all_the_same(municipalities: gpd.GeoDataFrame) -> None:
    overlapping = municipalities.set_geometry(
        gpd.GeoSeries([square(0), shapely.box(900, 0, 2 * KM, KM), square(5)], crs=METRIC)
    )
    assert not shapely.coverage_is_valid(overlapping.geometry.to_numpy())
    whole = membership.dissolve_all(overlapping)
    assert whole["area_km2"].to_list() == [3]
    assert whole["residents"].to_list() == [96]


def test_unions_belong_to_their_edition_and_keep_the_order_of_the_document(municipalities: gpd.GeoDataFrame) -> None:
    plans = [plan(("Zeta", "015001"), ("Zeta", "015003"), ("Alfa", "015002")), plan(("Zeta", "015001"), edition="b")]
    unions = membership.dissolve_unions(municipalities, plans)
    assert unions[["edition", "union", "municipality_count", "residents"]].to_numpy().tolist() == [
        ["a", "Zeta", 2, 64],
        ["a", "Alfa", 1, 32],
        ["b", "Zeta", 1, 16],
    ]
    assert unions.crs == METRIC


@pytest.mark.parametrize("plans", [[plan()], [plan(), plan(edition="b")]], ids=["one edition", "two editions"])
def test_editions_without_unions_give_an_empty_layer_of_the_same_columns(
    municipalities: gpd.GeoDataFrame, plans: list[Plan]
) -> None:
    unions = membership.dissolve_unions(municipalities, plans)
    assert unions.empty
    assert {"edition", "union", "residents", "area_km2", "residents_date", "geometry"} <= set(unions.columns)
    assert unions.crs == METRIC


def test_an_edition_without_unions_stands_beside_one_with_them(municipalities: gpd.GeoDataFrame) -> None:
    unions = membership.dissolve_unions(municipalities, [plan(), plan(("Zeta", "015001"), edition="b")])
    assert unions["edition"].to_list() == ["b"]
    assert unions["residents"].to_list() == [16]


def test_memberships_list_every_municipality_in_every_edition(municipalities: gpd.GeoDataFrame) -> None:
    listed = membership.list_memberships(municipalities, [plan(("Zeta", "015003")), plan(edition="b")])
    columns = ["edition", "municipality_code", "zone", "union"]
    assert listed[columns].to_numpy().tolist() == [
        ["a", "015001", "Ovest", None],
        ["a", "015002", "Est", None],
        ["a", "015003", "Est", "Zeta"],
        ["b", "015001", "Ovest", None],
        ["b", "015002", "Est", None],
        ["b", "015003", "Est", None],
    ]


def test_neighbours_share_a_stretch_of_border_in_both_directions() -> None:
    town = gpd.GeoDataFrame(
        {"municipality_code": ["a", "b", "c", "d"]},
        geometry=[square(0), square(1), square(1, 1), square(5)],
        crs=METRIC,
    )
    assert membership.find_neighbours(town).to_numpy().tolist() == [
        ["a", "b", 1000.0],
        ["b", "a", 1000.0],
        ["b", "c", 1000.0],
        ["c", "b", 1000.0],
    ], "a and c meet in a corner only, d lies apart"


def test_an_enclave_borders_on_what_surrounds_it() -> None:
    around = shapely.box(0, 0, 3 * KM, 3 * KM) - square(1, 1)
    town = gpd.GeoDataFrame({"municipality_code": ["a", "b"]}, geometry=[around, square(1, 1)], crs=METRIC)
    assert membership.find_neighbours(town)["border_m"].to_list() == [4000, 4000]


def test_nobody_has_no_neighbours() -> None:
    alone = gpd.GeoDataFrame({"municipality_code": ["a"]}, geometry=[square(0)], crs=METRIC)
    assert membership.find_neighbours(alone).empty
    assert membership.find_neighbours(alone.head(0)).empty
