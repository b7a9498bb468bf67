import pytest

from psttm_geo.errors import Text
from psttm_geo.model.provenance import say_date


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2023-01-01", Text("1° gennaio 2023", "1 January 2023")),
        ("2025-05-29", Text("29 maggio 2025", "29 May 2025")),
        ("2026-12-31", Text("31 dicembre 2026", "31 December 2026")),
    ],
)
def test_dates_are_said_as_people_write_them(iso: str, said: Text) -> None:
    assert say_date(iso) == said
