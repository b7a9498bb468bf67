"""The notebooks run from top to bottom on the synthetic territory."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["territory_and_plan", "fifteen_minute_city", "scenario"])
def test_a_notebook_runs(name: str, synthetic_extract: Path, tmp_path: Path) -> None:
    shutil.copyfile(synthetic_extract, tmp_path / "synthetic.osm.pbf")
    notebook = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()


def test_every_notebook_is_run_and_carries_no_output() -> None:
    notebooks = sorted(EXAMPLES.glob("*.ipynb"))
    assert [path.stem for path in notebooks] == ["fifteen_minute_city", "scenario", "territory_and_plan"]
    for path in notebooks:
        cells = nbformat.read(path, as_version=4).cells
        assert not [cell for cell in cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]
