import gzip
import hashlib
import http.server
import io
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

from psttm_geo import jobs
from psttm_geo.core.errors import DownloadError, OutputError, ResidentsFileError
from psttm_geo.core.messages import Text
from psttm_geo.core.settings import Settings
from psttm_geo.core.workspace import Workspace
from psttm_geo.fetch import _transport, download
from psttm_geo.fetch._contents import contents_fault, kind_fault
from psttm_geo.fetch.download_records import Download
from psttm_geo.project import Project
from psttm_geo.territory.municipalities import Snapshot

Answer = Callable[["Handler"], None]

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Asked(NamedTuple):
    """One request that the server got."""

    method: str
    path: str
    headers: dict[str, str]


class Site(http.server.ThreadingHTTPServer):
    """Gives the answers of a list one after the other, and the last one from then on; remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.answers_by_path: dict[str, Answer] = {}
        self.asked: list[Asked] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer_to(self, path: str) -> Answer:
        if path in self.answers_by_path:
            return self.answers_by_path[path]
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append(Asked(self.command, self.path, dict(self.headers)))
        self.server.answer_to(self.path)(self)

    do_HEAD = do_GET  # noqa: N815 - the name that the server looks for

    def log_message(self, *_: object) -> None:
        pass

    def begin(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            if value is not None:
                self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def stall(self) -> None:
        """Send nothing more until the test is over."""
        self.wfile.flush()
        self.server.closing.wait(30)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with Site() as running:
        for name in ("GEOFABRIK", "ISTAT", "ISTAT_DEMO", "ISTAT_DATA", "LOMBARDIA", "ITALIA_DOMANI"):
            monkeypatch.setenv(f"PSTTM_{name}_URL", f"{running.url}/")
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.closing.set()
        running.shutdown()
        thread.join()


Run = Callable[..., Any]

Fetch = Callable[..., bytes]

PBF_PATH = "/europe/italy/nord-ovest-latest.osm.pbf"

PAGE = b"<!DOCTYPE html>\n<html><body>Servizio non disponibile</body></html>"


def varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def make_pbf(seed: int = 1, size: int = 400_000) -> bytes:
    """Make blocks laid out as in a PBF file, their data random."""
    data = random.Random(seed).randbytes(size)  # noqa: S311 - no secret
    blocks = []
    for kind, content in (
        (b"OSMHeader", data[:90]),
        (b"OSMData", data[90 : size // 2]),
        (b"OSMData", data[size // 2 :]),
    ):
        header = b"\x0a" + varint(len(kind)) + kind + b"\x18" + varint(len(content))
        blocks.append(struct.pack(">I", len(header)) + header + content)
    return b"".join(blocks)


PBF = make_pbf()

MOMENT = "Wed, 01 Jan 2025 10:00:00 GMT"


def serve(content: bytes, *, etag: str | None = '"1"', modified: str | None = None, first: int | None = None) -> Answer:
    """Serve a file as a good server does, ranges included; `first` bytes of it and then silence, when given."""

    def answer(request: Handler) -> None:
        start, headers = 0, request.headers
        asked = re.fullmatch(r"bytes=(\d+)-", headers.get("Range", ""))
        if asked and headers.get("If-Range") in (etag, modified):
            start = int(asked[1])
            if start >= len(content):
                request.begin(416, Content_Range=f"bytes */{len(content)}")
                return
        body = content[start:]
        given = f"bytes {start}-{len(content) - 1}/{len(content)}" if start else None
        request.begin(
            206 if start else 200, Content_Length=len(body), ETag=etag, Last_Modified=modified, Content_Range=given
        )
        if request.command == "HEAD":
            return
        request.wfile.write(body if first is None else body[:first])
        if first is not None:
            request.stall()

    return answer


def cut(content: bytes, keep: float = 0.5, **headers: object) -> Answer:
    """Declare a whole file, send a part and close."""

    def answer(request: Handler) -> None:
        request.begin(200, Content_Length=len(content), **headers)
        request.wfile.write(content[: int(len(content) * keep)])

    return answer


def say(status: int, content: bytes = b"", **headers: object) -> Answer:
    def answer(request: Handler) -> None:
        request.begin(status, Content_Length=len(content), **headers)
        if request.command != "HEAD":
            request.wfile.write(content)

    return answer


def without_length(content: bytes) -> Answer:
    def answer(request: Handler) -> None:
        request.begin(200)
        request.wfile.write(content)

    return answer


def ignore_ranges(content: bytes) -> Answer:
    return say(200, content, ETag='"1"')


def make_download(site: Site, **changes: object) -> Download:
    facts = {
        "identifier": "thing",
        "year": None,
        "title": Text("Cosa", "Thing"),
        "publisher": "Editore",
        "licence": "CC BY 4.0",
        "attribution": "Editore",
        "page": "https://example.org/page",
        "url": site.url + PBF_PATH,
        "checksum_url": None,
        "file": "thing.osm.pbf",
        "kind": "pbf",
        "expects": (),
        "size_bytes": None,
    }
    return Download(**(facts | changes))


class Heard(list):
    """What the user was told, in English."""

    def __call__(self, text: Text) -> None:
        self.append(text.en)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def fetch(site: Site, heard: Heard, tmp_path: Path) -> Callable[..., bytes]:
    """Download once to `thing.osm.pbf` and give its bytes."""

    def fetch(check: Callable[[Path], object] = lambda _: None, **changes: object) -> bytes:
        path = tmp_path / "thing.osm.pbf"
        download.fetch_file(make_download(site, **changes), path, check, progress=False, tell=heard)
        return path.read_bytes()

    return fetch


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "thing.osm.pbf.part"


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_whole_file_is_kept_alone_and_its_size_said_before(
    site: Site, fetch: Fetch, heard: Heard, tmp_path: Path
) -> None:
    site.answers = [serve(PBF)]
    assert fetch() == PBF
    assert files(tmp_path) == ["thing.osm.pbf"]
    assert heard == [f"Thing (Editore, CC BY 4.0): 400 kB from {site.url}{PBF_PATH}"]
    assert site.asked[0].headers["User-Agent"].startswith("psttm-geo/")


@pytest.mark.parametrize(
    ("validator", "modified"), [('"1"', None), (None, MOMENT), ('W/"1"', MOMENT)], ids=["etag", "date", "weak etag"]
)
def test_a_cut_download_goes_on_from_where_it_was(
    site: Site, fetch: Fetch, heard: Heard, part: Path, validator: str | None, modified: str | None
) -> None:
    site.answers = [cut(PBF, ETag=validator, Last_Modified=modified), serve(PBF, etag=validator, modified=modified)]
    with pytest.raises(DownloadError) as error:
        fetch()
    kept = part.stat().st_size
    assert 0 < kept < len(PBF)
    assert PBF.startswith(part.read_bytes())
    assert f"of 400 kB stay in {part}: repeat the same command to go on from there" in error.value.text.en
    assert fetch() == PBF
    assert site.asked[1].headers["Range"] == f"bytes={kept}-"
    assert site.asked[1].headers["If-Range"] == (MOMENT if modified else '"1"')
    assert "here already)" in heard[-1]
    assert not part.exists()


def test_a_download_cut_again_and_again_comes_out_whole(site: Site, fetch: Fetch, part: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - no secret

    def stop_early(request: Handler) -> None:
        start = int(request.headers.get("Range", "bytes=0-").removeprefix("bytes=").rstrip("-"))
        given = f"bytes {start}-{len(PBF) - 1}/{len(PBF)}" if start else None
        request.begin(206 if start else 200, Content_Length=len(PBF) - start, ETag='"1"', Content_Range=given)
        request.wfile.write(PBF[start : start + chance.randrange(90_000)])

    site.answers = [stop_early]
    kept = [0]
    while len(kept) < 100:
        try:
            assert fetch() == PBF
            break
        except DownloadError:
            kept.append(part.stat().st_size if part.exists() else 0)
    assert len(kept) > 5
    assert kept == sorted(kept)
    assert not part.exists()


def test_a_cut_download_that_nothing_identifies_is_not_kept(site: Site, fetch: Fetch, tmp_path: Path) -> None:
    site.answers = [cut(PBF), serve(PBF)]
    with pytest.raises(DownloadError, match="Non è stato salvato nulla"):
        fetch()
    assert files(tmp_path) == []
    assert fetch() == PBF
    assert "Range" not in site.asked[1].headers


def test_a_server_that_ignores_ranges_sends_all_of_it_again(site: Site, fetch: Fetch, heard: Heard) -> None:
    site.answers = [cut(PBF, ETag='"1"'), ignore_ranges(PBF)]
    with pytest.raises(DownloadError):
        fetch()
    assert fetch() == PBF
    assert any("starting over" in text for text in heard)


@pytest.mark.parametrize("honest", [True, False], ids=["by If-Range", "in spite of If-Range"])
def test_a_file_that_changed_starts_over(site: Site, fetch: Fetch, heard: Heard, *, honest: bool) -> None:
    new = make_pbf(seed=2)

    def careless(request: Handler) -> None:
        start = int(request.headers["Range"].removeprefix("bytes=").rstrip("-")) if "Range" in request.headers else 0
        request.begin(
            206 if start else 200,
            ETag='"2"',
            Content_Length=len(new) - start,
            Content_Range=f"bytes {start}-{len(new) - 1}/{len(new)}",
        )
        request.wfile.write(new[start:])

    site.answers = [cut(PBF, ETag='"1"'), serve(new, etag='"2"') if honest else careless]
    with pytest.raises(DownloadError):
        fetch()
    assert fetch() == new
    assert any("starting over" in text for text in heard)


@pytest.mark.parametrize("given", ["bytes 0-399999/400000", "bytes 7-9/*", "nonsense", None])
def test_a_range_that_was_not_asked_for_is_not_appended(site: Site, fetch: Fetch, given: str | None) -> None:
    def wrong(request: Handler) -> None:
        if "Range" in request.headers:
            request.begin(206, ETag='"1"', Content_Length=5, Content_Range=given)
            request.wfile.write(b"wrong")
        else:
            serve(PBF)(request)

    site.answers = [cut(PBF, ETag='"1"'), wrong]
    with pytest.raises(DownloadError):
        fetch()
    assert fetch() == PBF


def test_a_part_of_another_address_is_not_continued(site: Site, fetch: Fetch) -> None:
    site.answers = [cut(PBF, ETag='"1"'), serve(make_pbf(seed=2))]
    with pytest.raises(DownloadError):
        fetch()
    assert fetch(url=f"{site.url}/other.osm.pbf") == make_pbf(seed=2)
    assert "Range" not in site.asked[1].headers


@pytest.mark.parametrize("state", ["", "{", "[]", '{"url": 1}', "null"])
def test_a_damaged_record_of_a_part_starts_over(site: Site, fetch: Fetch, part: Path, state: str) -> None:
    part.write_bytes(PBF[:1000])
    part.with_name(f"{part.name}.json").write_text(state)
    site.answers = [serve(PBF)]
    assert fetch() == PBF
    assert "Range" not in site.asked[0].headers


def test_a_part_that_is_whole_already_is_only_checked(site: Site, fetch: Fetch, part: Path, tmp_path: Path) -> None:
    part.write_bytes(PBF)
    state = {"url": site.url + PBF_PATH, "etag": '"1"', "last_modified": "", "size_bytes": len(PBF)}
    part.with_name(f"{part.name}.json").write_text(json.dumps(state))
    site.answers = [serve(PBF)]
    assert fetch() == PBF
    assert files(tmp_path) == ["thing.osm.pbf"]


def test_a_part_longer_than_the_file_starts_over(site: Site, fetch: Fetch, part: Path) -> None:
    part.write_bytes(PBF + b"more")
    state = {"url": site.url + PBF_PATH, "etag": '"1"', "last_modified": "", "size_bytes": len(PBF)}
    part.with_name(f"{part.name}.json").write_text(json.dumps(state))
    site.answers = [serve(PBF)]
    assert fetch() == PBF


def test_a_server_that_stalls_is_left_and_the_part_kept(
    site: Site, fetch: Fetch, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "PATIENCE", _transport.Patience(stall_s=0.2))
    site.answers = [serve(PBF, first=200_000), serve(PBF)]
    with pytest.raises(DownloadError) as error:
        fetch()
    assert "the server stopped sending data" in error.value.text.en
    assert "repeat the same command" in error.value.text.en
    assert PBF.startswith(part.read_bytes())
    assert fetch() == PBF
    assert "Range" in site.asked[1].headers


def test_a_server_that_never_answers_is_left(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(_transport, "PATIENCE", _transport.Patience(stall_s=0.2))
    site.answers = [lambda request: request.stall()]
    with pytest.raises(DownloadError, match="ha smesso di inviare dati"):
        fetch()
    assert files(tmp_path) == []


def test_redirects_are_followed_with_the_range(site: Site, fetch: Fetch) -> None:
    site.answers_by_path[PBF_PATH] = say(302, Location="dated.osm.pbf")
    site.answers = [cut(PBF, ETag='"1"'), serve(PBF)]
    with pytest.raises(DownloadError):
        fetch()
    assert fetch() == PBF
    assert site.paths == [PBF_PATH, "/europe/italy/dated.osm.pbf"] * 2
    assert "Range" in site.asked[3].headers


def test_redirects_without_end_are_not_followed(site: Site, fetch: Fetch) -> None:
    site.answers = [say(301, Location=PBF_PATH)]
    with pytest.raises(DownloadError, match="reindirizza più di 5 volte"):
        fetch()
    assert len(site.asked) == 6


@pytest.mark.parametrize("target", ["http://example.org/x", "ftp://example.org/x", "file:///etc/passwd"])
def test_no_redirect_leads_out_of_https(target: str) -> None:
    with pytest.raises(DownloadError, match="non è protetto"):
        _transport._redirected("https://example.org/file", target)  # noqa: SLF001 - a server with a certificate is more than this rule needs


def test_no_redirect_leads_out_of_http(site: Site, fetch: Fetch) -> None:
    site.answers = [say(302, Location="file:///etc/passwd")]
    with pytest.raises(DownloadError, match="non è protetto"):
        fetch()


def test_a_redirect_into_https_is_followed() -> None:
    assert _transport._redirected("http://a.org/x", "https://b.org/y") == "https://b.org/y"  # noqa: SLF001 - as above


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_after_growing_waits(
    site: Site, fetch: Fetch, heard: Heard, waits: list[float], status: int
) -> None:
    site.answers = [*[say(status)] * 3, serve(PBF)]
    assert fetch() == PBF
    assert waits == [2, 4, 8]
    assert heard[:3] == [f"the server is busy (it answers {status}): trying again in {s} s." for s in (2, 4, 8)]


def test_a_server_that_says_when_to_come_back_is_obeyed(site: Site, fetch: Fetch, waits: list[float]) -> None:
    past = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)
    site.answers = [say(503, Retry_After="7"), say(429, Retry_After=past), say(503, Retry_After="soon"), serve(PBF)]
    assert fetch() == PBF
    assert waits == [7, 0, 0]


@pytest.mark.parametrize("kind", ["seconds", "date"])
def test_a_server_that_asks_for_too_long_a_wait_is_left(
    site: Site, fetch: Fetch, waits: list[float], kind: str
) -> None:
    later = "86400" if kind == "seconds" else format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True)
    site.answers = [say(503, Retry_After=later)]
    with pytest.raises(DownloadError, match=r"chiede di riprovare fra 14\d\d minuti"):
        fetch()
    assert waits == []
    assert len(site.asked) == 1


def test_a_server_that_stays_busy_is_left(site: Site, fetch: Fetch, waits: list[float], tmp_path: Path) -> None:
    site.answers = [say(503)]
    with pytest.raises(DownloadError, match="il server risponde 503"):
        fetch()
    assert len(waits) == 4
    assert len(site.asked) == 5
    assert files(tmp_path) == []


@pytest.mark.parametrize("status", [400, 403, 404, 416, 500])
def test_other_refusals_are_not_repeated(site: Site, fetch: Fetch, status: int) -> None:
    site.answers = [say(status, PAGE)]
    with pytest.raises(DownloadError, match=f"il server risponde {status}"):
        fetch()
    assert len(site.asked) == 1


@pytest.mark.parametrize("content", [PAGE, b"\xef\xbb\xbf \n<HTML>", b"", b"\x00" * 300, PBF[:10], b"{}", PBF[1:]])
def test_what_is_not_of_the_kind_leaves_the_old_file(site: Site, fetch: Fetch, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "thing.osm.pbf").write_bytes(b"from an earlier day")
    site.answers = [say(200, content, ETag='"1"')]
    with pytest.raises(DownloadError, match="il file ricevuto non è quello atteso"):
        fetch()
    assert files(tmp_path) == ["thing.osm.pbf"]
    assert (tmp_path / "thing.osm.pbf").read_bytes() == b"from an earlier day"


def test_a_page_is_called_a_page_and_not_downloaded_to_its_end(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_transport, "PATIENCE", _transport.Patience(stall_s=5))
    site.answers = [serve(PAGE + b" " * 1_000_000, first=100_000)]
    with pytest.raises(DownloadError, match="una pagina HTML"):
        fetch()


def test_an_answer_without_length_is_whole_or_seen_to_be_cut(site: Site, fetch: Fetch, heard: Heard) -> None:
    site.answers = [without_length(PBF), without_length(PBF[:-1])]
    assert fetch(size_bytes=500_000) == PBF
    assert "about 500 kB" in heard[0]
    with pytest.raises(DownloadError, match="troncato o danneggiato"):
        fetch()


def test_an_answer_of_unknown_size_says_so(site: Site, fetch: Fetch, heard: Heard) -> None:
    site.answers = [without_length(PBF)]
    assert fetch() == PBF
    assert "size not stated" in heard[0]


def test_an_answer_compressed_on_the_way_arrives_unpacked(site: Site, fetch: Fetch) -> None:
    site.answers = [say(200, gzip.compress(PBF), Content_Encoding="gzip", ETag='"1"')]
    assert fetch() == PBF
    assert site.asked[0].headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "spoil", [lambda packed: packed[:1000], lambda packed: packed[:200] + b"?" * 500], ids=["cut", "garbled"]
)
def test_a_damaged_compressed_answer_is_refused_and_not_continued(
    site: Site, fetch: Fetch, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    site.answers = [say(200, spoil(gzip.compress(PBF)), Content_Encoding="gzip", ETag='"1"')]
    with pytest.raises(DownloadError, match="Non è stato salvato nulla"):
        fetch()
    assert files(tmp_path) == []


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.fixture
def summed(site: Site, fetch: Fetch) -> Callable[..., bytes]:
    """Download with a published sum."""

    def summed(*sums: bytes) -> bytes:
        answers = [say(200, text) for text in sums]

        def answer(request: Handler) -> None:
            (answers.pop(0) if len(answers) > 1 else answers[0])(request)

        site.answers_by_path["/sum"] = answer
        return fetch(checksum_url=f"{site.url}/sum")

    return summed


@pytest.mark.parametrize(
    "text",
    [
        f"{md5(PBF)}  nord-ovest-latest.osm.pbf\n",
        f"{md5(PBF).upper()} *dated.osm.pbf",
        md5(PBF),
        f"{'0' * 32}  other.osm.pbf\n{md5(PBF)}  nord-ovest-latest.osm.pbf\n",
    ],
)
def test_a_file_with_the_published_sum_is_kept(site: Site, summed: Fetch, text: str) -> None:
    site.answers = [serve(PBF)]
    assert summed(text.encode()) == PBF
    assert site.paths == ["/sum", PBF_PATH]


def test_a_file_with_another_sum_is_dropped(site: Site, summed: Fetch, tmp_path: Path) -> None:
    (tmp_path / "thing.osm.pbf").write_bytes(b"from an earlier day")
    site.answers = [serve(PBF)]
    with pytest.raises(DownloadError) as error:
        summed(f"{'0' * 32}  nord-ovest-latest.osm.pbf\n".encode())
    assert f"the MD5 sum is {md5(PBF)}, the publisher states {'0' * 32}" in error.value.text.en
    assert "Nothing was saved" in error.value.text.en
    assert files(tmp_path) == ["thing.osm.pbf"]
    assert (tmp_path / "thing.osm.pbf").read_bytes() == b"from an earlier day"


def test_a_file_replaced_while_its_sum_was_read_is_kept(site: Site, summed: Fetch) -> None:
    site.answers = [serve(PBF)]
    assert summed(b"0" * 32, md5(PBF).encode()) == PBF


@pytest.mark.parametrize(
    "answer",
    [say(404, b"none"), say(200, PAGE), say(200, b""), say(200, b"\xff" * 100)],
    ids=["none", "page", "empty", "bytes"],
)
def test_a_sum_that_cannot_be_had_is_said_and_the_file_checked_otherwise(
    site: Site, fetch: Fetch, heard: Heard, answer: Answer
) -> None:
    site.answers_by_path["/sum"] = answer
    site.answers = [serve(PBF)]
    assert fetch(checksum_url=f"{site.url}/sum") == PBF
    assert "gives no checksum: the file is verified by size and content alone" in heard[0]


def test_a_file_that_its_reader_refuses_is_dropped(site: Site, fetch: Fetch, tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise ResidentsFileError(Text(f"{path}: non va", f"{path}: no good"))

    site.answers = [serve(PBF)]
    with pytest.raises(DownloadError) as error:
        fetch(refuse)
    assert (
        f"not the file expected ({tmp_path}/thing.osm.pbf: no good)".replace(f"{tmp_path}/", "") in error.value.text.en
    )
    assert files(tmp_path) == []


def test_a_disk_without_room_is_refused_before_the_content(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=50_000_000))
    site.answers = [serve(PBF, first=0)]
    with pytest.raises(OutputError, match="sul disco restano 50 MB, ne servono 50 MB"):
        fetch()
    assert files(tmp_path) == []


def test_a_disk_with_room_for_the_rest_alone_is_enough(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch, part: Path
) -> None:
    site.answers = [cut(PBF, keep=0.9, ETag='"1"'), serve(PBF)]
    with pytest.raises(DownloadError):
        fetch()
    free = len(PBF) - part.stat().st_size + download.SPARE_BYTES
    usage = shutil.disk_usage(part.parent)
    monkeypatch.setattr(download.shutil, "disk_usage", lambda _: usage._replace(free=free))
    assert fetch() == PBF


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
from psttm_geo.cli import main
main(sys.argv[1:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are set by other means on this system")
def test_a_disk_that_fills_up_is_said_in_one_sentence_and_the_part_kept(site: Site, tmp_path: Path) -> None:
    site.answers_by_path[f"{PBF_PATH}.md5"] = say(404)
    site.answers = [serve(PBF)]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, "--quiet", "fetch", "osm", "--to", tmp_path],
        capture_output=True,
        text=True,
        env={**os.environ},
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "il disco è pieno" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert files(tmp_path) == ["nord-ovest-latest.osm.pbf.part", "nord-ovest-latest.osm.pbf.part.json"]


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
def test_the_proxy_of_the_environment_is_used(
    site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, site.url)
    site.answers = [serve(PBF)]
    assert fetch(url="http://mirror.invalid/x.osm.pbf") == PBF
    assert site.paths == ["http://mirror.invalid/x.osm.pbf"]


def closed_port() -> int:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return int(closed.getsockname()[1])


def test_a_proxy_that_does_not_answer_is_named(site: Site, fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(DownloadError, match="controllare HTTP_PROXY"):
        fetch(url="http://mirror.invalid/x.osm.pbf")
    assert site.asked == []


def test_a_closed_port_is_said_in_one_sentence(fetch: Fetch) -> None:
    with pytest.raises(DownloadError, match="il server non risponde o la rete è chiusa"):
        fetch(url=f"http://127.0.0.1:{closed_port()}/x")


@pytest.mark.parametrize("url", ["mirror/x", "nothing://mirror/x", "http://"])
def test_an_address_that_is_none_is_refused(fetch: Fetch, url: str) -> None:
    with pytest.raises(DownloadError, match="l'indirizzo non è valido"):
        fetch(url=url)


def test_a_server_without_the_certificate_is_refused(site: Site, fetch: Fetch) -> None:
    site.answers = [serve(PBF)]
    with pytest.raises(DownloadError, match="il certificato del server non è accettato"):
        fetch(url=f"https{site.url.removeprefix('http')}/x")


COMMAND = "from psttm_geo.cli import main; main()"


def interrupted(site: Site, folder: Path, signal_number: int) -> subprocess.CompletedProcess[str]:
    """Start the command against a server that stops half-way, and send it a signal once half has arrived."""
    site.answers = [serve(PBF, first=250_000), serve(PBF)]
    part = folder / "nord-ovest-latest.osm.pbf.part"
    # A suite that was started in the background hands down that the interrupt is ignored.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    arguments = [sys.executable, "-c", f"{heard}; {COMMAND}", "fetch", "osm", "--to", str(folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        while running.poll() is None and not (part.is_file() and part.stat().st_size > 100_000):
            time.sleep(0.01)
        running.send_signal(signal_number)
        out, err = running.communicate()
    return subprocess.CompletedProcess(arguments, running.returncode, out, err)


@pytest.fixture
def published(site: Site) -> None:
    site.answers_by_path[f"{PBF_PATH}.md5"] = say(200, f"{md5(PBF)}  nord-ovest-latest.osm.pbf\n".encode())


@pytest.mark.skipif(sys.platform == "win32", reason="signals are other ones on this system")
@pytest.mark.usefixtures("published")
class TestInterrupted:
    @pytest.mark.parametrize(("sign", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_by_the_user_says_what_it_keeps(self, site: Site, run: Run, tmp_path: Path, sign: int, code: int) -> None:
        done = interrupted(site, tmp_path, sign)
        assert done.returncode == code
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
        assert re.search(r"Interrotto\. \d+ kB di 400 kB restano in .*\.part: ripetere lo stesso comando", done.stderr)
        self.require_resumed(site, run, tmp_path)

    def test_by_a_kill_goes_on_to_the_same_bytes(self, site: Site, run: Run, tmp_path: Path) -> None:
        assert interrupted(site, tmp_path, signal.SIGKILL).returncode == -signal.SIGKILL
        self.require_resumed(site, run, tmp_path)

    def require_resumed(self, site: Site, run: Run, folder: Path) -> None:
        name = "nord-ovest-latest.osm.pbf"
        assert files(folder) == [f"{name}.part", f"{name}.part.json"]
        kept = (folder / f"{name}.part").stat().st_size
        assert run("fetch", "osm", "--to", folder).out == f"{folder / name}\n"
        assert site.asked[-1].headers["Range"] == f"bytes={kept}-"
        assert (folder / name).read_bytes() == PBF
        assert files(folder) == [name]


@pytest.mark.skipif(sys.platform == "win32", reason="an open file is not renamed on this system")
def test_two_commands_do_not_write_the_same_part(site: Site, fetch: Fetch, part: Path) -> None:
    site.answers = [serve(PBF)]
    with download.Part(part.with_suffix("")).held(), pytest.raises(OutputError, match="Un altro comando sta già"):
        fetch()


def test_a_folder_in_the_place_of_the_file_is_refused_before_asking(site: Site, fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "thing.osm.pbf").mkdir()
    with pytest.raises(OutputError, match="è una cartella"):
        fetch()
    assert site.asked == []


# The whole command, with the files that a workspace takes as inputs.


@pytest.fixture
def good(posas: Callable[..., Path], posas_rows: pd.DataFrame) -> bytes:
    path = posas(posas_rows, "synthetic.zip")
    content = path.read_bytes()
    path.unlink()
    return content


def test_good_residents_go_into_the_workspace_and_are_used_from_then_on(
    run: Run, site: Site, good: bytes, tmp_path: Path
) -> None:
    site.answers = [serve(good)]
    outcome = run("fetch", "residents", "--year", "2026")
    kept = Workspace(tmp_path / "workspace").inputs["residents"].path
    assert (outcome.code, outcome.out) == (0, f"{kept}\n")
    assert kept.read_bytes() == good
    assert site.paths == ["/data/posas/POSAS_2026_it_Comuni.zip"]
    assert {Path(name).name for name in files(tmp_path / "workspace")} - {"workspace.lock"} == {
        kept.name,
        "workspace.json",
    }
    assert not (tmp_path / "workspace" / "downloads").exists()
    assert jobs.load_territory(Project(Settings())).residents_date == "2026-01-01"


def test_a_good_file_goes_to_the_folder_named_and_the_workspace_stays_empty(
    run: Run, site: Site, good: bytes, tmp_path: Path
) -> None:
    site.answers = [serve(good)]
    folder = tmp_path / "downloads"
    folder.mkdir()
    assert run("--quiet", "fetch", "residents", "--to", folder).err == ""
    assert files(folder) == ["POSAS_2026_it_Comuni.zip"]
    assert not (tmp_path / "workspace").exists()


def test_boundaries_go_into_the_workspace(
    run: Run, site: Site, embedded: Snapshot, write_boundaries: Run, zip_folder: Run, tmp_path: Path
) -> None:
    rows = embedded.boundaries.municipalities
    rows = rows.assign(COD_PROV=15, COD_CM=215, COD_UTS=215, PRO_COM_T=rows["municipality_code"])
    rows = rows.assign(COMUNE=rows["municipality"])[
        ["COD_PROV", "COD_CM", "COD_UTS", "PRO_COM_T", "COMUNE", "geometry"]
    ]
    content = zip_folder(write_boundaries(rows, tmp_path / "Limiti01012023_g")).read_bytes()
    site.answers = [serve(content)]
    outcome = run("fetch", "istat", "--year", "2023")
    kept = Workspace(tmp_path / "workspace").inputs["boundaries"].path
    assert outcome.out == f"{kept}\n"
    assert kept.name == "Limiti01012023_g.zip"
    assert "generalizzati/2023/Limiti01012023_g.zip" in site.paths[0]
    assert jobs.load_territory(Project(Settings())).outlines.in_force.source.reference_date == "2023-01-01"
    other = run("fetch", "istat", "--year", "2024")
    assert other.code == 2
    assert "contiene i confini al 2023-01-01, ma è stato chiesto l'anno 2024" in other.err


def zip_of(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "content")
    return buffer.getvalue()


def test_the_census_is_two_files_in_the_workspace(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers = [serve(zip_of("SHP/R03_21_WGS84.shp")), serve(zip_of("R03_indicatori_2021_sezioni.xlsx"))]
    folder = tmp_path / "workspace" / "downloads"
    outcome = run("fetch", "census")
    assert outcome.out == f"{folder / 'R03_21.zip'}\n{folder / 'Dati_regionali_2021.zip'}\n"
    assert files(folder) == ["Dati_regionali_2021.zip", "R03_21.zip"]


def test_a_second_file_that_fails_leaves_the_first(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers = [serve(zip_of("SHP/R03_21_WGS84.shp")), serve(zip_of("other.xlsx"))]
    outcome = run("--quiet", "fetch", "census", "--to", tmp_path)
    assert outcome.code == 2
    assert "nello zip manca R03_indicatori_2021_sezioni.xlsx" in outcome.err
    assert files(tmp_path) == ["R03_21.zip"]


def test_registers_are_known_by_their_columns(run: Run, site: Site, tmp_path: Path) -> None:
    pharmacies = b'CODICE_FARMACIA,CODICE_ISTAT,LATITUDINE,LONGITUDINE\n1,15.146,"45,4","9,1"\n'
    site.answers = [serve(pharmacies), serve(pharmacies)]
    outcome = run("--quiet", "fetch", "registers", "--to", tmp_path)
    assert outcome.code == 2
    assert "nel CSV mancano le colonne COD_MECCANOGRAFICO_SEDE, TIPOLOGIA_SEDE, COD_ISTAT_SEDE" in outcome.err
    assert files(tmp_path) == ["farmacie_lombardia.csv"]
    assert site.paths[0] == "/api/views/f77v-rpny/rows.csv?accessType=DOWNLOAD"


FAILURES = {
    "error page": (
        lambda _: say(200, b"<html>Servizio non disponibile</html>"),
        "il file ricevuto non è quello atteso",
    ),
    "nothing": (lambda _: say(200, b""), "il file ricevuto non è quello atteso"),
    "404": (lambda _: say(404, b"not found"), "il server risponde 404"),
    "cut": (cut, "la connessione si è interrotta"),
    "cut without length": (lambda content: without_length(content[:-9]), "il file ricevuto non è quello atteso"),
}


@pytest.fixture(params=FAILURES)
def failure(request: pytest.FixtureRequest, site: Site, good: bytes) -> str:
    """Make the server fail in one way and give what the user is to be told."""
    answer, said = FAILURES[request.param]
    site.answers = [answer(good)]
    return said


def require_refused(outcome: object, said: str) -> None:
    assert outcome.code == 2
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    last = outcome.err.splitlines()[-1]
    assert last.startswith("psttm-geo: http://127.0.0.1")
    assert said in last
    assert "Non è stato salvato nulla" in last


@pytest.mark.parametrize("option", [[], ["--quiet"]], ids=["with progress", "quiet"])
def test_a_failed_download_leaves_the_workspace_empty(
    run: Run, failure: str, tmp_path: Path, option: list[str]
) -> None:
    require_refused(run(*option, "fetch", "residents", "--year", "2026"), failure)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_download_leaves_the_file_that_was_there(run: Run, failure: str, tmp_path: Path) -> None:
    before = tmp_path / "POSAS_2026_it_Comuni.zip"
    before.write_bytes(b"from an earlier day")
    require_refused(run("--quiet", "fetch", "residents", "--year", "2026", "--to", tmp_path), failure)
    assert before.read_bytes() == b"from an earlier day"
    assert files(tmp_path) == [before.name]


@pytest.mark.usefixtures("failure")
def test_a_failed_download_is_no_error_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(DownloadError):
        jobs.fetch(Project(Settings()), ["residents"], year=2026, folder=tmp_path, progress=False, tell=print)


def test_the_file_of_another_year_is_not_taken_for_the_one_asked(
    run: Run, site: Site, good: bytes, tmp_path: Path
) -> None:
    site.answers = [serve(good)]
    assert run("--quiet", "fetch", "residents", "--year", "2025", "--to", tmp_path).code == 2
    assert files(tmp_path) == []


def test_a_zip_of_something_else_is_refused(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers = [serve(zip_of("other.csv"))]
    outcome = run("--quiet", "fetch", "residents", "--year", "2026", "--to", tmp_path)
    require_refused(outcome, "non è un file POSAS")
    assert ".part" not in outcome.err, "the name of the temporary file is none of the user's business"
    assert files(tmp_path) == []


def test_a_folder_that_does_not_exist_is_an_error_of_the_output(site: Site, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="la cartella non esiste"):
        jobs.fetch(Project(Settings()), ["osm"], year=None, folder=tmp_path / "none", progress=False, tell=print)
    assert site.asked == []


def test_a_workspace_that_cannot_be_made_is_said_in_one_sentence(
    run: Run, site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("PSTTM_WORKSPACE", str(tmp_path / "file" / "workspace"))
    outcome = run("--quiet", "fetch", "residents", "--year", "2026")
    assert outcome.code == 2
    assert outcome.err.startswith("psttm-geo: Impossibile scrivere")
    assert site.asked == []


@pytest.mark.parametrize(
    "arguments",
    [["residents", "--year", "1999"], ["residents", "--year", "abc"], ["residents", "--year", "3000"], ["istat"]],
    ids=" ".join,
)
def test_a_year_that_cannot_be_had_is_refused_before_asking(run: Run, site: Site, arguments: list[str]) -> None:
    if arguments == ["istat"]:
        arguments = ["istat", "--year", "2021"]
    assert run("fetch", *arguments).code == 2
    assert site.asked == []


def test_a_dry_run_asks_for_sizes_alone_and_writes_nothing(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers = [serve(PBF)]
    outcome = run("fetch", "osm", "--dry-run")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "Estratto OpenStreetMap, Italia nord-ovest (Geofabrik; OpenStreetMap)",
        f"  da: {site.url}{PBF_PATH}",
        f"  in: {tmp_path / 'workspace' / 'downloads' / 'nord-ovest-latest.osm.pbf'}",
        "  dimensione: 400 kB",
        "  licenza: ODbL 1.0; attribuzione: © OpenStreetMap contributors",
        "  pagina: https://download.geofabrik.de/europe/italy/nord-ovest.html",
    ]
    assert [asked.method for asked in site.asked] == ["HEAD"]
    assert files(tmp_path) == []


def test_a_dry_run_says_what_it_could_not_ask(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers = [say(404)]
    outcome = run("fetch", "census", "--dry-run", "--to", tmp_path)
    assert outcome.code == 0
    assert outcome.out.count("  attenzione: il server risponde 404") == 2
    assert "  dimensione: circa 62 MB (non dichiarata dal server)" in outcome.out
    assert f"  in: {tmp_path / 'R03_21.zip'}" in outcome.out
    assert files(tmp_path) == []


def test_machines_are_told_the_same(run: Run, site: Site, tmp_path: Path) -> None:
    site.answers = [serve(PBF)]
    site.answers_by_path[f"{PBF_PATH}.md5"] = say(404)
    offers = json.loads(run("fetch", "osm", "--dry-run", "--json").out)
    assert [(offer["download"], offer["size_bytes"], offer["fault"]) for offer in offers] == [
        ("osm-nord-ovest", len(PBF), None)
    ]
    told = json.loads(run("--quiet", "fetch", "osm", "--to", tmp_path, "--json").out)
    assert told == {"files": [str(tmp_path / "nord-ovest-latest.osm.pbf")]}


@pytest.mark.parametrize(
    ("kind", "head"),
    [("zip", b"PK\x03\x04..."), ("pbf", PBF[:256]), ("csv", b"\xef\xbb\xbfa,b\n1,2\n"), ("csv", b'"a"\n')],
)
def test_each_kind_is_known_by_its_first_bytes(kind: str, head: bytes) -> None:
    assert kind_fault(head, kind) is None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("csv", b"a,b\n1,2\n3\n"),
        ("csv", b'a,b\n1,"2\n'),
        ("csv", b"a,b\n\xff\xfe,2\n"),
        ("zip", zip_of("a")[:-5]),
        ("zip", zip_of("a").replace(b"content", b"CONTENT", 1)),
        ("pbf", PBF + b"\x00"),
        ("pbf", PBF + struct.pack(">I", 1 << 30)),
        ("pbf", PBF + struct.pack(">I", 3) + b"\xff\xff\xff"),
        ("pbf", PBF + struct.pack(">I", 2) + b"\x10\x01"),
    ],
)
def test_a_file_cut_or_damaged_is_seen_by_its_content(site: Site, tmp_path: Path, kind: str, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert contents_fault(path, make_download(site, kind=kind)) is not None


# The projects of the recovery plan: a server that answers browsers alone, and cannot go on from the middle.

PNRR = "/content/dam/sogei-ng/opendata/PNRR_"

PNRR_FILES = {
    "Localizzazione": (
        "Codice Univoco Submisura;CUP;Codice Locale Progetto;Regione;Provincia;Comune;Percentuale di Localizzazione\n"
        "M5C2I2.03.01;A11B22000010001;L1;3;15;182;100\nM5C2I2.03.01;A11B22000020001;L1;3;16;1;100\n"
    ),
    "Progetti": (
        "Missione;Codice Univoco Submisura;CUP;Codice Locale Progetto;Titolo Progetto;Finanziamento Totale\n"
        "M5;M5C2I2.03.01;A11B22000010001;L1;Scuola;1000,50\nM5;M5C2I2.03.01;A11B22000020001;L1;"
        + "Altrove " * 30_000
        + ";7\n"
    ),
    "Gare": "CUP;CIG;Importo Aggiudicazione\nA11B22000010001;Z1;10,5\n",
    "Pagamenti_di_Progetto": "CUP;Pagamento Totale\nA11B22000010001;2,5\n",
}


def like_the_publisher(content: bytes, cuts: int = 0) -> Answer:
    """Answer as Italia Domani does: browsers that ask for a range, and always the whole file, cut at first."""
    left = [cuts]

    def answer(request: Handler) -> None:
        agent, asked = (request.headers.get(name, "") for name in ("User-Agent", "Range"))
        if request.command == "HEAD":
            request.begin(404)
        elif not agent.startswith("Mozilla/") or not asked:
            say(403, PAGE)(request)
        else:
            request.begin(200, Content_Length=len(content), ETag='"1"')
            left[0] -= 1
            request.wfile.write(content[: len(content) // 2] if left[0] >= 0 else content)

    return answer


@pytest.fixture
def publisher(site: Site) -> Site:
    for name, text in PNRR_FILES.items():
        site.answers_by_path[f"{PNRR}{name}.csv"] = like_the_publisher(text.encode("utf-8-sig"))
    return site


def test_projects_are_fetched_as_by_a_browser_and_their_register_is_in_force(
    run: Run, publisher: Site, tmp_path: Path
) -> None:
    cut_once = like_the_publisher(PNRR_FILES["Progetti"].encode("utf-8-sig"), cuts=1)
    publisher.answers_by_path[f"{PNRR}Progetti.csv"] = cut_once
    outcome = run("fetch", "pnrr", "payments")
    kept = Workspace(tmp_path / "workspace").inputs["projects"].path
    assert (outcome.code, outcome.out) == (0, f"{kept}\n")
    names = ("Localizzazione", "Progetti", "Progetti", "Pagamenti_di_Progetto")
    assert publisher.paths == [f"{PNRR}{name}.csv" for name in names]
    assert {asked.headers["Range"] for asked in publisher.asked} == {"bytes=0-"}
    assert "la connessione si è interrotta" in outcome.err.lower()
    assert "PNRR_Progetti.csv: righe 2, di cui 1 di CUP nel territorio" in outcome.err
    assert not (tmp_path / "workspace" / "downloads").exists()
    assert b"A11B22000020001" not in kept.read_bytes()
    found = jobs.load_territory(Project(Settings())).plan.projects.projects
    row = found.set_index("project").loc["A11B22000010001"]
    assert (row["amount_eur"], row["paid_eur"], pd.isna(row["awarded_eur"])) == (1000.5, 2.5, True)


def test_a_refused_download_of_projects_says_what_to_do_with_the_browser(
    run: Run, publisher: Site, tmp_path: Path
) -> None:
    publisher.answers_by_path[f"{PNRR}Progetti.csv"] = say(403, PAGE)
    outcome = run("--quiet", "fetch", "pnrr")
    assert outcome.code == 2
    assert "il server risponde 403; non è stato salvato nulla: " in outcome.err
    assert "scaricare PNRR_Progetti.csv" in outcome.err
    assert "psttm-geo projects add" in outcome.err
    assert files(tmp_path / "workspace") == ["downloads/PNRR_Localizzazione.csv"]


@pytest.mark.parametrize(
    ("content", "said"),
    [(PAGE, "arriva una pagina HTML"), (b"a;b\n1;2\n", "le sue colonne non sono quelle di PNRR_Localizzazione.csv")],
)
def test_what_is_no_file_of_projects_is_refused(run: Run, publisher: Site, content: bytes, said: str) -> None:
    publisher.answers_by_path[f"{PNRR}Localizzazione.csv"] = like_the_publisher(content)
    outcome = run("--quiet", "fetch", "pnrr")
    assert outcome.code == 2
    assert said in outcome.err


def test_a_file_of_projects_that_is_always_cut_is_given_up(run: Run, publisher: Site, tmp_path: Path) -> None:
    content = PNRR_FILES["Progetti"].encode("utf-8-sig")
    publisher.answers_by_path[f"{PNRR}Progetti.csv"] = like_the_publisher(content, cuts=99)
    assert run("--quiet", "fetch", "pnrr", "--to", tmp_path).code == 2
    assert publisher.paths.count(f"{PNRR}Progetti.csv") == 3
    assert files(tmp_path) == ["PNRR_Localizzazione.csv"]


def test_a_dry_run_learns_the_size_of_projects_without_their_content(run: Run, publisher: Site) -> None:
    offers = json.loads(run("fetch", "tenders", "pnrr", "--dry-run", "--json").out)
    sizes = [len(PNRR_FILES[name].encode("utf-8-sig")) for name in ("Localizzazione", "Progetti", "Gare")]
    assert [offer["size_bytes"] for offer in offers] == sizes
    assert {asked.method for asked in publisher.asked} == {"GET"}


def test_tenders_and_payments_go_with_projects_alone(run: Run, publisher: Site) -> None:
    outcome = run("fetch", "osm", "tenders")
    assert outcome.code == 2
    assert "psttm-geo fetch pnrr tenders payments" in outcome.err
    assert publisher.asked == []
