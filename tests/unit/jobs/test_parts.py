"""Zones and municipalities by the names that people write."""

import pandas as pd
import pytest

from psttm_geo.core.errors import UnknownNameError
from psttm_geo.core.settings import Settings
from psttm_geo.jobs.parts import find_municipality, find_part, say_part
from psttm_geo.project import Project

EAST = {"015036": "Bussero", "015060": "Cassina de' Pecchi"}


@pytest.fixture
def municipalities() -> pd.DataFrame:
    codes = {**EAST, "015251": "Vermezzo con Zelo"}
    zones = ["Adda Martesana", "Adda Martesana", "Magentino Abbiatense"]
    return pd.DataFrame({"municipality_code": list(codes), "municipality": list(codes.values()), "zone": zones})


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Cassina de' Pecchi", "015060"),
        ("CASSINA DE PECCHI", "015060"),
        ("cassina de` pècchi", "015060"),
        ("015060", "015060"),
        ("15060", "015060"),
        ("015235", "015251"),
        ("Zelo Surrigone", "015251"),
    ],
)
def test_a_municipality_is_known_by_code_and_name(
    written: str, code: str, municipalities: pd.DataFrame, predecessors: pd.DataFrame
) -> None:
    assert find_municipality(written, municipalities, predecessors) == code


@pytest.mark.parametrize("written", ["Cassina", "015999", "", "Torino"])
def test_no_other_is(written: str, municipalities: pd.DataFrame, predecessors: pd.DataFrame) -> None:
    with pytest.raises(UnknownNameError, match=f"Comune «{written}» sconosciuto; indicare il codice ISTAT o il nome"):
        find_municipality(written, municipalities, predecessors)


def test_an_old_name_leads_nowhere_where_its_successor_is_not(
    municipalities: pd.DataFrame, predecessors: pd.DataFrame
) -> None:
    with pytest.raises(UnknownNameError, match="uno dei 2 comuni"):
        find_municipality("Vermezzo", municipalities.head(2), predecessors)


def test_zones_and_municipalities_add_up(municipalities: pd.DataFrame, settings: Settings) -> None:
    part = find_part(
        municipalities, Project(settings), zones=["adda-martesana"], names=["Vermezzo"], editions=["2022-2024"]
    )
    assert part.municipality_codes == {*EAST, "015251"}
    assert part.editions == {"2022-2024"}


def test_nothing_asked_for_is_everything(municipalities: pd.DataFrame, settings: Settings) -> None:
    part = find_part(municipalities, Project(settings))
    assert (part.municipality_codes, part.said) == (None, "")


def test_a_part_is_called_by_the_names_there_are(municipalities: pd.DataFrame, settings: Settings) -> None:
    zone = find_part(municipalities, Project(settings), zones=["adda-martesana"], editions=["2022-2024"])
    assert zone.said == "zona omogenea Adda Martesana; edizione 2022-2024"
    assert find_part(municipalities, Project(settings), names=["Vermezzo"]).said == "comune di Vermezzo con Zelo"


def test_every_municipality_is_no_part(municipalities: pd.DataFrame, settings: Settings) -> None:
    assert find_part(municipalities, Project(settings), zones=sorted(municipalities["zone"].unique())).said == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, ""),
        ({"zones": ["B", "A"]}, "zone omogenee A, B"),
        ({"zones": ["A"], "municipalities": ["Rho"]}, "zona omogenea A e comune di Rho"),
        ({"municipalities": ["Cassina de' Pecchi", "Rho"]}, "comuni di Cassina de' Pecchi, Rho"),
        ({"editions": ["2022-2024"], "layers": ["Comuni"]}, "edizione 2022-2024; solo il layer Comuni"),
        ({"layers": list("abcdefgh")}, "solo i layer a, b, c, d, e, f, g, h"),
        ({"layers": list("abcdefghij")}, "solo i layer a, b, c, d, e, f, g, h e altri 2"),
    ],
)
def test_what_a_part_is_called(asked: dict[str, list[str]], said: str) -> None:
    assert say_part(**asked) == said


def test_an_unknown_zone_is_told_with_those_there_are(municipalities: pd.DataFrame, settings: Settings) -> None:
    with pytest.raises(
        UnknownNameError, match="«Adda» sconosciuta; indicarne una fra: Adda Martesana, Magentino Abbia"
    ):
        find_part(municipalities, Project(settings), zones=["Adda"])
