"""The office that publishes a build: what its ``ente.toml`` says, and nothing that it does not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Publisher:
    """An office, as its own file describes it.

    Attributes
    ----------
    name
        In full.
    ipa_code
        Its code in the index of public administrations (IPA): what identifiers begin with.
    email, phone, website
        How to reach it; `phone` may be empty.
    page
        Where the data are published.
    licence
        Under which it publishes what is its own, such as the documents of the plan; empty where it has not decided.
    frequency
        How often it publishes anew: a code of ISO 19115.
    scale
        Denominator of the scale that the data are fit for; None where it is not stated.
    """

    name: str
    ipa_code: str
    email: str
    phone: str
    website: str
    page: str
    licence: str
    frequency: str
    scale: int | None
