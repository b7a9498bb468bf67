"""The office that publishes a build: what its ``ente.toml`` says, and nothing that it does not."""

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Publisher:
    """An office, as its own file describes it; what it leaves out is empty, or None.

    Attributes
    ----------
    name
        In full.
    ipa_code
        Its code in the index of public administrations (IPA): what identifiers begin with.
    email, phone, website
        How to reach it.
    page
        Where the data are published or described.
    licence
        Under which it publishes what is its own: documents of the plan, its registers.
    frequency
        How often it publishes anew: a key of :data:`FREQUENCIES`.
    scale
        Denominator of the scale that outlines are fit for.
    accuracy_m
        Of positions, metres.
    """

    name: str = ""
    ipa_code: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    page: str = ""
    licence: str = ""
    frequency: str = ""
    scale: int | None = None
    accuracy_m: float | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of ``ente.toml`` that the metadata profiles require and that are empty."""
        wanted = (field.name for field in fields(self) if field.name not in _OPTIONAL)
        return tuple(PUBLISHER_KEYS[name] for name in wanted if not getattr(self, name))


PUBLISHER_KEYS = {
    "name": "nome",
    "ipa_code": "codice_ipa",
    "email": "email",
    "phone": "telefono",
    "website": "sito",
    "page": "pagina",
    "licence": "licenza",
    "frequency": "aggiornamento",
    "scale": "scala",
    "accuracy_m": "accuratezza_m",
}
"""Keys of ``ente.toml``, by field."""

_OPTIONAL = ("phone", "website")

FREQUENCIES = {
    "giornaliero": ("daily", "DAILY"),
    "settimanale": ("weekly", "WEEKLY"),
    "mensile": ("monthly", "MONTHLY"),
    "trimestrale": ("quarterly", "QUARTERLY"),
    "semestrale": ("biannually", "ANNUAL_2"),
    "annuale": ("annually", "ANNUAL"),
    "irregolare": ("irregular", "IRREG"),
}
"""How often: the code of ISO 19115 and that of the European vocabulary of frequencies."""
