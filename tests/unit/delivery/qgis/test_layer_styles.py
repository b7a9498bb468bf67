import pytest
from lxml import etree

from psttm_geo.delivery.qgis.layer_styles import Styled, qml
from psttm_geo.schema.columns import COLUMNS


def read(styled: Styled) -> etree._Element:
    text = qml(styled)
    assert text.startswith("<!DOCTYPE qgis PUBLIC")
    return etree.fromstring(text)


def test_every_style_is_well_formed_and_the_same_each_time(styled_map: dict[str, Styled]) -> None:
    for name, one in styled_map.items():
        root = read(one)
        assert (root.find("renderer-v2") is not None) == one.layer.spatial, name
        assert qml(one) == qml(one)


def test_aliases_are_the_titles_of_columns_in_their_order(styled: dict[str, Styled]) -> None:
    for one in styled.values():
        aliases = [(alias.get("index"), alias.get("field"), alias.get("name")) for alias in read(one).iter("alias")]
        columns = [COLUMNS[name] for name in one.names]
        assert aliases == [(str(at), column.field, column.title.it) for at, column in enumerate(columns, start=1)]


def values(styled: Styled, field: str) -> dict[str, str]:
    path = f"fieldConfiguration/field[@name='{field}']/editWidget/config/Option/Option/Option/Option"
    return {option.get("value", ""): option.get("name", "") for option in read(styled).findall(path)}


def test_forms_show_what_codes_mean(styled: dict[str, Styled]) -> None:
    assert values(styled["obiettivi_comuni"], "si_applica") == {
        "si": "si applica",
        "no": "non si applica",
        "non_noto": "non noto",
    }
    assert values(styled["comuni"], "zona")["Alto Milanese"] == "Alto Milanese"
    assert set(values(styled["driver"], "edizione")) == {"2022-2024", "2025-2027"}


def test_a_column_that_holds_anything_else_has_no_codes(styled: dict[str, Styled]) -> None:
    one = styled["zone_omogenee"]
    odd = Styled(one.layer, one.names, one.rows.assign(zona="Altrove"), one.codes)
    assert "zona" in one.coded
    assert "zona" not in odd.coded
    assert values(odd, "zona") == {}


@pytest.mark.parametrize(
    ("name", "field"), [("comuni", "comune"), ("obiettivi", "titolo"), ("unioni_comuni", "unione"), ("fonti", "fonte")]
)
def test_features_are_listed_by_the_name_people_know(styled: dict[str, Styled], name: str, field: str) -> None:
    assert read(styled[name]).findtext("previewExpression") == f'"{field}"'


def test_names_are_on_the_map_at_readable_scales_only(styled: dict[str, Styled]) -> None:
    root = read(styled["comuni"])
    assert root.get("labelsEnabled") == "1"
    rendering = root.find("labeling/settings/rendering")
    assert rendering.get("scaleVisibility") == "1"
    assert int(rendering.get("scaleMin", "")) < int(rendering.get("scaleMax", ""))
    assert read(styled["citta_metropolitana"]).get("labelsEnabled") == "0"
