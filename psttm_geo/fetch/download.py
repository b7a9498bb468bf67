"""Files fetched from their publishers: kept only when whole and of the kind that was asked for.

A download that is cut keeps what has arrived beside the file and goes on from there the next time, if the server can
say that the file is still the same; everything else starts over. Nothing takes the file's place before it was checked.
"""

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from http import HTTPStatus
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from psttm_geo.core.errors import DownloadError, OutputError, PsttmError
from psttm_geo.core.files import output_error
from psttm_geo.core.messages import NOTHING, Text, gettext
from psttm_geo.core.progress_bar import progress_bar
from psttm_geo.fetch._contents import HEAD_BYTES, contents_fault, kind_fault
from psttm_geo.fetch._partial import Part, Version, version_of
from psttm_geo.fetch._transport import AS_BROWSER, CUT, Tell, UnreachableError, ask, say_failure
from psttm_geo.fetch.download_records import Download, say_size

if TYPE_CHECKING:
    import requests

CHUNK_BYTES = 1 << 16

SPARE_BYTES = 50_000_000
"""Room that a download leaves on the disk."""

_CHECKSUM_BYTES = 64 * 1024
"""No published sum is longer; an error page may be."""

_CHECKSUM = re.compile(r"^([0-9a-fA-F]{32})(?:\s+\*?(\S+))?\s*$", re.MULTILINE)


def fetch_size(download: Download) -> int | None:
    """Ask a server how large a file is, without reading its content.

    Returns
    -------
    int or None
        Bytes; None where the server does not say.

    Raises
    ------
    DownloadError
        The server cannot be reached or has no such file; the error's text is the reason alone.
    """
    import requests  # noqa: PLC0415 - a tenth of a second that only a download needs to spend

    how = {"headers": AS_BROWSER} if download.as_browser else {"method": "HEAD"}
    with requests.Session() as session, closing(ask(session, download.url, _say_nothing, **how)) as answer:
        return _length(answer)


def fetch_file(download: Download, path: Path, check: Callable[[Path], object], *, progress: bool, tell: Tell) -> None:
    """Download a file to `path`, and keep it only if it is whole, has the published sum and `check` accepts it.

    Parameters
    ----------
    download
        What and from where; proxy settings of the environment are honoured.
    path
        Where to put it; a file that is already there stays until the new one is accepted. What arrives is kept
        beside it as ``NAME.part`` and continued from there by the next call.
    check
        Called with the downloaded file; raises a :class:`PsttmError` when it is not what was asked for.
    progress
        Whether to draw a bar on standard error.
    tell
        Told the size before anything is downloaded, and of waits and fresh starts.

    Raises
    ------
    DownloadError
        The server does not answer, answers with an error or stops half-way, or the content is not accepted.
    OutputError
        The file cannot be written, or the disk has no room for it.
    """
    import requests  # noqa: PLC0415 - a tenth of a second that only a download needs to spend

    part = Part(path)
    with part.held(), requests.Session() as session:
        try:
            sums = _published_sums(session, download, tell)
            _receive_patiently(session, download, part, progress=progress, tell=tell)
            _require_sum(session, download, part, sums)
        except UnreachableError as error:
            raise _failed(download, error.text, part) from error
        except KeyboardInterrupt:
            kept = _kept(download, part)
            tell(gettext("Interrupted. {kept}", kept=kept))
            raise
        _require_accepted(download, part, check)
        part.finish()


def _receive_patiently(
    session: "requests.Session", download: Download, part: Part, *, progress: bool, tell: Tell
) -> None:
    """Bring the part to its whole length; what cannot go on from the middle starts again by itself, not for ever."""
    for left in reversed(range(_FRESH_STARTS + 1 if download.as_browser else 1)):
        try:
            _receive(session, download, part, progress=progress, tell=tell)
        except UnreachableError:
            if not left or not part.received_bytes:
                raise
            part.begin(_NO_VERSION)
            tell(_CUT_WHOLE)
        else:
            return


_FRESH_STARTS = 2

_NO_VERSION = Version("", "", "", None)

_CUT_WHOLE = gettext("The connection was cut, and the server cannot go on from the middle: starting over.")


