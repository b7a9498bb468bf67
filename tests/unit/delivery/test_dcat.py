"""JSON-LD for open-data portals, read with an RDF library of its own."""

import json

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from psttm_geo.delivery.dcat import dcat
from psttm_geo.delivery.metadata_records import Record

DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCATAPIT = Namespace("http://dati.gov.it/onto/dcatapit#")
DCT = Namespace("http://purl.org/dc/terms/")
FOAF = Namespace("http://xmlns.com/foaf/0.1/")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")

MANDATORY = {
    DCATAPIT.Catalog: (DCT.title, DCT.description, DCT.publisher, DCT.modified, DCAT.dataset),
    DCATAPIT.Dataset: (
        *(DCT.identifier, DCT.title, DCT.description, DCT.modified),
        *(DCAT.theme, DCT.rightsHolder, DCT.accrualPeriodicity, DCAT.distribution),
    ),
    DCATAPIT.Distribution: (DCT["format"], DCAT.accessURL, DCT.license),
    DCATAPIT.Agent: (DCT.identifier, FOAF.name),
    DCATAPIT.Organization: (VCARD.fn, VCARD.hasEmail),
}
"""What DCAT-AP_IT makes mandatory, by class.

Read in AgID's guidelines for data catalogues ("Linee guida per i cataloghi dati"), version 1.0 of 6 April 2017: the
rows marked M in the table of the page "Overview profilo", and the pages "Elementi obbligatori" of each class
(https://github.com/italia/linee-guida-cataloghi-dati-dcat-ap-it, docs/profilo-overview.html, commit 446fbd90). A
distribution is mandatory for open data; a contact only recommended: these two are mandatory where there is one.
"""

ONCE = {
    DCATAPIT.Catalog: {DCT.publisher, DCT.modified},
    DCATAPIT.Dataset: {DCT.identifier, DCT.modified, DCT.rightsHolder, DCT.accrualPeriodicity},
    DCATAPIT.Distribution: {DCT["format"], DCAT.accessURL, DCT.license},
    DCATAPIT.Agent: {DCT.identifier, FOAF.name},
    DCATAPIT.Organization: {VCARD.fn, VCARD.hasEmail},
}
"""What there is exactly one of: cardinality 1 on the same pages and in the profile's ontology, version 2.0
(https://github.com/italia/daf-ontologie-vocabolari-controllati, Ontologie/DCAT/latest/DCAT-AP_IT.ttl, commit 8f621f39).

The ontology wants a time beside the day on which a catalogue changed, and gives a day in its own example, as the
guidelines do: a day it is.
"""

RECOMMENDED = {
    DCATAPIT.Catalog: (FOAF.homepage, DCT.language, DCAT.themeTaxonomy),
    DCATAPIT.Dataset: (DCAT.contactPoint, DCT.publisher),
}
"""Rows marked R in the same table, as far as a build knows them: it knows no day of release, and no Eurovoc subject."""

pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")  # rdflib's own use

OF_THE_OFFICE = {DCATAPIT.Agent, DCATAPIT.Organization, DCAT.accessURL}
"""What nobody but the office can say."""


@pytest.fixture(scope="module")
def graph(office_records: list[Record]) -> Graph:
    return Graph().parse(data=dcat(office_records), format="json-ld")


@pytest.fixture(scope="module")
def plain(records: list[Record]) -> Graph:
    return Graph().parse(data=dcat(records), format="json-ld")


@pytest.mark.parametrize("kind", MANDATORY, ids=lambda kind: kind.fragment)
def test_every_thing_has_what_the_profile_asks_for(graph: Graph, kind: URIRef) -> None:
    things = list(graph.subjects(RDF.type, kind))
    assert things
    for thing in things:
        assert [name for name in MANDATORY[kind] if graph.value(thing, name, any=True) is None] == []
        assert [name for name in ONCE[kind] if len(list(graph.objects(thing, name))) != 1] == []


@pytest.mark.parametrize("kind", RECOMMENDED, ids=lambda kind: kind.fragment)
def test_what_the_profile_recommends_and_a_build_knows_is_there(graph: Graph, kind: URIRef) -> None:
    for thing in graph.subjects(RDF.type, kind):
        assert [name for name in RECOMMENDED[kind] if graph.value(thing, name, any=True) is None] == []


@pytest.mark.parametrize(
    "kind", [kind for kind in MANDATORY if kind not in OF_THE_OFFICE], ids=lambda kind: kind.fragment
)
def test_without_an_office_only_what_it_would_say_is_missing(plain: Graph, kind: URIRef) -> None:
    wanted = [name for name in MANDATORY[kind] if name not in OF_THE_OFFICE]
    for thing in plain.subjects(RDF.type, kind):
        assert [name for name in wanted if plain.value(thing, name, any=True) is None] == []


def test_without_an_office_the_catalogue_says_that_it_is_incomplete(plain: Graph) -> None:
    (catalogue,) = plain.subjects(RDF.type, DCATAPIT.Catalog)
    said = str(plain.value(catalogue, DCT.description))
    assert "Metadati incompleti, mancano (ente.toml): nome, codice_ipa, email, pagina" in said


def test_every_layer_is_a_dataset_of_the_catalogue_with_one_distribution(
    graph: Graph, office_records: list[Record]
) -> None:
    (catalogue,) = graph.subjects(RDF.type, DCATAPIT.Catalog)
    listed = set(graph.objects(catalogue, DCAT.dataset))
    assert listed == set(graph.subjects(RDF.type, DCATAPIT.Dataset))
    assert len(listed) == len(office_records) - 1
    for dataset in listed:
        (one,) = graph.objects(dataset, DCAT.distribution)
        assert (one, RDF.type, DCATAPIT.Distribution) in graph


def licence(graph: Graph, name: str) -> str:
    distribution = URIRef(f"https://example.org/dati#psttm-{name}-gpkg")
    return str(graph.value(distribution, DCT.license)).rpartition("/")[2]


def test_each_layer_has_the_licence_that_asks_most_among_its_sources(graph: Graph) -> None:
    assert licence(graph, "citta-metropolitana") == "A21_CCBY40"
    assert licence(graph, "confini-confronto") == "A310_ODBL"


def test_texts_are_italian_and_dates_are_dates(graph: Graph) -> None:
    for dataset in graph.subjects(RDF.type, DCATAPIT.Dataset):
        assert graph.value(dataset, DCT.title).language == "it"
        assert str(graph.value(dataset, DCT.modified).datatype).endswith("#date")


def test_no_two_things_share_an_address(office_records: list[Record]) -> None:
    nodes = json.loads(dcat(office_records))["@graph"]
    addresses = [node["@id"] for node in nodes]
    assert len(set(addresses)) == len(addresses)
