"""What is said of TOML that cannot be read, without a word of the parser's."""

import tomllib

import pytest

from psttm_geo.core._toml_faults import explain

CASES = {
    "no quotes": (b'a = "x"\n\nnome = Milano\n', 3, "“nome = Milano”), expected a line such as"),
    "no sign": (b'a = "x"\nnome "y"\n', 2, '“nome "y"”), expected'),
    "quote never closed": (b'nome = "Milano\nsito = "x"\n', 1, '“nome = "Milano”), expected'),
    "list never closed": (b'comuni = ["015146"\n\n\n', 1, '“comuni = ["015146"”), expected'),
    "a path of Windows": (b'tabella = "C:\\dati\\uno.csv"\n', 1, "is not readable as TOML (“tabella ="),
    "key twice": (b'nome = "a"\nnome = "b"\n', 2, '“nome = "b"” repeats a key or a section that is there already'),
    "section twice": (b"[colonne]\n[colonne]\n", 2, "“[colonne]” repeats a key or a section"),
    "Windows": ('a = "x"\r\nnome = "Città"\r\n'.encode("cp1252"), 2, '“nome = "Città"” is not in UTF-8'),
    "UTF-16": ('nome = "Città"\n'.encode("utf-16"), 1, "is not in UTF-8); save the file with encoding UTF-8."),
    "mark in front": ("\N{ZERO WIDTH NO-BREAK SPACE}nome = Città".encode(), 1, "“nome = Città”), expected"),
    "long line": (b"nome = " + b"x" * 500, 1, "x…”), expected"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_line_and_what_to_do_are_said(case: tuple[bytes, int, str]) -> None:
    data, row, words = case
    with pytest.raises((tomllib.TOMLDecodeError, UnicodeDecodeError)) as error:
        tomllib.loads(data.decode("utf-8-sig"))
    found, text = explain(data, error.value)
    assert found == row
    assert words in text.en
    assert text.it != text.en
    assert len(text.it) < 250
    assert not any(word in text.it for word in ("line", "column", "Invalid", "Expected", "decode", "byte"))
