import pytest

from psttm_geo.delivery.symbology import SHARES, SYMBOLOGY, Graduated, Outlined, Style
from psttm_geo.schema.columns import column_named
from psttm_geo.schema.layers import LAYERS


def test_every_layer_with_geometry_has_a_style_and_no_table_has_one() -> None:
    assert set(SYMBOLOGY) == {name for name, layer in LAYERS.items() if layer.spatial}


def used(style: Style) -> set[str]:
    columns = {
        *style.first_of,
        *style.last_of,
        getattr(style.drawing, "column", ""),
        *getattr(style.drawing, "gaps", ()),
    }
    return (columns | ({style.label.column} if style.label else set())) - {""}


@pytest.mark.parametrize("name", SYMBOLOGY)
def test_styles_name_columns_of_their_layer(name: str) -> None:
    for style in SYMBOLOGY[name]:
        assert used(style) <= set(LAYERS[name].columns)
        assert all(column_named(column) for column in used(style))


@pytest.mark.parametrize("name", SYMBOLOGY)
def test_every_row_that_is_drawn_twice_on_one_place_is_chosen_by_a_column(name: str) -> None:
    layer = LAYERS[name]
    repeated = {"edition", "driver", "mission", "number", "profile", "origin"} & set(layer.key)
    if name in ("scenario_servizi", "siti", "siti_esclusi"):
        repeated = set()
    for style in SYMBOLOGY[name]:
        assert repeated == {*style.first_of, *style.last_of} - {"category"}


def test_labels_are_shown_at_some_scale_only() -> None:
    labels = [style.label for styles in SYMBOLOGY.values() for style in styles if style.label]
    assert all(label.from_scale < label.to_scale for label in labels)
    assert all(label.size_pt >= 7 for label in labels)


def test_fixed_classes_leave_no_share_out() -> None:
    assert [(one.low, one.high) for one in SHARES] == [
        (0, 0.1),
        (0.1, 0.3),
        (0.3, 0.5),
        (0.5, 0.7),
        (0.7, 0.9),
        (0.9, 1),
    ]
    graduated = [
        style.drawing for styles in SYMBOLOGY.values() for style in styles if isinstance(style.drawing, Graduated)
    ]
    assert all(drawing.unknown for drawing in graduated)
    assert isinstance(SYMBOLOGY["unioni_comuni"][0].drawing, Outlined)
