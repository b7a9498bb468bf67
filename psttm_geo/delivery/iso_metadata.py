"""Metadata in ISO 19139, in the profile of the Italian repertory of spatial data (RNDT).

The profile is that of AgID's guidelines for the RNDT, version 2.0, as its operating manual (version 3.0) spells out;
what the profile requires and nobody has said is marked ``missing`` or ``unknown``, as ISO foresees, and listed.
"""

from collections.abc import Iterator

from psttm_geo.core.provenance import FACT, Source
from psttm_geo.delivery.metadata_records import LICENCES, UNKNOWN_LICENCE, Record
from psttm_geo.delivery.publisher import FREQUENCIES
from psttm_geo.delivery.xml_documents import document

STANDARD = "http://www.isotc211.org/2005/gmd"
"""Of what is written, as GeoPackages name it."""


def iso_metadata(record: Record, whole: Record) -> str:
    """Return the metadata of a record; `whole` is the series that all layers belong to."""
    level = ("dataset", "dataset") if record.spatial else ("nonGeographicDataset", "dataset non geografico")
    frequency = record.publisher.frequency
    return document(
        "iso19139.xml",
        standard=STANDARD,
        record=record,
        whole=whole,
        level=level if record.name else ("series", "serie"),
        resource=_resource(record),
        series=_resource(whole),
        credits=dict.fromkeys(source.attribution for source in record.licensed if source.attribution),
        frequency=FREQUENCIES[frequency][0] if frequency else "",
        open=record.licence is not UNKNOWN_LICENCE,
        conditions=list(_conditions(record)),
        sources=[_say_source(record, source) for source in record.sources],
    )


def _resource(record: Record) -> str:
    known = bool(record.publisher.ipa_code)
    return f"https://geodati.gov.it/resource/id/{record.identifier}" if known else record.identifier


def _conditions(record: Record) -> Iterator[tuple[bool, str]]:
    """Keep licences apart: give for each whether it is known, and its name with the sources that are under it."""
    under: dict[str, list[str]] = {}
    for source in record.licensed:
        under.setdefault(record.licence_of(source), []).append(f"{source.title}, {source.publisher}")
    for name, titles in (under or {UNKNOWN_LICENCE.name: []}).items():
        known = name != UNKNOWN_LICENCE.name
        said = name if known else "Condizioni sconosciute, licenza non indicata da chi pubblica"
        address = f" ({LICENCES[name].address})" if name in LICENCES else ""
        yield known, f"{said}{address}" + (f": {'; '.join(titles)}" if titles else "")


def _say_source(record: Record, source: Source) -> str:
    undated = "non indicata" if source.publisher != FACT else ""
    facts = {
        "riferita al": source.reference_date,
        "data": "" if source.reference_date else undated,
        "file acquisito il": source.added_on,
        "licenza": record.licence_of(source),
        "indirizzo": source.address,
        "SHA-256": source.sha256,
    }
    said = "; ".join(f"{name} {fact}" for name, fact in facts.items() if fact)
    return f"{source.title}, {source.publisher} ({said})"
