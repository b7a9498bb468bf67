"""Municipalities as offices write them, on a few invented and well-known places."""

import pandas as pd
import pytest

from psttm_geo.territory.gazetteer import Gazetteer, build_gazetteer, is_number

PLACES = {
    "015146": ("Milano", "F205"),
    "015182": ("Rho", "H264"),
    "015209": ("Sesto San Giovanni", "I690"),
    "015195": ("San Giuliano Milanese", "H930"),
    "015192": ("San Donato Milanese", "H827"),
    "015070": ("Cernusco sul Naviglio", "C523"),
    "015059": ("Cassano d'Adda", "C003"),
    "015125": ("Locate di Triulzi", "E639"),
    "015010": ("Arluno", "A413"),
    "015251": ("Vermezzo con Zelo", "M424"),
}


OF_ITALY = ("municipality_code", "municipality", "cadastral_code", "province", "province_name")

NEAR = [("015146", "Milano", "F205", "MI", "Milano"), ("108033", "Monza", "F704", "MB", "Monza e della Brianza")]

FAR = [
    ("001168", "None", "F931", "TO", "Torino"),
    ("016065", "Castro", "C337", "BG", "Bergamo"),
    ("058091", "Roma", "H501", "RM", "Roma"),
    ("075096", "Castro", "M261", "LE", "Lecce"),
    ("099014", "Rimini", "H294", "RN", "Rimini"),
]


def build(italy: list[tuple[str, ...]]) -> Gazetteer:
    inside = pd.DataFrame(
        [(code, name, short) for code, (name, short) in PLACES.items()],
        columns=["municipality_code", "municipality", "cadastral_code"],
    )
    ring = pd.DataFrame({"municipality_code": ["108033"], "municipality": ["Monza"], "cadastral_code": ["F704"]})
    merged = pd.DataFrame({"municipality_code": ["015235"], "municipality": ["Vermezzo"], "successor_code": ["015251"]})
    other = pd.DataFrame({"municipality_code": ["015125", "015146"], "written_as": ["Locate Triulzi", ""]})
    return build_gazetteer(inside, ring, merged, [other], pd.DataFrame(italy, columns=list(OF_ITALY)))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return build(NEAR)


@pytest.fixture(scope="module")
def of_italy() -> Gazetteer:
    return build(NEAR + FAR)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *((text, "015146") for text in ("015146", "15146", "15146.0", "15.146", "15,146", "'015146", '="015146"')),
        *(
            (text, "015146")
            for text in ("03015146", "3015146", "F205", "f205", "c_f205", "F205 Milano", "015146 Milano")
        ),
        *((text, "015146") for text in ("Milano", "MILANO", " milano ", "Milano (MI)", "Milano MI", "Milano - MI")),
        *((text, "015146") for text in ("Milano, MI", "Milano [MI]", "Milano (Milano)", "Milano (015146)")),
        *(
            (text, "015146")
            for text in ("Comune di Milano", "COMUNE DI MILANO (MI)", "Citta' di Milano", "Mil\u200bano")
        ),
        ("015146 - Milano", "015146"),
        ("Rho (prov. di Milano)", "015182"),
        *(
            (text, "015209")
            for text in ("Sesto S. Giovanni", "SESTO S.GIOVANNI", "Sesto S Giovanni", "Sesto San Giov.")
        ),
        *((text, "015195") for text in ("S. Giuliano M.se", "S.Giuliano Mil.se", "San Giuliano Mil.")),
        *((text, "015070") for text in ("Cernusco s/N", "Cernusco s/Naviglio", "Cernusco sul Nav.")),
        *((text, "015059") for text in ("Cassano d'Adda", "Cassano d\u2019Adda", "CASSANO DADDA", "Cassano d'A.")),
        ("Locate Triulzi", "015125"),
        ("Vermezzo", "015251"),
        ("15.01", "015010"),
        ("Monza (MB)", "108033"),
        ("058091", "058091"),
    ],
)
def test_a_municipality_is_known_in_every_usual_form(gazetteer: Gazetteer, written: str, code: str) -> None:
    assert gazetteer.find(written) == code


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "'", "(", "(MI)", "MI", "Milano (RM)", "Monza (MI)", "Rho (015146)", "Rho F205", "01015146", "H501"),
        *("S. Giuliano", "S. Milanese", "Mil.", "M.", "Sesto", "Atlantide", "Roma", "Città metropolitana di Milano"),
        *("15.1", "=1+1", "#REF!", "Rho Milano", "Rho, Milano", "Rho - Milano", "San Milanese"),
    ],
)
def test_what_leaves_a_doubt_is_none(gazetteer: Gazetteer, written: str) -> None:
    assert gazetteer.find(written) is None


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("Cassano d'Adda, Locate Triulzi", ["015059", "015125"]),
        ("Rho, Milano", ["015182", "015146"]),
        ("Milano, MI; Rho, MI", ["015146", "015182"]),
        ("Rho (MI), Milano (MI)", ["015182", "015146"]),
        ("Rho e Milano", ["015182", "015146"]),
        ("Rho/Cernusco s/N", ["015182", "015070"]),
        ("Rho - Milano", ["015182", "015146"]),
        ("015146 015182", ["015146", "015182"]),
        ("F205\nH264", ["015146", "015182"]),
        ("15,146", ["015146"]),
        ("15.146, 15.182", ["015146", "015182"]),
        ("015146-015182", ["015146", "015182"]),
        ("Milano + Rho", ["015146", "015182"]),
        ("Rho | Atlantide", ["015182", None]),
        ("; ,", []),
    ],
)
def test_a_cell_may_name_several(gazetteer: Gazetteer, written: str, found: list[str | None]) -> None:
    assert [code for _, code in gazetteer.find_all(written)] == found


