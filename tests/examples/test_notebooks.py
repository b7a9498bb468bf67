"""The notebooks run from top to bottom on the synthetic territory."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[2] / "examples"

AFRESH = "%reset -f\n%cd -q {folder}\n%env PSTTM_WORKSPACE={folder}/workspace"
"""What a notebook defined is gone, and its files and workspace are out of reach, before the next one begins."""


@pytest.fixture(scope="module")
def client() -> Iterator[NotebookClient]:
    """Give a kernel for all notebooks: to start it and to import the package takes longer than most of them."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PSTTM_")}
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=300)
    with client.setup_kernel(env=environment):
        yield client


@pytest.mark.parametrize("name", ["territory_and_plan", "fifteen_minute_city", "scenario"])
def test_a_notebook_runs(name: str, client: NotebookClient, synthetic_extract: Path, tmp_path: Path) -> None:
    shutil.copyfile(synthetic_extract, tmp_path / "synthetic.osm.pbf")
    client.nb = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    client.nb.cells.insert(0, nbformat.v4.new_code_cell(AFRESH.format(folder=tmp_path)))
    for position, cell in enumerate(client.nb.cells):
        client.execute_cell(cell, position)


def test_every_notebook_is_run_and_carries_no_output() -> None:
    notebooks = sorted(EXAMPLES.glob("*.ipynb"))
    assert [path.stem for path in notebooks] == ["fifteen_minute_city", "scenario", "territory_and_plan"]
    for path in notebooks:
        cells = nbformat.read(path, as_version=4).cells
        assert not [cell for cell in cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]
