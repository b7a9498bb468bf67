"""Arrays kept as one file that loads in milliseconds."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from psttm_geo.core.errors import NetworkFileError
from psttm_geo.core.files import replacing
from psttm_geo.core.messages import gettext
from psttm_geo.core.reading import OF_ARRAYS, refusing

_VERSION = "format_version"


def write_arrays(path: Path, version: int, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write named arrays as one NumPy archive, whole or not at all; the archive carries a sum of every array.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    with replacing(path) as beside, beside.open("wb") as file:
        np.savez(file, allow_pickle=False, **{_VERSION: np.asarray(version), **arrays})


def read_arrays(path: Path, version: int, names: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Read what :func:`write_arrays` wrote; every sum is checked.

    Raises
    ------
    NetworkFileError
        The file is missing, damaged, of another version, or lacks one of `names`.
    """
    damaged = NetworkFileError(
        gettext("{path} is damaged or no network saved by psttm-geo; read the extract again.", path=path)
    )
    with refusing(OF_ARRAYS, lambda _: damaged), path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        found = int(archive[_VERSION]) if _VERSION in archive else None
        if found == version:
            return {name: archive[name] for name in names}
    raise NetworkFileError(
        gettext(
            "{path} has format {found}, expected {version}; read the extract again.",
            path=path,
            found=found,
            version=version,
        )
    )