def _receive(session: "requests.Session", download: Download, part: Part, *, progress: bool, tell: Tell) -> None:
    """Bring the part to its whole length, from where it stands if the server has still the same version."""
    known = None if download.as_browser else part.version(download.url)
    headers = {"Range": f"bytes={part.received_bytes}-", "If-Range": known.validator} if known else _headers(download)
    answer = ask(session, download.url, tell, headers=headers)
    if known and answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        answer.close()
        if known.size_bytes == part.received_bytes:
            return
        answer = ask(session, download.url, tell)
    elif known and answer.status_code == HTTPStatus.PARTIAL_CONTENT and not _continues(answer, known, part):
        answer.close()
        answer = ask(session, download.url, tell)
    with closing(answer):
        continued = known is not None and answer.status_code == HTTPStatus.PARTIAL_CONTENT
        if known is not None and not continued:
            tell(_STARTED_OVER)
        coming = known if known is not None and continued else _version(download, answer)
        _announce(download, part, coming, continued=continued, tell=tell)
        if not continued:
            part.begin(coming)
        _save(answer, download, part, coming, progress=progress)


def _headers(download: Download) -> Mapping[str, str]:
    return AS_BROWSER if download.as_browser else {}


def _version(download: Download, answer: "requests.Response") -> Version:
    """Return the version that an answer brings; one that is compressed on the way cannot be continued."""
    is_whole_only = _is_encoded(answer) or download.as_browser
    return version_of(download.url, {} if is_whole_only else answer.headers, _length(answer))


_STARTED_OVER = gettext("The file has changed, or the server cannot go on from the middle: starting over.")


def _continues(answer: "requests.Response", known: Version, part: Part) -> bool:
    """Whether a partial answer goes on where the part ends, in the same version."""
    given = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
    if given is None or int(given[1]) != part.received_bytes or _is_encoded(answer):
        return False
    size = known.size_bytes if given[2] == "*" else int(given[2])
    same = version_of(known.url, answer.headers, size)
    # A partial answer may leave out what has not changed.
    return (
        size == known.size_bytes and same.etag in ("", known.etag) and same.last_modified in ("", known.last_modified)
    )


def _is_encoded(answer: "requests.Response") -> bool:
    return answer.headers.get("Content-Encoding", "identity").lower() != "identity"


def _length(answer: "requests.Response") -> int | None:
    """Return how many bytes the whole file has; None if the server does not say, or compresses it on the way."""
    length = answer.headers.get("Content-Length", "")
    if answer.status_code == HTTPStatus.PARTIAL_CONTENT:
        length = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return int(length) if length.isdigit() and not _is_encoded(answer) else None


def _announce(download: Download, part: Part, version: Version, *, continued: bool, tell: Tell) -> None:
    """Say what comes and how much of it, and refuse it where there is no room for it."""
    size = version.size_bytes if version.size_bytes is not None else download.size_bytes
    said = gettext("size not stated") if size is None else say_size(size)
    if size is not None and version.size_bytes is None:
        said = gettext("about {said}", said=said)
    done = say_size(part.received_bytes)
    rest = gettext(" ({done} here already)", done=done) if continued else NOTHING
    tell(
        gettext(
            "{title} ({publisher}, {licence}): {said}{rest} from {url}",
            title=download.title,
            publisher=download.publisher,
            licence=download.licence,
            said=said,
            rest=rest,
            url=download.url,
        )
    )
    # A part that is written over gives its room back.
    needed = (size or 0) - part.received_bytes
    free = shutil.disk_usage(part.path.parent).free
    if needed + SPARE_BYTES > free:
        wanted, found = say_size(needed + SPARE_BYTES), say_size(free)
        raise OutputError(
            gettext(
                "{path}: the disk has {found} left, {wanted} are needed; free some space or choose another "
                "folder. Nothing more was downloaded.",
                path=part.path,
                found=found,
                wanted=wanted,
            )
        )


def _save(answer: "requests.Response", download: Download, part: Part, version: Version, *, progress: bool) -> None:
    import requests  # noqa: PLC0415 - loaded already by whoever has such an answer

    start = part.received_bytes
    chunks: Iterator[bytes] = answer.iter_content(CHUNK_BYTES)
    if not start:
        chunks = _recognised(chunks, download)
    bar = progress_bar(part.path.name, version.size_bytes, drawn=progress, unit="B", initial=start, leave=True)
    try:
        with part.file.open("ab") as file, bar:
            for chunk in chunks:
                bar.update(file.write(chunk))
    except requests.RequestException as error:
        raise UnreachableError(say_failure(error)) from error
    except PsttmError:
        raise
    except OSError as error:
        raise output_error(part.path, error) from error
    if version.size_bytes is not None and part.received_bytes < version.size_bytes:
        raise UnreachableError(CUT)
    if version.size_bytes is not None and part.received_bytes > version.size_bytes:
        part.drop()
        raise UnreachableError(gettext("more data arrive than the server declares"))


