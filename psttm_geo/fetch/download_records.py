"""What can be downloaded, and how a size in bytes is said to people."""

from dataclasses import dataclass
from typing import Literal

from psttm_geo.core.messages import Text, gettext, same

ContentKind = Literal["csv", "rows", "pbf", "zip"]
"""``rows`` is a CSV some of whose rows may be broken: whoever reads them counts those."""

BYTES_PER_MB = 1_000_000

_BYTES_PER_GB = 1_000 * BYTES_PER_MB

_BYTES_PER_KB = 1_000


@dataclass(frozen=True)
class Download:
    """One file of a publisher, for one year where it has any.

    Attributes
    ----------
    identifier
        Short name, unique.
    year
        That its content refers to; None for what is not published by year.
    title
        What it is.
    publisher, licence, attribution, page
        Whose it is, under which terms, and where people read about it.
    url
        Where it is.
    checksum_url
        Where its MD5 is published; None where it is not.
    file
        The name to keep it under.
    kind
        What its first bytes must look like.
    expects
        Column headings that a CSV must have, or members that a zip must hold; may be empty.
    size_bytes
        About how large it was when last seen; None where nobody noted it.
    as_browser
        The server answers browsers alone, knows no HEAD and cannot go on from the middle.
    """

    identifier: str
    year: int | None
    title: Text
    publisher: str
    licence: str
    attribution: str
    page: str
    url: str
    checksum_url: str | None
    file: str
    kind: ContentKind
    expects: tuple[str, ...]
    size_bytes: int | None
    as_browser: bool = False


def say_size(size_bytes: int) -> Text:
    """Return a size as people write it, with decimal units: «1,5 GB», “1.5 GB”."""
    from psttm_geo.core.numbers import say_number  # noqa: PLC0415 - numpy takes its time

    for unit, name in ((_BYTES_PER_GB, "GB"), (BYTES_PER_MB, "MB"), (_BYTES_PER_KB, "kB")):
        if size_bytes >= unit:
            number = size_bytes / unit
            said = say_number(number, 1 if number < 10 else 0)  # noqa: PLR2004 - two figures are enough
            return same("{said} {name}").fill(said=said, name=name)
    return gettext("{size_bytes} bytes", size_bytes=size_bytes)
