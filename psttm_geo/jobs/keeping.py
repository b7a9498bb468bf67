"""Models kept in the workspace's cache: opened where they are whole, else computed, kept and trimmed."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from psttm_geo.core.errors import NetworkFileError, OutputError
from psttm_geo.core.files import sha256_of
from psttm_geo.core.kept_model import Model, forget_models, keep_model, mark_used, open_model, refused_model
from psttm_geo.core.reading import OF_ARRAYS, refusing
from psttm_geo.core.vector_files import members_of
from psttm_geo.project import Project

KEPT = 4
"""How many models of a kind the cache holds; the one that was used longest ago goes."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Keeping(Generic[Made]):
    """A kind of model.

    Attributes
    ----------
    kind
        What its folders are called.
    pack, unpack
        From what is computed to what is kept, and back; `unpack` raises IndexError where arrays do not fit each other.
    """

    kind: str
    pack: Callable[[Made], Model]
    unpack: Callable[[Model], Made]


def key_of(*rests_on: object) -> str:
    """Return the key of what a model rests on.

    Parameters
    ----------
    rests_on
        What JSON can write: sums of files, other keys, what was asked for.
    """
    return hashlib.sha256(json.dumps(rests_on).encode()).hexdigest()[:_DIGITS]


_DIGITS = 32


def sums_of(files: Sequence[Path]) -> list[list[str]]:
    """Return the names and sums of files, of a Shapefile those beside it too, of a folder all in it.

    What is not there has none: whoever reads it says so.
    """
    members = [member for file in files if file.exists() for member in members_of(file)]
    listed = [one for member in members for one in (sorted(member.rglob("*")) if member.is_dir() else [member])]
    return [[one.name, sha256_of(one)] for one in listed if one.is_file()]


def kept_or_computed(project: Project, keeping: Keeping[Made], key: str, compute: Callable[[], Made]) -> Made:
    """Return a kept model, or compute and keep it.

    What cannot be used is computed again, what cannot be kept is used all the same; both are said among the notices of
    the project.
    """
    try:
        held = open_kept(project, keeping, key)
    except NetworkFileError as error:
        project.say(error.text)
        held = None
    return keep(project, keeping, key, compute()) if held is None else held


def open_kept(project: Project, keeping: Keeping[Made], key: str) -> Made | None:
    """Return a kept model; None where there is none.

    Raises
    ------
    NetworkFileError
        It is damaged.
    """
    folder = folder_of(project, keeping.kind, key)
    model = open_model(folder, key)
    if model is None:
        return None
    mark_used(folder)
    with refusing((*OF_ARRAYS, IndexError), lambda _: refused_model(folder)):
        return keeping.unpack(model)


def keep(project: Project, keeping: Keeping[Made], key: str, made: Made) -> Made:
    """Keep what was computed, as far as the disk lets, and return it."""
    folder = folder_of(project, keeping.kind, key)
    try:
        project.workspace.make_cache()
        keep_model(folder, key, keeping.pack(made))
    except OutputError as error:
        project.say(error.text)
    else:
        forget_models(folder.parent, keeping.kind, KEPT)
    return made


def folder_of(project: Project, kind: str, key: str) -> Path:
    """Return where a model is kept."""
    return project.workspace.cache / f"{kind}-{key}"
