"""What changed from one delivery to the next."""

import re
from dataclasses import dataclass
from pathlib import Path

from psttm_geo.core.errors import BoundaryFileError, DeliveryError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.provenance import SYNTHETIC
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.delivery_diff import Difference, compare_deliveries
from psttm_geo.delivery.geopackage import read_documents, read_geopackage, read_sources
from psttm_geo.schema.layers import LAYERS

_VERSION = re.compile(r"con psttm-geo (\S+) dalle fonti")
"""How metadata say which version made a file."""

_FILES = (gettext("first file"), gettext("second file"))


@dataclass(frozen=True)
class DeliveryDifference:
    """What differs between two GeoPackages.

    Attributes
    ----------
    difference
        Of their layers.
    names
        Of municipalities, by code, of the later file first.
    versions
        Of the package that made the earlier and the later file; None where a file does not say.
    synthetic
        Whether the earlier and the later file hold made-up data.
    """

    difference: Difference
    names: dict[str, str]
    versions: tuple[str | None, str | None]
    synthetic: tuple[bool, bool] = (False, False)

    @property
    def notices(self) -> tuple[Text, ...]:
        """What the reader should know."""
        before, after = (version or "?" for version in self.versions)
        if before == after:
            return ()
        return (
            gettext(
                "the two files are of different versions of psttm-geo ({before} and {after}): the way of "
                "computing may have changed too.",
                before=before,
                after=after,
            ),
        )

    @property
    def made_up(self) -> tuple[Text, ...]:
        """Which of the files holds made-up data, in a sentence; nothing where none does."""
        which = [text for text, made_up in zip(_FILES, self.synthetic, strict=True) if made_up]
        if not which:
            return ()
        files = gettext(" and in the ").join(which)
        return (gettext("{synthetic} in the {files}.", synthetic=SYNTHETIC, files=files),)


def compare_files(before: Path, after: Path) -> DeliveryDifference:
    """Compare two GeoPackages that builds have written; styles, metadata and projects are not compared.

    Raises
    ------
    InputMissingError, BoundaryFileError
        A file does not exist or is no build.
    DeliveryError, CrsError
        The two are one file, or cannot be compared.
    """
    tables = [read_geopackage(path) for path in (before, after)]
    if before.samefile(after):
        raise DeliveryError(
            gettext(
                "{before} and {after} are the same file; give the earlier delivery and the new one.",
                before=before,
                after=after,
            )
        )
    old, new = ({name: LAYERS[name].in_english(table) for name, table in one.items()} for one in tables)
    difference = compare_deliveries(old, new)
    names: dict[str, str] = {}
    for one in (old, new):
        if "comuni" in one and {"municipality_code", "municipality"} <= set(one["comuni"].columns):
            names |= dict(zip(one["comuni"]["municipality_code"], one["comuni"]["municipality"], strict=True))
    versions, made_up = (_version(before), _version(after)), (_is_made_up(before), _is_made_up(after))
    return DeliveryDifference(difference, names, versions, made_up)


def _is_made_up(path: Path) -> bool:
    return bool(Delivery(read_sources(path)).synthetic)


def _version(path: Path) -> str | None:
    try:
        documents = read_documents(path)
    except BoundaryFileError:  # layers without metadata, as the first versions wrote them
        return None
    found = _VERSION.search(documents.get("psttm.xml", ""))
    return None if found is None else found[1]
