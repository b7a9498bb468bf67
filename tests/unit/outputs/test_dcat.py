"""JSON-LD for open-data portals, read with an RDF library of its own."""

import json

import pytest
from rdflib import RDF, Graph, Namespace, URIRef

from psttm_geo.outputs.catalogue import Record
from psttm_geo.outputs.dcat import dcat

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
    DCATAPIT.Distribution: (DCT["format"], DCT.license, DCAT.accessURL),
    DCATAPIT.Agent: (DCT.identifier, FOAF.name),
    DCATAPIT.Organization: (VCARD.fn, VCARD.hasEmail),
}
"""What DCAT-AP_IT makes mandatory, by class.

Catalogue, agent and the first four of datasets were read in the practical guide to the profile
(https://github.com/giorgialodi/Guida-pratica-DCAT-AP_IT, the text that AgID's guidelines for data catalogues took up).
Its chapters on the rest of datasets, on distributions and on contacts were not at hand: those follow the specification
1.0 from memory and are to be checked against its text.
"""

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
