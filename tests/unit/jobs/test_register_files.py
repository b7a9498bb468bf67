import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from psttm_geo import jobs
from psttm_geo.core.errors import TableError, WorkspaceError
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.project import Project

PHARMACIES = """\
CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE
MI1;DUOMO;MILANO;15.146;45,464;9,19
MI2;LONTANA;LEGNANO;15.118;45,464;9,20
"""

Run = Callable[..., object]


@pytest.fixture
def pharmacies(tmp_path: Path) -> Path:
    path = tmp_path / "farmacie.csv"
    path.write_text(PHARMACIES, "utf-8")
    return path


@pytest.fixture
def gyms(settings: Settings, tmp_path: Path) -> Path:
    """Give an office's mapping made from the template, and its table."""
    path = tmp_path / "office" / "palestre.toml"
    path.parent.mkdir()
    jobs.write_register_mapping(Project(settings), path)
    text = path.read_text("utf-8")
    for key, value in (("tabella", "p.csv"), ("categoria", "sport"), ("nome", "nome"), ("x", "lon"), ("y", "lat")):
        text = text.replace(f'\n{key} = ""', f'\n{key} = "{value}"')
    path.write_text(text, "utf-8")
    (path.parent / "p.csv").write_text("nome,lon,lat\nPalestra,9.19,45.464\n")
    return path


def test_registers_are_reported_kept_and_read_back(run: Run, settings: Settings, pharmacies: Path, gyms: Path) -> None:
    added = run("inputs", "add", "registers", pharmacies, gyms)
    assert (added.code, added.err) == (0, "")
    lines = added.out.splitlines()
    assert lines[0].startswith("Elenco delle farmacie (farmacie.csv): 2 righe; nel territorio 2 per comune dichiarato")
    assert any(line.startswith("riga 3: MI2 LONTANA: dichiarato Legnano, punto in Milano (") for line in lines)
    assert lines[-1].startswith("registers: farmacie.csv, palestre.toml, ")
    pharmacies.unlink()
    gyms.unlink()
    first, second = jobs.read_registers(Project(settings))
    assert first.services["outcome"].to_list() == ["agrees", "doubtful"]
    assert (second.register.identifier, second.services["municipality_code"].to_list()) == ("palestre", ["015146"])
    assert second.register.source.title == "palestre (p.csv)"


def test_without_registers_there_are_none(settings: Settings) -> None:
    assert jobs.read_registers(Project(settings)) == ()


def test_files_named_win_over_the_workspace(settings: Settings, pharmacies: Path, gyms: Path) -> None:
    jobs.add_registers(Project(settings), [pharmacies])
    (read,) = jobs.read_registers(Project(settings), [gyms])
    assert read.register.identifier == "palestre"


def test_one_bad_register_keeps_what_the_workspace_had(
    run: Run, settings: Settings, pharmacies: Path, tmp_path: Path
) -> None:
    jobs.add_registers(Project(settings), [pharmacies])
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    outcome = run("inputs", "add", "registers", pharmacies, tmp_path / "bad.csv")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("psttm-geo: ")
    assert "bad.csv, riga 1: le colonne (a, b) non sono di un registro noto" in outcome.err
    assert "Traceback" not in outcome.err
    assert len(jobs.read_registers(Project(settings))) == 1


def test_a_register_of_elsewhere_is_refused(run: Run, pharmacies: Path) -> None:
    pharmacies.write_text(PHARMACIES.replace("15.146", "16.024").replace("15.118", "16.024").replace("45,4", "44,4"))
    outcome = run("inputs", "add", "registers", pharmacies)
    assert (outcome.code, outcome.out) == (2, "")
    assert "farmacie.csv: nessun servizio è nel territorio" in outcome.err


ROWS = {
    "good": "{n};A{n};MILANO;15.146;45,464;9,19",
    "no point": "{n};A{n};MILANO;15.146;;",
    "text for a point": "{n};A{n};MILANO;15.146;x;y",
    "far point": "{n};A{n};LEGNANO;15.118;45,464;9,20",
    "swapped": "{n};A{n};MILANO;15.146;9,19;45,464",
    "by name": "{n};A{n};MILANO;;45,464;9,19",
    "by point": "{n};A{n};;;45,464;9,19",
    "repeated": "1;A1;MILANO;15.146;45,464;9,19",
    "formula": "{n};=B{n};MILANO;15.146;45,464;9,19",
    "elsewhere": "{n};A{n};GENOVA;10.025;44,4;8,9",
    "elsewhere without a point": "{n};A{n};GENOVA;10.025;;",
    "nothing": "{n};A{n};;;;",
    "unknown name": "{n};A{n};ATLANTIDE;;;",
    "unknown code": "{n};A{n};;15.999;;",
    "letters for a code": "{n};A{n};;??;;",
    "outside every place": "{n};A{n};;;41,9;12,5",
}


