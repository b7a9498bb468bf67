"""Metadata against the schemas of ISO 19139 themselves, as pycsw carries them (OGC's copy of 17 April 2007)."""

import dataclasses
from importlib.metadata import distribution

import pytest
from lxml import etree

from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.iso_metadata import iso_metadata
from psttm_geo.delivery.metadata_records import Record, list_records
from psttm_geo.delivery.qgis.layer_styles import Styled

SCHEMA = "pycsw/plugins/profiles/apiso/schemas/ogc/iso/19139/20070417/gmx/gmx.xsd"

NAMESPACES = {
    "gmd": "http://www.isotc211.org/2005/gmd",
    "gco": "http://www.isotc211.org/2005/gco",
    "gmx": "http://www.isotc211.org/2005/gmx",
}


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(distribution("pycsw").locate_file(SCHEMA)))


def read(record: Record, records: list[Record]) -> etree._Element:
    return etree.fromstring(iso_metadata(record, records[0]).encode())


def named(records: list[Record], name: str) -> Record:
    return next(record for record in records if record.name == name)


def texts(document: etree._Element, path: str) -> list[str]:
    return ["".join(found.itertext()).strip() for found in document.iterfind(path, NAMESPACES)]


def require_valid(schema: etree.XMLSchema, records: list[Record]) -> None:
    for record in records:
        assert schema.validate(read(record, records)), (record.name, list(schema.error_log))


def test_every_record_is_valid_while_nobody_has_said_who_publishes(
    schema: etree.XMLSchema, records: list[Record]
) -> None:
    require_valid(schema, records)


def test_every_record_of_an_office_is_valid(schema: etree.XMLSchema, office_records: list[Record]) -> None:
    require_valid(schema, office_records)


def test_every_record_of_a_part_is_valid(schema: etree.XMLSchema, office_records: list[Record]) -> None:
    parts = [dataclasses.replace(record, part="zona omogenea Sud Est") for record in office_records]
    require_valid(schema, parts)
    assert texts(read(parts[0], parts), ".//gmd:EX_Extent/gmd:description") == ["zona omogenea Sud Est"]


def test_the_schema_sees_what_is_wrong(schema: etree.XMLSchema, records: list[Record]) -> None:
    document = read(records[0], records)
    first = document[0]
    document.remove(first)
    document.append(first)
    assert not schema.validate(document), "the order of elements is checked"


def test_what_the_profile_asks_for_and_nobody_said_is_missing_and_listed(records: list[Record]) -> None:
    document = read(named(records, "comuni"), records)
    (said,) = texts(document, ".//gmd:supplementalInformation")
    assert said == (
        "METADATI INCOMPLETI: l'ente che pubblica non ha indicato (ente.toml): "
        "nome, codice_ipa, email, pagina, licenza, aggiornamento, scala, accuratezza_m."
    )
    nil = {
        found.get(f"{{{NAMESPACES['gco']}}}nilReason")
        for found in document.iterfind(".//gmd:organisationName", NAMESPACES)
    }
    assert nil == {"missing"}


def test_an_office_is_named_in_every_role(office_records: list[Record]) -> None:
    document = read(named(office_records, "comuni"), office_records)
    assert set(texts(document, ".//gmd:organisationName")) == {"Ufficio di prova «Studi & piani»"}
    roles = {found.get("codeListValue") for found in document.iterfind(".//gmd:CI_RoleCode", NAMESPACES)}
    assert roles == {"pointOfContact", "owner", "distributor"}
    assert texts(document, "gmd:fileIdentifier") == ["prova:psttm-comuni-metadati"]
    assert texts(document, "gmd:parentIdentifier") == ["prova:psttm-metadati"]
    assert texts(document, ".//gmd:denominator") == ["25000"]
    assert texts(document, ".//gmd:supplementalInformation") == []


def test_licences_are_kept_apart_with_the_sources_under_each(office_records: list[Record]) -> None:
    uses = ".//gmd:resourceConstraints/gmd:MD_LegalConstraints[gmd:useConstraints]/gmd:otherConstraints"
    services = texts(read(named(office_records, "servizi"), office_records), uses)
    assert [use for use in services if use.startswith("ODbL 1.0 (https://opendatacommons.org/")]
    assert [use for use in services if use.startswith("CC BY 4.0 (https://creativecommons.org/") and "ISTAT" in use]
    assert not any("ISTAT" in use for use in services if use.startswith("ODbL"))
    plain = texts(read(named(office_records, "citta_metropolitana"), office_records), uses)
    assert all(use.startswith("CC BY 4.0") for use in plain), "no layer takes the licence of another's sources"


def test_lineage_lists_sources_with_date_and_sum_and_the_version(records: list[Record]) -> None:
    document = read(named(records, "comuni"), records)
    (statement,) = texts(document, ".//gmd:LI_Lineage/gmd:statement")
    assert "psttm-geo" in statement
    assert "EPSG:32632" in statement
    assert "2022-2024" in statement
    sources = texts(document, ".//gmd:LI_Source/gmd:description")
    assert len(sources) == 4
    assert sum("SHA-256" in source and "riferita al 2023-01-01" in source for source in sources) == 2


def test_a_file_without_municipalities_does_not_say_that_it_has_them(styled: dict[str, Styled]) -> None:
    some = list_records([styled["unioni_comuni"], styled["fonti"]], Delivery(), date="2025-05-29")
    assert texts(read(some[0], some), ".//gmd:abstract") == ["In un GeoPackage: Unioni di comuni, Fonti."]


def test_a_table_is_no_map(records: list[Record]) -> None:
    document = read(named(records, "appartenenze"), records)
    (level,) = document.iterfind("gmd:hierarchyLevel/gmd:MD_ScopeCode", NAMESPACES)
    assert level.get("codeListValue") == "nonGeographicDataset"
    assert document.find(".//gmd:DQ_AbsoluteExternalPositionalAccuracy", NAMESPACES) is None


def test_the_extent_is_that_of_the_territory_in_degrees(records: list[Record]) -> None:
    document = read(named(records, "comuni"), records)
    box = document.find(".//gmd:EX_GeographicBoundingBox", NAMESPACES)
    west, east, south, north = (float("".join(side.itertext())) for side in box)
    assert 8.6 < west < east < 9.6
    assert 45.1 < south < north < 45.7
