"""The codes that columns hold, and what they mean: for forms, legends and the GeoPackage's own constraints."""

from collections.abc import Mapping
from dataclasses import dataclass

from psttm_geo.core.messages import Text
from psttm_geo.schema.dictionary import OnFirstUse, read_groups


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
    return {
        name: CodedValues(name, {row["code"]: Text(row["label_it"], row["label_en"]) for row in rows})
        for name, rows in read_groups("code_values.csv", "codes").items()
    }


CODE_LISTS = OnFirstUse(_read)
"""Lists of codes by their names, from ``code_values.csv``."""
