"""Mutated extracts: a sentence and exit code 2, or a report; never a crash, never a hang.

`PSTTM_FUZZ=2000` sets how many; by default a few, for every run of the suite.
"""

import json
import os
import random
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import osmium
import pytest

pytestmark = pytest.mark.real_data

COUNT = int(os.environ.get("PSTTM_FUZZ", "10"))

SECONDS = 60

BYTES = 4 << 30

SERVER = f"""
import json, os, resource, signal, sys, time
import osmium, scipy.sparse.csgraph
from psttm_geo import cli
from psttm_geo.core.settings import Settings
from psttm_geo.jobs import streets
from psttm_geo.project import Project

Project.register = Project(Settings()).register  # the same for all, and not what is tried here

def child(path, said):
    resource.setrlimit(resource.RLIMIT_AS, ({BYTES}, {BYTES}))
    resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS}))
    out = os.open(said, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(out, 1)
    os.dup2(out, 2)
    cli.main(["--quiet", "osm", "read", path, "--territory", "osm:8", "--json", "--workspace", path + ".ws"])

for line in sys.stdin:
    path = line.strip()
    said = path + ".said"
    pid = os.fork()
    if pid == 0:
        child(path, said)
    deadline = time.monotonic() + {4 * SECONDS}
    done = 0
    while not done:
        done, status = os.waitpid(pid, os.WNOHANG)
        time.sleep(0.005)
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
    print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
"""
"""Reads names of files, reads each in a process of its own with limits, and answers with its exit code."""


def flip(content: bytes, dice: random.Random) -> bytes:
    mutated = bytearray(content)
    for _ in range(dice.choice([1, 1, 1, 2, 8, 64])):
        mutated[dice.randrange(len(mutated))] = dice.randrange(256)
    return bytes(mutated)


def flip_one(content: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(content))
    return content[:place] + bytes([content[place] ^ 1 << dice.randrange(7)]) + content[place + 1 :]


def cut(content: bytes, dice: random.Random) -> bytes:
    return content[: dice.randrange(len(content))]


def splice(content: bytes, dice: random.Random) -> bytes:
    """Take a stretch out, double it, or fill it with zeros."""
    start = dice.randrange(len(content))
    end = min(len(content), start + dice.randrange(1, 1 + len(content) // 4))
    middle = dice.choice([b"", content[start:end] * 2, bytes(end - start), dice.randbytes(end - start)])
    return content[:start] + middle + content[end:]


def within_blobs(content: bytes, dice: random.Random) -> bytes:
    """Change bytes inside a blob and pack it again, so that its own checks pass and the decoder meets the change."""
    blobs = list(_blobs(content))
    chosen = dice.randrange(len(blobs))
    return b"".join(
        _pack(
            kind,
            dice.choice([flip_one, flip_one, flip_one, flip, cut, splice])(raw, dice)
            if number == chosen and raw
            else raw,
        )
        for number, (kind, raw) in enumerate(blobs)
    )


def _blobs(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(content):
        (size,) = struct.unpack_from(">I", content, place)
        head = content[place + 4 : place + 4 + size]
        kind = b"OSMHeader" if b"OSMHeader" in head else b"OSMData"
        shift = length = 0
        for byte in head[head.rindex(b"\x18") + 1 :]:
            length |= (byte & 0x7F) << shift
            shift += 7
        body = content[place + 4 + size : place + 4 + size + length]
        # libosmium writes the size of the content (field 2) and the content packed by zlib (field 3), or as it is.
        packed = body.find(b"x\x9c")
        yield kind, zlib.decompress(body[packed:]) if packed >= 0 else b""
        place += 4 + size + length


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _pack(kind: bytes, raw: bytes) -> bytes:
    packed = zlib.compress(raw)
    body = b"\x10" + _varint(len(raw)) + b"\x1a" + _varint(len(packed)) + packed
    head = b"\x0a" + _varint(len(kind)) + kind + b"\x18" + _varint(len(body))
    return struct.pack(">I", len(head)) + head + body


def names(content: bytes, dice: random.Random) -> bytes:
    """Change words of XML: numbers that are none, references to nowhere, tags without an end."""
    old, new = dice.choice(
        [
            (b'lon="9', b'lon="999'),
            (b'lat="', b'lat="-'),
            (b'ref="', b'ref="9999'),
            (b"<nd ", b"<md "),
            (b"/>", b">"),
            (b'id="', b'id="x'),
            (b'id="', b'id="99999999999999999999'),
            (b"<osm", b"<html"),
            (b'lat="60.1', b'lat="61.9'),
            (b'k="highway"', b'k="building"'),
            (b'k="type"', b'k="amenity"'),
            (b'role="outer"', b'role="inner"'),
            (b'<nd ref="1', b'<nd ref="2'),
            (b"<member ", b'<member extra="" '),
            (b'v="', b'v="%,= @\xc3'),
            (b"<way", b"<way><way"),
        ]
    )
    return content.replace(old, new, dice.choice([1, 5, -1]))


@pytest.fixture(scope="module")
def sources(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Give a tenth of a real extract, as PBF and as XML."""
    folder = tmp_path_factory.mktemp("sources")
    whole = test_data / "osm" / "helsinki.osm.pbf"
    taken = {}
    for form in ("pbf", "osm"):
        target = folder / f"helsinki.{form}"
        with osmium.BackReferenceWriter(target, ref_src=whole, remove_tags=False) as writer:
            for entity in osmium.FileProcessor(whole):
                if entity.id % 10 == 0:
                    writer.add(entity)
        taken[form] = target.read_bytes()
    return taken


MUTATIONS: list[tuple[str, Callable[[bytes, random.Random], bytes]]] = [
    ("pbf", flip),
    ("pbf", cut),
    ("pbf", splice),
    ("pbf", within_blobs),
    ("pbf", within_blobs),
    ("pbf", within_blobs),
    ("osm", flip),
    ("osm", cut),
    ("osm", splice),
    ("osm", names),
]


def test_mutated_extracts_end_with_a_sentence_or_a_report(sources: dict[str, bytes], tmp_path: Path) -> None:
    failures, ends = [], {0: 0, 2: 0}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        for seed in range(COUNT):
            dice = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
            form, mutate = MUTATIONS[seed % len(MUTATIONS)]
            path = tmp_path / f"{seed}-{mutate.__name__}.{form}"
            path.write_bytes(mutate(sources[form], dice))
            print(path, file=server.stdin, flush=True)
            code = json.loads(server.stdout.readline())
            said = path.with_name(path.name + ".said").read_text("utf-8", errors="replace")
            if not (_is_report(said) if code == 0 else code == 2 and _is_sentence(said)):
                failures.append((path.name, code, said[-300:]))
            ends[code] = ends.get(code, 0) + 1
            path.unlink()
        server.stdin.close()
    sys.stderr.write(f"{COUNT} files: {ends[2]} refused, {ends[0]} read\n")
    assert failures == []
    assert min(ends[0], ends[2]) > 0, "both ends have to be seen"


def _is_sentence(said: str) -> bool:
    return said.startswith("psttm-geo: ") and len(said.splitlines()) == 1


def _is_report(said: str) -> bool:
    report = json.loads(said)["report"]
    return report["nodes_read"] > 0 and report["ways_read"] > 0 and "nodes_missing" in report
