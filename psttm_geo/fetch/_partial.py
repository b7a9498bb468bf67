"""A file on its way: what has arrived, beside what it will become, with what is needed to go on."""

import contextlib
import errno
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from psttm_geo.core.errors import OutputError
from psttm_geo.core.files import output_error, replacing, write_text
from psttm_geo.core.messages import gettext

if sys.platform != "win32":
    import fcntl


@dataclass(frozen=True)
class Version:
    """Which version of a file a server is sending.

    Attributes
    ----------
    url
        Where it was asked for.
    etag, last_modified
        As the server sent them; empty where it did not.
    size_bytes
        Of the whole file; None where the server does not say.
    """

    url: str
    etag: str
    last_modified: str
    size_bytes: int | None

    @property
    def validator(self) -> str:
        """What a server compares to know whether this version is still its own; empty when there is nothing.

        A weak ETag says "means the same", not "has the same bytes", and does not do.
        """
        return self.etag if self.etag and not self.etag.startswith("W/") else self.last_modified


def version_of(url: str, headers: Mapping[str, str], size_bytes: int | None) -> Version:
    """Return the version that the headers of an answer describe."""
    return Version(url, headers.get("ETag", ""), headers.get("Last-Modified", ""), size_bytes)


class Part:
    """The part of a file that has arrived.

    It stands beside the file as ``NAME.part``, and what is needed to go on as ``NAME.part.json``; the latter is
    missing where the server gives nothing to recognise the version by, and then the part is of no use later.

    Parameters
    ----------
    path
        The file it will become.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.file = self.path.with_name(f"{path.name}.part")
        self._state = self.path.with_name(f"{path.name}.part.json")

    @property
    def received_bytes(self) -> int:
        """How much has arrived."""
        return self.file.stat().st_size if self.file.is_file() else 0

    def version(self, url: str) -> Version | None:
        """Return the version that the part belongs to; None when there is no part that could be continued."""
        try:
            known = Version(**json.loads(self._state.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return known if known.url == url and known.validator and self.received_bytes else None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes from the part; leave no empty one behind.

        Raises
        ------
        OutputError
            The file cannot be written, or another process is downloading it.
        """
        try:
            if self.path.is_dir():
                raise IsADirectoryError(errno.EISDIR, "is a directory")
            handle = self.file.open("ab")
        except OSError as error:
            raise output_error(self.path, error) from error
        with handle:
            self._require_alone(handle.fileno())
            try:
                yield
            finally:
                if not self.received_bytes:
                    self.drop()

    def _require_alone(self, descriptor: int) -> None:
        if sys.platform == "win32":
            return  # an open file cannot be renamed there: the second process is refused in the end
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Between opening and locking, the process before may have put the part in its place.
            alone = os.path.samestat(os.fstat(descriptor), self.file.stat())
        except OSError:
            alone = False
        if not alone:
            raise OutputError(
                gettext("Another command is downloading {path} already: wait for it to end or stop it.", path=self.path)
            )

    def begin(self, version: Version) -> None:
        """Start over with a version."""
        self._state.unlink(missing_ok=True)
        os.truncate(self.file, 0)
        if version.validator:
            write_text(self._state, json.dumps(asdict(version), indent=2) + "\n")

    def drop(self) -> None:
        """Forget what has arrived."""
        self._state.unlink(missing_ok=True)
        self.file.unlink(missing_ok=True)

    def finish(self) -> None:
        """Put the part, now whole, in the place of the file.

        Raises
        ------
        OutputError
            The file cannot be replaced.
        """
        with replacing(self.path) as beside:
            self.file.replace(beside)
        self._state.unlink(missing_ok=True)
