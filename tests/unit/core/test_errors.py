import inspect

import pytest

from psttm_geo.core import errors
from psttm_geo.core.errors import Fault, PsttmError, TableError, list_faults, printable
from psttm_geo.core.messages import Text

LEAVES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, PsttmError) and found is not PsttmError
]


@pytest.mark.parametrize("leaf", LEAVES)
def test_every_error_also_is_a_builtin_one(leaf: type[PsttmError]) -> None:
    assert any(base.__module__ == "builtins" and base is not Exception for base in leaf.__mro__[2:-3])


def test_a_text_speaks_two_languages() -> None:
    assert [Text("ciao", "hello").say(language) for language in ("it", "en")] == ["ciao", "hello"]


def test_an_error_reads_as_its_italian_sentence() -> None:
    assert str(errors.CrsError(Text("uno", "one"))) == "uno"


@pytest.mark.parametrize(
    ("row", "language", "said"),
    [(3, "it", "a.csv, riga 3: sì"), (3, "en", "a.csv, line 3: yes"), (None, "en", "a.csv: yes")],
)
def test_a_fault_says_where(row: int | None, language: str, said: str) -> None:
    assert Fault("a.csv", row, Text("sì", "yes")).say(language) == said


def test_a_table_error_lists_all_its_faults() -> None:
    error = TableError([Fault("a.csv", 2, Text("uno", "one")), Fault("b.csv", None, Text("due", "two"))])
    assert error.text.en.splitlines() == ["found 2 faults in the tables:", "  a.csv, line 2: one", "  b.csv: two"]
    assert error.text.it.splitlines() == ["trovati 2 errori nelle tabelle:", "  a.csv, riga 2: uno", "  b.csv: due"]
    assert TableError(error.faults[:1]).text.it.startswith("trovato 1 errore")


def test_faults_beyond_a_hundred_are_counted() -> None:
    faults = [Fault("t.csv", row, Text("male.", "bad.")) for row in range(1, 103)]
    assert list_faults(faults[:100], "en", "--json") == [f"t.csv, line {row}: bad." for row in range(1, 101)]
    assert list_faults(faults[:101], "it", "--json")[100:] == ["... e un altro errore: --json"]
    assert list_faults(faults, "en", "--json")[100:] == ["... and 2 more faults: --json"]


def test_what_a_terminal_obeys_is_written_out() -> None:
    assert printable("a\tb\n\x1b[2J\x9b\u202eé\udce9") == "a\tb\n\\u001b[2J\\u009b\\u202eé\\udce9"
