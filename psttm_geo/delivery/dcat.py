"""Metadata for open-data portals: DCAT-AP_IT in JSON-LD.

The profile is that of AgID's guidelines for data catalogues, version 1.0; what it makes mandatory is listed, with where
it was read, in the tests.
"""

import json
from collections.abc import Sequence
from typing import Any

from psttm_geo.delivery.metadata_records import Record, say_sources
from psttm_geo.delivery.publisher import FREQUENCIES

STANDARD = "http://dati.gov.it/onto/dcatapit"
"""Of what is written, as GeoPackages name it."""

_AUTHORITY = "http://publications.europa.eu/resource/authority"

_LICENCES = "https://w3id.org/italia/controlled-vocabulary/licences"

_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatapit": "http://dati.gov.it/onto/dcatapit#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

_Node = dict[str, Any]


def dcat(records: Sequence[Record]) -> str:
    """Return a catalogue of the layers of a delivery; the first record is the whole file, which they are parts of."""
    whole, *layers = records
    nodes = [_catalogue(whole, layers), *(_dataset(record) for record in layers)]
    nodes += [_distribution(record) for record in layers]
    nodes += [_agent(whole), *_contact(whole)]
    return json.dumps({"@context": _CONTEXT, "@graph": nodes}, ensure_ascii=False, indent=1) + "\n"


def _catalogue(whole: Record, layers: Sequence[Record]) -> _Node:
    incomplete = f" Metadati incompleti, mancano (ente.toml): {', '.join(whole.missing)}." if whole.missing else ""
    return {
        "@id": whole.address,
        "@type": ["dcatapit:Catalog", "dcat:Catalog"],
        "dct:title": _said(whole.title),
        "dct:description": _said(whole.abstract + incomplete),
        "dct:publisher": _link(whole.office_address),
        "dct:modified": _day(whole.date),
        "dct:language": _link(f"{_AUTHORITY}/language/ITA"),
        "dcat:themeTaxonomy": _link(f"{_AUTHORITY}/data-theme"),
        "dcat:dataset": [_link(record.address) for record in layers],
        **({"foaf:homepage": _link(whole.publisher.page)} if whole.publisher.page else {}),
    }


def _dataset(record: Record) -> _Node:
    frequency = FREQUENCIES[record.publisher.frequency][1] if record.publisher.frequency else "UNKNOWN"
    return {
        "@id": record.address,
        "@type": ["dcatapit:Dataset", "dcat:Dataset"],
        "dct:identifier": record.identifier,
        "dct:title": _said(record.title),
        "dct:description": _said(" ".join([record.lineage, *say_sources([record])])),
        "dct:modified": _day(record.date),
        "dcat:theme": [_link(f"{_AUTHORITY}/data-theme/{code}") for code in record.theme.data_themes],
        "dct:rightsHolder": _link(record.office_address),
        "dct:publisher": _link(record.office_address),
        "dct:accrualPeriodicity": _link(f"{_AUTHORITY}/frequency/{frequency}"),
        "dct:language": _link(f"{_AUTHORITY}/language/ITA"),
        "dcat:distribution": _link(f"{record.address}-gpkg"),
        **({"dcat:contactPoint": _link(record.contact_address)} if record.publisher.email else {}),
    }


def _distribution(record: Record) -> _Node:
    """Return the file as the form in which a layer is had; where is not said while nobody publishes it."""
    page = record.publisher.page
    return {
        "@id": f"{record.address}-gpkg",
        "@type": ["dcatapit:Distribution", "dcat:Distribution"],
        "dct:title": _said(f"{record.title}, GeoPackage"),
        "dct:format": _link(f"{_AUTHORITY}/file-type/GPKG"),
        "dct:license": {
            "@id": f"{_LICENCES}/{record.licence.vocabulary}",
            "@type": ["dcatapit:LicenseDocument", "dct:LicenseDocument"],
            "foaf:name": record.licence.name,
        },
        **({"dcat:accessURL": _link(page)} if page else {}),
    }


def _agent(record: Record) -> _Node:
    publisher = record.publisher
    return {
        "@id": record.office_address,
        "@type": ["dcatapit:Agent", "foaf:Agent"],
        **({"dct:identifier": publisher.ipa_code} if publisher.ipa_code else {}),
        **({"foaf:name": _said(publisher.name)} if publisher.name else {}),
    }


def _contact(record: Record) -> list[_Node]:
    """Return the office to write to: another thing than the body that holds the rights."""
    publisher = record.publisher
    if not publisher.email:
        return []
    contact = {
        "@id": record.contact_address,
        "@type": ["dcatapit:Organization", "vcard:Organization", "vcard:Kind"],
        "vcard:fn": publisher.name,
        "vcard:hasEmail": _link(f"mailto:{publisher.email}"),
    }
    return [contact | ({"vcard:hasURL": _link(publisher.website)} if publisher.website else {})]


def _said(text: str) -> _Node:
    return {"@language": "it", "@value": text}


def _day(date: str) -> _Node:
    return {"@type": "xsd:date", "@value": date}


def _link(address: str) -> _Node:
    return {"@id": address}
