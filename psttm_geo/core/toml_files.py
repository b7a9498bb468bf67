"""TOML that an office fills in from a template."""

import tomllib
from pathlib import Path
from typing import Any

from psttm_geo.core._toml_faults import explain
from psttm_geo.core.errors import Fault, InputMissingError, TableError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.reading import OF_TOML, refusing

_LARGEST_BYTES = 1_000_000
"""More than anybody fills in by hand."""


def read_toml(path: Path, template: str) -> dict[str, Any]:
    """Read a file of TOML.

    Parameters
    ----------
    path
        The file; UTF-8, with a mark in front or without.
    template
        The command that writes a template of it.

    Raises
    ------
    InputMissingError
        `path` does not exist.
    TableError
        It is no TOML.
    """
    if not path.is_file():
        raise InputMissingError(
            gettext("{path} does not exist; write it with {template}.", path=path, template=template)
        )
    if path.stat().st_size > _LARGEST_BYTES:
        raise _refuse(path, template, gettext("it is larger than 1 MB"))
    data = path.read_bytes()
    with refusing(OF_TOML, lambda error: _explain(path, template, data, error)):
        return tomllib.loads(data.decode("utf-8-sig"))


def _explain(path: Path, template: str, data: bytes, error: Exception) -> TableError:
    if isinstance(error, RecursionError):
        return _refuse(path, template, gettext("brackets inside of brackets without end"))
    return TableError([Fault(path.name, *explain(data, error))])


def _refuse(path: Path, template: str, found: Text) -> TableError:
    return TableError.of(
        path.name,
        None,
        gettext("is not readable as TOML ({found}); start from {template}.", found=found, template=template),
    )
