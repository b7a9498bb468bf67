"""Commands that speak to the application."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from psttm_geo import jobs
from psttm_geo.core import events
from psttm_geo.core.events import Error, Event, Notice, Progress, Result
from psttm_geo.core.messages import Text

Run = Callable[..., Any]

Hear = Callable[..., tuple[int, list[Event | None]]]


@pytest.fixture
def hear(run: Run, monkeypatch: pytest.MonkeyPatch) -> Hear:
    """Run a command of which events are wanted; give its code and its events, which are all that it says."""
    monkeypatch.setenv(events.VARIABLE, "1")

    def hear(*arguments: object) -> tuple[int, list[Event | None]]:
        outcome = run(*arguments)
        assert outcome.err == ""
        return outcome.code, [events.read(line.encode()) for line in outcome.out.splitlines()]

    return hear


@pytest.mark.parametrize("option", [[], ["--json"]])
def test_the_result_is_an_event_with_or_without_json(hear: Hear, option: list[str]) -> None:
    code, (result,) = hear("status", *option)
    assert code == 0
    assert isinstance(result, Result)
    assert set(result.values) == {"workspace", "inputs"}


def test_what_is_read_is_told_as_it_comes(hear: Hear, synthetic_extract: Path) -> None:
    code, told = hear("osm", "read", synthetic_extract)
    assert code == 0
    *before, result = told
    bars = [event for event in before if isinstance(event, Progress) and event.total]
    assert bars
    assert {bar.unit for bar in bars} == {"B"}
    notices = [event for event in before if isinstance(event, Notice)]
    assert [notice.text.it.split(" valgono ")[0] for notice in notices] == ["da ora nella cartella di lavoro"]
    assert notices[0].text.en.endswith("in force in the workspace from now on.")
    assert notices[0].lasting
    assert isinstance(result, Result)
    assert result.values["report"]["synthetic"]


def test_whoever_asks_for_quiet_hears_the_result_alone(hear: Hear, synthetic_extract: Path) -> None:
    _, told = hear("--quiet", "osm", "read", synthetic_extract)
    assert [type(event) for event in told] == [Result]


def test_what_passes_is_told_apart(hear: Hear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(*_: object, tell: Callable[[Text], None], **__: object) -> list[Path]:
        tell(Text("arriva", "it comes"))
        return [tmp_path / "x.osm.pbf"]

    monkeypatch.setattr(jobs, "fetch", fetch)
    assert hear("fetch", "osm") == (
        0,
        [Notice(Text("arriva", "it comes"), lasting=False), Result({"files": [str(tmp_path / "x.osm.pbf")]})],
    )


@pytest.mark.parametrize("language", ["it", "en"])
def test_a_refusal_is_told_in_both_languages(hear: Hear, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", language)
    code, (error,) = hear("osm", "read", "none.osm.pbf")
    assert code == 2
    assert isinstance(error, Error)
    assert error.text.it.startswith("none.osm.pbf non esiste")
    assert error.text.en.startswith("none.osm.pbf does not exist")


def test_arguments_that_make_no_sense_are_told(hear: Hear) -> None:
    code, (error,) = hear("status", "--none")
    assert code == 2
    assert isinstance(error, Error)
    assert "--none" in error.text.it
    assert "Usage" not in error.text.it


def test_a_wrong_setting_is_told(hear: Hear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PSTTM_LANGUAGE", "fr")
    code, (error,) = hear("status")
    assert code == 2
    assert isinstance(error, Error)
    assert error.text.it.startswith("PSTTM_LANGUAGE=fr: ")


def test_a_file_that_may_not_be_read_is_told(hear: Hear, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "x.osm.pbf")

    monkeypatch.setattr(jobs, "read_extract", refuse)
    code, (error,) = hear("osm", "read", "x.osm.pbf")
    assert code == 2
    assert isinstance(error, Error)
    assert error.text.it.startswith("x.osm.pbf non può essere letto")
    assert error.text.en.startswith("x.osm.pbf cannot be read")
