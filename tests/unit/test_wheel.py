"""What is installed: the wheel holds every file of the package, and speaks Italian."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with what is in a wheel that was built from the repository."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_every_file_of_the_package_and_every_table_is_in_the_wheel(installed: Path) -> None:
    inside = files(installed / "psttm_geo")
    assert files(REPOSITORY / "psttm_geo") <= inside
    assert {f"data/{name}" for name in files(REPOSITORY / "data")} <= inside


def test_what_is_installed_says_its_sentences_in_italian(installed: Path) -> None:
    says = "import psttm_geo.core.messages as m; print(m.__file__); print(m.gettext('yes').it)"
    run = subprocess.run(
        [sys.executable, "-c", says],
        env={**os.environ, "PYTHONPATH": str(installed), "PYTHONIOENCODING": "utf-8"},
        cwd=installed,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    where, said = run.stdout.splitlines()
    assert Path(where).is_relative_to(installed)
    assert said == "sì"
