"""The office's own description of itself, ``ente.toml``."""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psttm_geo.core.errors import Fault, TableError
from psttm_geo.core.messages import Text, gettext
from psttm_geo.core.toml_files import read_toml
from psttm_geo.delivery.publisher import FREQUENCIES, PUBLISHER_KEYS, Publisher

_NUMBERS = ("scale", "accuracy_m")

_WEB = gettext("an address that begins with https://")

_FORMS = {
    "ipa_code": (r"[a-z0-9_-]+", gettext("lower-case letters, digits, _")),
    "email": (r"[^@\s]+@[^@\s]+\.[^@\s]+", gettext("an email address")),
    "website": (r"(?i:https?)://\S+", _WEB),
    "page": (r"(?i:https?)://\S+", _WEB),
    "frequency": ("|".join(FREQUENCIES), gettext("one of: {listed}", listed=", ".join(FREQUENCIES))),
}
"""What a value that is not empty must look like."""

_COPIED = {
    "email": re.compile(r"(?:mailto:\s*)+|\?\S*$", re.IGNORECASE),
    "phone": re.compile(r"(?:tel:\s*)+", re.IGNORECASE),
    "website": re.compile(r"(?:https?://\s*)+(?=https?://)", re.IGNORECASE),
    "page": re.compile(r"(?:https?://\s*)+(?=https?://)", re.IGNORECASE),
}
"""What comes along when an address is copied from a page; metadata write it themselves, once."""

_TEMPLATE = Path(__file__).with_name("publisher_template.toml")


def publisher_template() -> str:
    """Return the file to fill in, as TOML with its explanations."""
    return _TEMPLATE.read_text("utf-8").format(frequencies=", ".join(FREQUENCIES))


def read_publisher(path: Path) -> Publisher:
    """Read an ``ente.toml``.

    Raises
    ------
    InputMissingError
        There is no such file.
    TableError
        It cannot be read, or something in it is not as it must be.
    """
    content = read_toml(path, f"psttm-geo template ente -o {path.name}")
    faults = [Fault(path.name, None, fault) for fault in _find_faults(content)]
    if faults:
        raise TableError(faults)
    return Publisher(**{name: _value(name, content[key]) for name, key in PUBLISHER_KEYS.items() if key in content})


def _value(name: str, value: Any) -> Any:  # noqa: ANN401 - texts and numbers of a file
    if name in _NUMBERS:
        return value or None
    return _bare(name, value)


def _bare(name: str, value: str) -> str:
    """Return a text without what was copied with it."""
    return _COPIED[name].sub("", value.strip()) if name in _COPIED else value.strip()


def _find_faults(content: dict[str, Any]) -> Iterator[Text]:
    known = {key: name for name, key in PUBLISHER_KEYS.items()}
    for key in content.keys() - known:
        yield gettext("“{key}” is no known key ({listed}); remove or correct it.", key=key, listed=", ".join(known))
    for key, name in known.items():
        if key in content:
            yield from _find_fault(key, name, content[key])


def _find_fault(key: str, name: str, value: object) -> Iterator[Text]:
    if name in _NUMBERS:
        whole = name == "scale"
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or not 0 <= value < math.inf:
            number = gettext("a number from zero up, not quoted")
            yield _unlike(key, value, gettext("a whole number from zero up, not quoted") if whole else number)
        return
    form, expected = _FORMS.get(name, (r".*", gettext("a text on one line")))
    if not isinstance(value, str) or (value.strip() and not re.fullmatch(form, _bare(name, value))):
        yield _unlike(key, value, expected)


def _unlike(key: str, value: object, expected: Text) -> Text:
    return gettext("{key}: found “{value}”, expected {expected}; correct it.", key=key, value=value, expected=expected)
