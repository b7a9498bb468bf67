"""Municipalities as offices write them, on a few invented and well-known places."""

import pandas as pd
import pytest

from psttm_geo.model.gazetteer import Gazetteer, build_gazetteer

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


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    inside = pd.DataFrame(
        [(code, name, short) for code, (name, short) in PLACES.items()],
        columns=["municipality_code", "municipality", "cadastral_code"],
    )
    ring = pd.DataFrame({"municipality_code": ["108033"], "municipality": ["Monza"], "cadastral_code": ["F704"]})
    merged = pd.DataFrame({"municipality_code": ["015235"], "municipality": ["Vermezzo"], "successor_code": ["015251"]})
    other = pd.DataFrame({"municipality_code": ["015125", "015146"], "written_as": ["Locate Triulzi", ""]})
    return build_gazetteer(inside, ring, merged, [other])


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