def test_parts_are_given_as_they_are_written(gazetteer: Gazetteer) -> None:
    assert gazetteer.find_all("Milano; Isola che non c'è") == [("Milano", "015146"), ("Isola che non c'è", None)]


def test_a_column_is_read_whole_with_its_index(gazetteer: Gazetteer) -> None:
    found = gazetteer.resolve(pd.Series(["Milano", None, "x", 15182.0, "Milano"], index=[9, 7, 5, 3, 1], dtype=object))
    assert found.to_dict() == {9: "015146", 7: None, 5: None, 3: "015182", 1: "015146"}


def test_no_cells_give_no_codes(gazetteer: Gazetteer) -> None:
    assert gazetteer.resolve(pd.Series([], dtype=object)).empty


@pytest.mark.parametrize(
    ("written", "code"),
    [
        *((text, "058091") for text in ("Roma", "ROMA (RM)", "Roma, RM", "Comune di Roma", "H501", "058091", "58.091")),
        *((text, "075096") for text in ("Castro (LE)", "CASTRO LE", "M261")),
        *((text, "016065") for text in ("Castro (BG)", "16.065")),
        ("Castro (RM)", None),
        ("Roma (MI)", None),
        ("None", None),
    ],
)
def test_municipalities_far_away_are_known_by_name_and_province(
    of_italy: Gazetteer, written: str, code: str | None
) -> None:
    assert of_italy.find(written) == code


@pytest.mark.parametrize(
    "written",
    [
        *("999999", "151460", "120001", "000001", "015000", "0", "015999", "15999", "15999.0", "15.999", "03015999"),
        *("099999", "99999", "99.999", "058112"),
    ],
)
def test_a_code_that_no_municipality_can_have_is_none(of_italy: Gazetteer, written: str) -> None:
    assert of_italy.find(written) is None
    assert is_number(written)


@pytest.mark.parametrize("code", ["015146", "015235", "108033", "108053", "058111", "099001", "104022"])
def test_a_code_that_one_has_had_or_may_have_been_given_lately_is_taken(of_italy: Gazetteer, code: str) -> None:
    assert of_italy.find(code) == of_italy.find(code.lstrip("0")) == code


@pytest.mark.parametrize("written", ["", "F205", "Milano", "15146 Milano", "??", "-1", "=1+1"])
def test_what_is_no_number_is_told_from_one(written: str) -> None:
    assert not is_number(written)
