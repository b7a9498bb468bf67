"""A bar on the terminal, or events."""

import pytest

from psttm_geo.core import events
from psttm_geo.core.events import Progress
from psttm_geo.core.progress_bar import progress_bar


def test_people_see_a_bar_and_nothing_of_it_stays(capfd: pytest.CaptureFixture[str]) -> None:
    with progress_bar("città.osm.pbf", 5_000_000, drawn=True, unit="B") as bar:
        bar.update(1_250_000)
        bar.refresh()
    out, err = capfd.readouterr()
    assert out == ""
    assert "città.osm.pbf:  25%" in err
    assert "1.25M/5.00M" in err
    assert err.endswith("\r")


@pytest.mark.parametrize("wanted", [True, False])
def test_a_bar_that_is_not_drawn_says_nothing(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *, wanted: bool
) -> None:
    if wanted:
        monkeypatch.setenv(events.VARIABLE, "1")
    with progress_bar("access", 3, drawn=False) as bar:
        bar.update()
        bar.set_postfix_str("example.org: 30 s")
        bar.reset(5)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("leave", [True, False])
def test_whoever_wants_events_hears_every_state_and_the_terminal_stays_empty(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, *, leave: bool
) -> None:
    monkeypatch.setenv(events.VARIABLE, "1")
    with progress_bar("x.osm.pbf", None, drawn=True, unit="B", initial=1, leave=leave) as bar:
        bar.reset(20)
        bar.update(5)
        bar.set_postfix_str("example.org: 30 s")
        bar.set_postfix_str("")
    out, err = capfdbinary.readouterr()
    heard = list(map(events.read, out.splitlines()))
    assert err == b""
    assert heard[:2] == [Progress(1, None, "B"), Progress(0, 20, "B")]
    assert heard[-2:] == [Progress(5, 20, "B", "example.org: 30 s"), Progress(5, 20, "B")]