def _recognised(chunks: Iterator[bytes], download: Download) -> Iterator[bytes]:
    """Pass chunks on once the first bytes are of the kind asked for, so that no page is downloaded as a file."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    fault = kind_fault(head[:HEAD_BYTES], download.kind)
    if fault is not None:
        raise _unexpected(fault)
    yield head
    yield from chunks


def _published_sums(session: "requests.Session", download: Download, tell: Tell) -> set[str]:
    """Return the MD5 that the publisher states, in lower case; empty, and said so, where there is none to be had."""
    if download.checksum_url is None:
        return set()
    try:
        with closing(ask(session, download.checksum_url, tell)) as answer:
            text = next(answer.iter_content(_CHECKSUM_BYTES), b"").decode("ascii", errors="replace")
    except (UnreachableError, OSError):
        text = ""
    stated = _CHECKSUM.findall(text)
    name = PurePosixPath(urlsplit(download.url).path).name
    sums = {digest.lower() for digest, file in stated if len(stated) == 1 or file == name}
    if not sums:
        tell(
            gettext(
                "{checksum_url} gives no checksum: the file is verified by size and content alone.",
                checksum_url=download.checksum_url,
            )
        )
    return sums


def _require_sum(session: "requests.Session", download: Download, part: Part, sums: set[str]) -> None:
    """Drop a part whose MD5 is not the one published before or after: a publisher may replace a file in between."""
    if not sums:
        return
    with part.file.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if found in sums or found in _published_sums(session, download, _say_nothing):
        return
    part.drop()
    raise UnreachableError(
        gettext(
            "the MD5 sum is {found}, the publisher states {listed}: the file arrived changed and was dropped",
            found=found,
            listed=", ".join(sorted(sums)),
        )
    )


def _require_accepted(download: Download, part: Part, check: Callable[[Path], object]) -> None:
    """Drop a part that is not what was asked for."""
    fault = content_fault(download, part.file, check)
    if fault is not None:
        part.drop()
        raise _failed(download, _unexpected(Text(*(said.replace(*_names(part)) for said in fault))).text)


def _names(part: Part) -> tuple[str, str]:
    return str(part.file), part.path.name


def content_fault(download: Download, path: Path, check: Callable[[Path], object]) -> Text | None:
    """Return what is wrong with a whole file; None where it is what was asked for.

    Parameters
    ----------
    download
        What the file should be.
    path
        The file, wherever it comes from.
    check
        Raises a :class:`PsttmError` when it is not.

    Raises
    ------
    OutputError
        `check` cannot write what it has to.
    """
    fault = contents_fault(path, download)
    if fault is None:
        try:
            check(path)
        except OutputError:
            raise
        except PsttmError as error:
            return error.text
    return fault


def _unexpected(fault: Text) -> UnreachableError:
    return UnreachableError(gettext("what arrives is not the file expected ({fault})", fault=fault))


def _failed(download: Download, reason: Text, part: Part | None = None) -> DownloadError:
    """Say why a download failed and how to go on; a part that nobody could continue is dropped."""
    advice = _NOTHING_SAVED if part is None else _kept(download, part)
    if download.as_browser:
        return DownloadError(
            gettext(
                "{url}: {reason}; nothing was saved: open {page} with the browser, download {file} and the files that "
                "go with it, and give them together to psttm-geo projects add.",
                url=download.url,
                reason=reason,
                page=download.page,
                file=download.file,
            )
        )
    return DownloadError(
        gettext(
            "{url}: {reason}. {advice} The publisher's page: {page}",
            url=download.url,
            reason=reason,
            advice=advice,
            page=download.page,
        )
    )


_NOTHING_SAVED = gettext("Nothing was saved; try again, or download the file with a browser and name it.")


def _kept(download: Download, part: Part) -> Text:
    """Say what was kept for the next time; drop what could not be continued."""
    version = part.version(download.url)
    if version is None:
        part.drop()
        return _NOTHING_SAVED
    done = say_size(part.received_bytes)
    whole = NOTHING
    if version.size_bytes is not None:
        size = say_size(version.size_bytes)
        whole = gettext(" of {size}", size=size)
    return gettext(
        "{done}{whole} stay in {file}: repeat the same command to go on from there.",
        done=done,
        whole=whole,
        file=part.file,
    )


def _say_nothing(_text: Text) -> None:
    """Keep a repeated question to oneself."""
