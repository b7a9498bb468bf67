"""What the jobs of the application call."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import click
import pyogrio
import pytest

from psttm_geo.app import tasks
from psttm_geo.app.job_runner import Jobs, Task
from psttm_geo.cli import command
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace

GIVEN: Mapping[str, Any] = {"file": "/w/osm/015146-milano.osm.pbf", "territory": "/w/osm/015146-milano.fgb"}


@pytest.mark.parametrize(
    ("task", "given", "called"),
    [
        (tasks.from_file(Path("/a b/x.osm.pbf")), {}, ["access|--osm|/a b/x.osm.pbf"]),
        (tasks.from_file(Path("/x.osm.pbf"), Path("/u.gpkg")), {}, ["access|--osm|/x.osm.pbf|--units|/u.gpkg"]),
        (tasks.from_download("x.osm.pbf"), {"files": ["/w/x.osm.pbf"]}, ["fetch|osm", "access|--osm|/w/x.osm.pbf"]),
        (
            tasks.from_municipality("015146", "Milano"),
            GIVEN,
            [
                "osm|fetch|--municipality|015146",
                f"access|--osm|{GIVEN['file']}|--territory|{GIVEN['territory']}|-o|/w/osm/015146-milano.gpkg",
            ],
        ),
        (
            tasks.invented(Path("/w/x.osm.pbf"), 20_000),
            {},
            ["synthetic|-o|/w/x.osm.pbf|--nodes|20000|--seed|1", "access|--osm|/w/x.osm.pbf"],
        ),
    ],
    ids=["file", "units", "download", "municipality", "synthetic"],
)
def test_a_task_is_a_row_of_commands(task: Task, given: Mapping[str, str], called: list[str]) -> None:
    rows = [list(map(str, step.arguments(given))) for step in task.steps]
    assert ["|".join(row) for row in rows] == called
    for row in rows:
        # Below the context of the command itself: a subcommand keeps what options it was first asked with.
        context = click.Context(command, **command.context_settings)
        _, found, rest = command.resolve_command(context, row)
        assert found is not None
        if isinstance(found, click.Group):
            context = click.Context(found, parent=context)
            _, found, rest = found.resolve_command(context, rest)
            assert found is not None
        found.make_context("trial", list(rest), parent=context, resilient_parsing=True)


class Service(Protocol):
    """What the fixture of this name gives."""

    def serve_file(self, path: Path) -> None: ...


def test_a_municipality_becomes_a_file_and_changes_no_results(
    osm_service: Service, synthetic_extract: Path, settings: Settings
) -> None:
    osm_service.serve_file(synthetic_extract)
    jobs = Jobs()
    jobs.start(tasks.from_municipality("015146", "Milano"), {"PSTTM_WORKSPACE": str(settings.workspace)})
    jobs.wait(300)
    done = jobs.latest
    assert done is not None
    assert done.outcome == "done", (done.error, done.last_line)
    layers = settings.workspace / "osm" / "015146-milano.gpkg"
    assert done.result["file"] == str(layers)
    assert set(pyogrio.read_dataframe(layers, layer="accessibilita_unita")["unita"]) == {"Milano"}
    assert any("pesati con la superficie degli edifici" in notice.text.it for notice in done.notices)
    assert Workspace(settings.workspace).inputs == {}
