"""The codes that columns hold, and what they mean: for forms, legends and the GeoPackage's own constraints."""

from collections.abc import Mapping
from dataclasses import dataclass

from psttm_geo.core.messages import Text
from psttm_geo.schema.dictionary import OnFirstUse, read_rows


@dataclass(frozen=True)
class CodedValues:
    """Codes in their order.

    Attributes
    ----------
    name
        Snake_case ASCII name of the constraint in a GeoPackage.
    meanings
        Meaning by code.
    """

    name: str
    meanings: Mapping[str, Text]


def _read() -> dict[str, CodedValues]:
    meanings: dict[str, dict[str, Text]] = {}
    for row in read_rows("code_values.csv"):
        meanings.setdefault(row["codes"], {})[row["code"]] = Text(row["label_it"], row["label_en"])
    return {name: CodedValues(name, codes) for name, codes in meanings.items()}


CODE_LISTS = OnFirstUse(_read)
"""Lists of codes by their names, from ``code_values.csv``."""