def test_every_row_of_a_large_register_is_counted_or_listed(settings: Settings, tmp_path: Path) -> None:
    header = PHARMACIES.splitlines()[0]
    faults = list(ROWS.values())
    count = 625
    lines = [faults[n % len(faults)].format(n=n + 1) for n in range(count * len(faults))]
    path = tmp_path / "f.csv"
    path.write_text("\n".join([header, *lines]), "utf-8")
    said = [line.it for line in jobs.add_registers(Project(settings), [path])]
    (total,) = [line for line in said if "righe 10000 = " in line]
    counted = [int(number) for number in re.findall(r"(\d+) [a-z]", total.split(" = ")[1])]
    assert sum(counted) == 10_000
    assert total.split(" = ")[1] == (
        f"{5 * count} usate + {3 * count} contate nel comune, senza un punto utilizzabile + {count} ripetute + "
        f"{3 * count} fuori dal territorio + {4 * count} senza comune né punto leggibili."
    )
    assert sum("non è contato: né il comune" in line for line in said) == 4 * count
    assert sum("formula invece di un valore" in line for line in said) == count


def test_a_register_none_of_whose_rows_can_be_placed_says_why(run: Run, pharmacies: Path) -> None:
    header = PHARMACIES.splitlines()[0]
    pharmacies.write_text(f"{header}\nMI1;A;ATLANTIDE;;;\nMI2;B;GENOVA;10.025;44,4;8,9\n", "utf-8")
    outcome = run("inputs", "add", "registers", pharmacies)
    assert outcome.code == 2
    assert "righe 2 = 1 fuori dal territorio + 1 senza comune né punto leggibili" in outcome.err


def test_a_register_that_changed_in_the_workspace_is_noticed(settings: Settings, pharmacies: Path) -> None:
    jobs.add_registers(Project(settings), [pharmacies])
    packed = Workspace(settings.workspace).inputs["registers"].path
    packed.write_bytes(packed.read_bytes() + b"x")
    with pytest.raises(WorkspaceError, match="inputs add registers FILE"):
        jobs.read_registers(Project(settings))


def test_registers_are_listed_and_removed(run: Run, pharmacies: Path) -> None:
    run("inputs", "add", "registers", pharmacies)
    assert json.loads(run("status", "--json").out)["inputs"]["registers"]["file"].endswith("registers.zip")
    assert run("inputs", "remove", "registers").out.startswith("registers: tolto")
    assert json.loads(run("status", "--json").out)["inputs"] == {}


def test_english_speakers_are_told_in_english(run: Run, pharmacies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    assert "in the territory 2 by declared municipality" in run("inputs", "add", "registers", pharmacies).out


def test_the_template_of_a_register_is_written_to_toml_only(run: Run, tmp_path: Path) -> None:
    assert run("template", "register", "-o", tmp_path / "m.toml") == (0, f"{tmp_path / 'm.toml'}\n", "")
    assert "[colonne]" in (tmp_path / "m.toml").read_text("utf-8")
    refused = run("template", "register", "-o", tmp_path / "m.csv")
    assert refused.code == 2
    assert "atteso un nome che finisca in .toml" in refused.err
    assert not (tmp_path / "m.csv").exists()


def test_the_template_as_it_is_says_what_to_fill_in(settings: Settings, tmp_path: Path) -> None:
    jobs.write_register_mapping(Project(settings), tmp_path / "m.toml")
    with pytest.raises(TableError, match="manca «tabella»"):
        jobs.add_registers(Project(settings), [tmp_path / "m.toml"])


def test_codes_that_nobody_has_count_by_their_point_and_are_listed(run: Run, tmp_path: Path) -> None:
    header = "CODICE_FARMACIA;DESCRIZIONE_FARMACIA;COMUNE;CODICE_ISTAT;LATITUDINE;LONGITUDINE\n"
    codes = ("099999", "151460", "15999", "015999")
    here = [f"A{code};X;;{code};45,46;9,1{place}" for place, code in enumerate(codes)]
    nowhere = [f"B{code};X;;{code};;" for code in codes]
    far = ["C;X;ROMA;;;", "D;X;;058091;;", "E;X;;999999;41,9;12,5"]
    path = tmp_path / "farmacie.csv"
    path.write_text(header + "\n".join([*here, *nowhere, *far]), "utf-8")
    lines = run("inputs", "add", "registers", path).out.splitlines()
    assert "righe 11 = 4 usate + 3 fuori dal territorio + 4 senza comune né punto leggibili." in lines[1]
    assert [line for line in lines if "nessun comune ha questo codice" in line] == [
        f"riga {row}: A{code} X: «{code}»; nessun comune ha questo codice: conta nel comune in cui cade il punto."
        for row, code in enumerate(codes, start=2)
    ]
    assert [line for line in lines if "non è contato: né il comune" in line] == [
        f"riga {row}: B{code} X: «{code}»; non è contato: né il comune né il punto sono leggibili."
        for row, code in enumerate(codes, start=6)
    ]
