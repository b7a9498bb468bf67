import geopandas as gpd
import pandas as pd
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import LayerContractError, UnknownNameError
from psttm_geo.schema.columns import COLUMNS, column_named
from psttm_geo.schema.layers import AGE_BANDS, LAYERS, Layer, layer_named

MEMBERSHIPS = LAYERS["appartenenze"]


@pytest.fixture
def memberships() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "surplus": [1, 2],
            "union": ["Unione", None],
            "zone": ["Est", "Est"],
            "municipality_code": ["015001", "015002"],
            "edition": ["a", "a"],
        },
        index=[5, 9],
    )


def test_a_layer_selects_its_columns_in_order_under_italian_names(memberships: pd.DataFrame) -> None:
    selected = MEMBERSHIPS.select(memberships)
    assert selected.columns.to_list() == ["edizione", "pro_com_t", "zona", "unione"]
    assert selected.index.to_list() == [0, 1]
    assert selected["pro_com_t"].to_list() == ["015001", "015002"]


def test_a_spatial_layer_keeps_its_geometry() -> None:
    layer = LAYERS["comuni"]
    table = gpd.GeoDataFrame(
        {name: ["x"] for name in layer.columns}, geometry=[shapely.box(0, 0, 1, 1)], crs=METRIC
    ).rename_geometry("shape")
    assert layer.select(table).geometry.to_list() == [shapely.box(0, 0, 1, 1)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda table: table.drop(columns="zone"), "columns zone are missing"),
        (lambda table: table.assign(municipality_code="015001"), "empty or repeated"),
        (lambda table: table.assign(municipality_code=["015001", None]), "empty or repeated"),
    ],
    ids=["missing column", "repeated key", "empty key"],
)
def test_a_table_that_breaks_the_contract_is_refused(memberships: pd.DataFrame, change: object, said: str) -> None:
    with pytest.raises(LayerContractError) as error:
        MEMBERSHIPS.select(change(memberships))
    assert said in error.value.text.en


def test_a_spatial_layer_without_geometry_is_refused() -> None:
    layer = LAYERS["citta_metropolitana"]
    with pytest.raises(LayerContractError, match="geometry"):
        layer.select(pd.DataFrame({name: [1] for name in layer.columns}))


def test_an_unknown_layer_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="comuni, zone_omogenee"):
        layer_named("strade")


def test_the_age_bands_are_disjoint_and_leave_no_age_out() -> None:
    ends = list(AGE_BANDS.values())
    assert [youngest for youngest, _ in ends] == [0, *(oldest + 1 for _, oldest in ends[:-1])]
    assert ends[-1][1] is None


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_every_column_of_a_layer_is_described_once(layer: Layer) -> None:
    titles = [COLUMNS[name].title.it for name in layer.columns]
    assert len(set(titles)) == len(titles)
    assert layer.key
    assert set(layer.key) <= set(layer.columns)


def test_a_column_of_a_family_names_its_category_everywhere() -> None:
    column = column_named("share_15_farmacia")
    assert column.field == "quota_farmacia_15"
    assert column.title == ("Entro 15 minuti: farmacia", "Within 15 minutes: farmacia")
    assert "la categoria farmacia entro" in column.description.it
    assert "the category farmacia within" in column.description.en


def test_a_column_has_its_codes_in_order() -> None:
    codes = column_named("municipalities").codes
    assert list(codes.meanings) == ["si", "non_indicato", "non_noto"]
    assert codes.meanings["si"] == ("sì", "yes")
    assert codes is column_named("others").codes


def test_a_layer_is_spatial_where_it_has_a_geometry() -> None:
    assert (LAYERS["servizi"].geometry, LAYERS["servizi"].spatial) == ("Point", True)
    assert (LAYERS["fonti"].geometry, LAYERS["fonti"].spatial) == (None, False)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_a_table_has_its_english_names_again(layer: Layer) -> None:
    names = [*layer.columns, *(f"{beginning}scuola_primaria" for beginning in layer.families)]
    table = pd.DataFrame({column_named(name).field: [1] for name in names} | {"altro": [1]})
    assert list(layer.in_english(table).columns) == [*names, "altro"]
    assert [layer.field(name) for name in (*names, "altro")] == list(table.columns)
