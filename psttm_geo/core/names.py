"""Names as people write them, made plain to be compared."""

import functools
import re
import unicodedata

INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
"""What stands in a text and is not seen: soft hyphens, marks of order and direction, blanks without width."""


def plain_words(name: str) -> list[str]:
    """Return the words of a name in lower case, without accents, apostrophes and punctuation."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.findall(r"[a-z0-9]+", letters)


@functools.lru_cache(maxsize=1 << 15)  # room for the names of all Italian municipalities, which every reading asks for
def plain_name(name: str) -> str:
    """Return a name as its plain words, one space between them."""
    return " ".join(plain_words(name))
