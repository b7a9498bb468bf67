"""How a difference is told: short for people, whole for machines."""

import dataclasses
from pathlib import Path

import pytest

from psttm_geo.cli.diff import _Report, _result
from psttm_geo.core.messages import Language
from psttm_geo.delivery.delivery_diff import Cause, Derived, Difference
from psttm_geo.delivery.table_diff import RowChange, ShapeChange
from psttm_geo.jobs.delivery_comparison import DeliveryDifference

NOTHING = Difference({}, {}, {}, {}, (), ())


def municipality(number: int, **told: object) -> RowChange:
    return RowChange("comuni", {"municipality_code": f"{number:06}"}, "changed", **told)


def lines(difference: Difference, language: Language = "it", **names: str) -> list[str]:
    found = DeliveryDifference(difference, names, ("1", "1"))
    return list(_Report(found, language).lines(Path("a.gpkg"), Path("b.gpkg")))


def test_nothing_is_told_as_such() -> None:
    assert lines(NOTHING) == ["Nessuna differenza fra a.gpkg e b.gpkg."]
    assert lines(NOTHING, "en") == ["No difference between a.gpkg and b.gpkg."]


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        (ShapeChange(12.34, 0), "geometria +12,3 m² -0,0 m²"),
        (ShapeChange(9_999, 1_234_500), "geometria +9.999,0 m² -123,45 ha"),
        (ShapeChange(0, 0, 12.34), "spostato di 12,3 m"),
    ],
)
def test_areas_are_told_in_metres_and_hectares(shape: ShapeChange, said: str) -> None:
    cause = Cause("boundaries", municipality(1, shape=shape))
    told = lines(dataclasses.replace(NOTHING, causes=(cause,)), **{"000001": "Cassina de' Pecchi"})
    assert told[1:] == ["Confini: 1", f"  comuni Cassina de' Pecchi (000001): {said}"]
    english = lines(dataclasses.replace(NOTHING, causes=(cause,)), "en")
    assert english[2].endswith(
        said.translate(str.maketrans(",.", ".,")).replace("geometria", "geometry").replace("spostato di", "moved by")
    )


def test_layers_and_columns_that_come_and_go_are_told() -> None:
    structure = Difference({"servizi": 3}, {"isocrone": 1}, {"comuni": ("x", "y")}, {"driver": ("z",)}, (), ())
    assert lines(structure)[1:] == [
        "layer aggiunto: servizi, 3",
        "layer tolto: isocrone, 1",
        "colonne aggiunte: comuni, x, y",
        "colonne tolte: driver, z",
    ]


def test_many_causes_are_counted_and_some_shown() -> None:
    causes = tuple(Cause("residents", municipality(n, fields={"residents": (n, None)})) for n in range(23))
    added = tuple(Cause("residents", dataclasses.replace(one.change, kind="added", fields={})) for one in causes[:5])
    told = lines(dataclasses.replace(NOTHING, causes=causes + added))
    assert told[1] == "Residenti: 28"
    assert told[2] == "  comuni 000000: residenti 0 → —"
    assert told[22:] == ["  ... e altri 3: --json", "  righe aggiunte, comuni: 5 (000000; 000001; 000002; ...)"]


def test_rows_stand_under_each_of_their_causes_and_those_without_apart() -> None:
    causes = (
        Cause("residents", municipality(1, fields={"residents": (1, 2)})),
        Cause("boundaries", municipality(2, shape=ShapeChange(1, 0))),
    )
    zone = RowChange("zone_omogenee", {"zone": "Nord"}, "changed", {"density_per_km2": (1.0, 2.0)})
    derived = (Derived(zone, (0, 1)), Derived(dataclasses.replace(zone, key={"zone": "Sud"}), ()))
    told = lines(dataclasses.replace(NOTHING, causes=causes, derived=derived))
    assert told.count("    zone_omogenee: 1 (Nord)") == 2
    assert told[-2:] == [
        "Senza una causa nei due file (dipendono da regole, elenchi, metodo o dati che i file non contengono):",
        "  zone_omogenee: 1 (Sud)",
    ]


def test_a_source_is_told_once_for_all_its_layers() -> None:
    rows = [
        RowChange("fonti", {"layer": layer, "source": "ISTAT"}, "changed", {"sha256": ("1", "2")})
        for layer in ("comuni", "driver_zone")
    ]
    told = lines(dataclasses.replace(NOTHING, causes=tuple(Cause("sources", row) for row in rows)))
    assert told[1:] == ["Fonti: 2", "  ISTAT: sha256 1 → 2 (2 layer)"]


def test_machines_are_told_by_the_names_of_the_file() -> None:
    change = RowChange(
        "accessibilita_zone",
        {"zone": "Nord", "profile": "adulto"},
        "changed",
        {"minutes_to_scuola": (1.5, None)},
        ShapeChange(1, 2),
    )
    cause = Cause("residents", municipality(1, fields={"residents": (1, 2)}))
    found = DeliveryDifference(
        dataclasses.replace(NOTHING, causes=(cause,), derived=(Derived(change, (0,)),)), {}, (None, "1")
    )
    told = _result(found, "en")
    assert told["versions"] == [None, "1"]
    assert told["changes"][0] == {
        "number": 1,
        "fact": "residents",
        "title": "Residents",
        "layer": "comuni",
        "kind": "changed",
        "key": {"pro_com_t": "000001"},
        "fields": {"residenti": [1, 2]},
        "geometry": None,
    }
    assert told["derived"][0] == {
        "layer": "accessibilita_zone",
        "kind": "changed",
        "key": {"zona": "Nord", "profilo": "adulto"},
        "fields": {"minuti_scuola": [1.5, None]},
        "geometry": {"gained_m2": 1, "lost_m2": 2, "moved_m": None},
        "because_of": [1],
    }
