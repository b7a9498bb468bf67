"""What long work says to whoever has begun it."""

import json

import pytest

from psttm_geo.core import events
from psttm_geo.core.events import Error, Event, Notice, Progress, Result, read, report
from psttm_geo.core.messages import Text

TEXT = Text("è già così", "it is so")

EVENTS = (
    Progress(1_250_000.0, 5_000_000, "B"),
    Progress(3, None, "it", "example.org: 30 s"),
    Notice(TEXT),
    Notice(TEXT, lasting=False),
    Result({"file": "a\nb.gpkg", "synthetic": False, "layers": {"comuni": 133}, "none": None}),
    Error(Text("trovati 2 errori:\n  uno", "found 2 faults:\n  one")),
)


@pytest.fixture
def _wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(events.VARIABLE, "1")


@pytest.mark.usefixtures("_wanted")
def test_an_event_is_a_line_from_which_it_is_read(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert all(map(report, EVENTS))
    lines = capfdbinary.readouterr().out.splitlines(keepends=True)
    assert tuple(map(read, lines)) == EVENTS
    assert all(line.isascii() for line in lines), "whatever the system's encoding"


def test_nothing_is_said_where_events_are_not_wanted(capfd: pytest.CaptureFixture[str]) -> None:
    assert not any(map(report, EVENTS))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "told",
    [
        [],
        {"event": "Progress", "done": "1", "total": 4, "unit": "it", "note": ""},
        {"event": "Progress", "done": 1},
        {"event": "Notice", "text": ["uno"], "lasting": True},
        {"event": "Notice", "text": "uno", "lasting": True},
        {"event": "Result", "values": [1]},
        {"event": "Error", "text": ["uno", 2]},
        {"event": "Other", "text": ["uno", "one"]},
    ],
    ids=json.dumps,
)
def test_other_json_is_no_event(told: object) -> None:
    assert read(json.dumps(told).encode()) is None


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"nota: x\n", b'{"event": "Error", "text"', b"\xff\xfe{}\n", b"[" * 100_000]
)
def test_what_is_no_json_is_no_event(line: bytes) -> None:
    assert read(line) is None


@pytest.mark.parametrize("event", [Notice(Text("\x1b[2J\udcff", "\u202e")), Error(Text("\x1b[2J\udcff", "\u202e"))])
@pytest.mark.usefixtures("_wanted")
def test_nothing_that_is_read_hides_or_commands(event: Event, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    report(event)
    heard = read(capfdbinary.readouterr().out)
    assert isinstance(heard, Notice | Error)
    assert heard.text == Text("\\u001b[2J\\udcff", "\\u202e")
