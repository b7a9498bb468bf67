"""Names as people write them, made plain to be compared."""

import re
import unicodedata


def plain_words(name: str) -> list[str]:
    """Return the words of a name in lower case, without accents, apostrophes and punctuation."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    letters = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return re.findall(r"[a-z0-9]+", letters)


def plain_name(name: str) -> str:
    """Return a name as its plain words, one space between them."""
    return " ".join(plain_words(name))
