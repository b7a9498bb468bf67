"""Metadata in ISO 19139, in the profile of the Italian repertory of spatial data (RNDT).

The profile is that of AgID's guidelines for the RNDT, version 2.0, as its operating manual (version 3.0) spells out;
what the profile requires and nobody has said is marked ``missing`` or ``unknown``, as ISO foresees, and listed.
"""

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from psttm_geo.core.provenance import FACT, Source
from psttm_geo.delivery.metadata_records import LICENCES, UNKNOWN_LICENCE, Record
from psttm_geo.delivery.publisher import FREQUENCIES

STANDARD = "http://www.isotc211.org/2005/gmd"
"""Of what is written, as GeoPackages name it."""

_NAMESPACES = {
    "xmlns:gmd": STANDARD,
    "xmlns:gco": "http://www.isotc211.org/2005/gco",
    "xmlns:gmx": "http://www.isotc211.org/2005/gmx",
    "xmlns:gml": "http://www.opengis.net/gml/3.2",
    "xmlns:xlink": "http://www.w3.org/1999/xlink",
}

_LISTS = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml"

_INSPIRE = "http://inspire.ec.europa.eu"

_REGULATION = (
    "REGOLAMENTO (UE) N. 1089/2010 DELLA COMMISSIONE del 23 novembre 2010 recante attuazione della direttiva 2007/2/CE "
    "del Parlamento europeo e del Consiglio per quanto riguarda l'interoperabilità dei set di dati territoriali e dei "
    "servizi di dati territoriali"
)
"""Its official title: the profile asks to cite it whether the data conform to it or not."""

_ROLES = {"pointOfContact": "punto di contatto", "owner": "proprietario", "distributor": "distributore"}

_FREQUENCY_WORDS = {iso: word for word, (iso, _) in FREQUENCIES.items()}

_KEYWORDS = ("Piano strategico triennale", "Città metropolitana di Milano")


def iso_metadata(record: Record, whole: Record) -> str:
    """Return the metadata of a record; `whole` is the series that all layers belong to."""
    level = ("dataset", "dataset") if record.spatial else ("nonGeographicDataset", "dataset non geografico")
    level = level if record.name else ("series", "serie")
    root = _el(
        "MD_Metadata",
        _el("fileIdentifier", _text(f"{record.identifier}-metadati")),
        _language(),
        _coded("characterSet", "MD_CharacterSetCode", "utf8", "utf8"),
        _el("parentIdentifier", _text(f"{whole.identifier}-metadati")),
        _coded("hierarchyLevel", "MD_ScopeCode", *level),
        *([] if level[0] == "dataset" else [_el("hierarchyLevelName", _text(level[1]))]),
        _el("contact", _party(record, "pointOfContact")),
        _el("dateStamp", _date(whole.date)),
        _el("metadataStandardName", _anchor("https://registry.geodati.gov.it/document/lg-rndt", "Linee Guida RNDT")),
        _el("metadataStandardVersion", _text("2.0")),
        _reference_system(record.crs),
        _el("identificationInfo", _identification(record, whole)),
        _el("distributionInfo", _distribution(record)),
        _el("dataQualityInfo", _quality(record, level)),
    )
    root.attrib.update(_NAMESPACES)
    ET.indent(root, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _identification(record: Record, whole: Record) -> ET.Element:
    kind = ("vector", "dati vettoriali") if record.spatial else ("textTable", "tabella di testo")
    scale = record.publisher.scale
    resolution = _nil("spatialResolution", "unknown")
    if scale is not None:
        denominator = _el("denominator", _el("gco:Integer", text=str(scale)))
        fraction = _el("equivalentScale", _el("MD_RepresentativeFraction", denominator))
        resolution = _el("spatialResolution", _el("MD_Resolution", fraction))
    return _el(
        "MD_DataIdentification",
        _el("citation", _citation(record, whole)),
        _el("abstract", _text(record.abstract)),
        *(_el("credit", _text(credit)) for credit in _credits(record)),
        _el("pointOfContact", _party(record, "pointOfContact")),
        *_maintenance(record),
        *_keywords(record),
        _access(),
        _use(record),
        _coded("spatialRepresentationType", "MD_SpatialRepresentationTypeCode", *kind),
        resolution,
        _language(),
        _coded("characterSet", "MD_CharacterSetCode", "utf8", "utf8"),
        _el("topicCategory", _el("MD_TopicCategoryCode", text=record.theme.topic)),
        _extent(record),
        *_incomplete(record),
    )


def _citation(record: Record, whole: Record) -> ET.Element:
    form = ("mapDigital", "mappa digitale") if record.spatial else ("tableDigital", "tabella digitale")
    series = _el("CI_Series", _el("issueIdentification", _text(_resource(whole))))
    return _el(
        "CI_Citation",
        _el("title", _text(record.title)),
        _dated(record.date, "revision", "revisione"),
        _el("identifier", _el("RS_Identifier", _el("code", _text(_resource(record))))),
        _el("citedResponsibleParty", _party(record, "owner")),
        _coded("presentationForm", "CI_PresentationFormCode", *form),
        _el("series", series),
    )


def _resource(record: Record) -> str:
    known = bool(record.publisher.ipa_code)
    return f"https://geodati.gov.it/resource/id/{record.identifier}" if known else record.identifier


def _credits(record: Record) -> Iterable[str]:
    return dict.fromkeys(source.attribution for source in record.licensed if source.attribution)


def _maintenance(record: Record) -> Iterator[ET.Element]:
    if record.publisher.frequency:
        code = FREQUENCIES[record.publisher.frequency][0]
        word = _coded("maintenanceAndUpdateFrequency", "MD_MaintenanceFrequencyCode", code, _FREQUENCY_WORDS[code])
        yield _el("resourceMaintenance", _el("MD_MaintenanceInformation", word))


def _keywords(record: Record) -> Iterator[ET.Element]:
    code, name = record.theme.inspire
    yield _thesaurus(
        _anchor(f"{_INSPIRE}/theme/{code}", name),
        _anchor("http://www.eionet.europa.eu/gemet/inspire_themes", "GEMET - INSPIRE themes, version 1.0"),
        "2008-06-01",
    )
    is_open = [] if record.licence is UNKNOWN_LICENCE else ["open data"]
    words = (_el("keyword", _text(word)) for word in (*_KEYWORDS, record.theme.title.it, *is_open))
    yield _el("descriptiveKeywords", _el("MD_Keywords", *words))


def _thesaurus(keyword: ET.Element, title: ET.Element, date: str) -> ET.Element:
    source = _el("CI_Citation", _el("title", title), _dated(date, "publication", "pubblicazione"))
    words = _el("MD_Keywords", _el("keyword", keyword), _el("thesaurusName", source))
    return _el("descriptiveKeywords", words)


def _access() -> ET.Element:
    nobody = _anchor(
        f"{_INSPIRE}/metadata-codelist/LimitationsOnPublicAccess/noLimitations", "Nessun vincolo all'accesso pubblico"
    )
    return _constraints("accessConstraints", [nobody])


def _use(record: Record) -> ET.Element:
    """Keep licences apart: one condition for each, with the sources that are under it."""
    under: dict[str, list[Source]] = {}
    for source in record.licensed:
        under.setdefault(record.licence_of(source), []).append(source)
    conditions = [_condition(name, sources) for name, sources in under.items()]
    return _constraints("useConstraints", conditions or [_condition(UNKNOWN_LICENCE.name, [])])


def _condition(name: str, sources: Iterable[Source]) -> ET.Element:
    titles = "; ".join(f"{source.title}, {source.publisher}" for source in sources)
    if name in LICENCES:
        return _text(f"{name} ({LICENCES[name].address}): {titles}")
    if name == UNKNOWN_LICENCE.name:
        return _anchor(
            f"{_INSPIRE}/metadata-codelist/ConditionsApplyingToAccessAndUse/conditionsUnknown",
            "Condizioni sconosciute, licenza non indicata da chi pubblica" + (f": {titles}" if titles else ""),
        )
    return _text(f"{name}: {titles}")


def _constraints(kind: str, conditions: Iterable[ET.Element]) -> ET.Element:
    others = (_el("otherConstraints", condition) for condition in conditions)
    restriction = _coded(kind, "MD_RestrictionCode", "otherRestrictions", "altri vincoli")
    return _el("resourceConstraints", _el("MD_LegalConstraints", restriction, *others))


def _extent(record: Record) -> ET.Element:
    west, south, east, north = record.bounds
    sides = {
        "westBoundLongitude": west,
        "eastBoundLongitude": east,
        "southBoundLatitude": south,
        "northBoundLatitude": north,
    }
    box = _el("EX_GeographicBoundingBox", *(_el(side, _el("gco:Decimal", text=str(at))) for side, at in sides.items()))
    said = [_el("description", _text(record.part))] if record.part else []
    return _el("extent", _el("EX_Extent", *said, _el("geographicElement", box)))


def _incomplete(record: Record) -> Iterator[ET.Element]:
    if record.missing:
        listed = ", ".join(record.missing)
        yield _el(
            "supplementalInformation",
            _text(f"METADATI INCOMPLETI: l'ente che pubblica non ha indicato (ente.toml): {listed}."),
        )


def _distribution(record: Record) -> ET.Element:
    form = _el("MD_Format", _el("name", _text("GeoPackage")), _el("version", _text("1.3")))
    distributor = _el("MD_Distributor", _el("distributorContact", _party(record, "distributor")))
    page = record.publisher.page
    online = (
        [] if not page else [_el("transferOptions", _el("MD_DigitalTransferOptions", _el("onLine", _online(page))))]
    )
    return _el("MD_Distribution", _el("distributionFormat", form), _el("distributor", distributor), *online)


def _online(page: str) -> ET.Element:
    codes = f"{_INSPIRE}/metadata-codelist"
    return _el(
        "CI_OnlineResource",
        _el("linkage", _el("URL", text=page)),
        _el("protocol", _anchor("http://www.w3.org/TR/xlink/", "WWW:LINK-1.0-http--link")),
        _el("applicationProfile", _anchor(f"{codes}/SpatialDataServiceType/other", "other")),
        _el("description", _anchor(f"{codes}/OnLineDescriptionCode/accessPoint", "accessPoint")),
    )


def _quality(record: Record, level: tuple[str, str]) -> ET.Element:
    scope = _el("DQ_Scope", _coded("level", "MD_ScopeCode", *level))
    statement = _el("statement", _text(record.lineage))
    sources = (_el("source", _lineage_source(record, source)) for source in record.sources)
    return _el(
        "DQ_DataQuality",
        _el("scope", scope),
        *([_accuracy(record)] if record.spatial else []),
        _conformity(),
        _el("lineage", _el("LI_Lineage", statement, *sources)),
    )


def _accuracy(record: Record) -> ET.Element:
    accuracy = record.publisher.accuracy_m
    result = _nil("result", "unknown")
    if accuracy is not None:
        unit = _el(
            "gml:BaseUnit",
            _el("gml:identifier", text="m", codeSpace="http://www.bipm.org/en/si/base_units"),
            _el("gml:unitsSystem", **{"xlink:href": "http://www.bipm.org/en/si"}),
            **{"gml:id": "m"},
        )
        value = _el("gco:Record", _el("gco:Real", text=str(accuracy)))
        result = _el("result", _el("DQ_QuantitativeResult", _el("valueUnit", unit), _el("value", value)))
    return _el("report", _el("DQ_AbsoluteExternalPositionalAccuracy", result))


def _conformity() -> ET.Element:
    """Return that conformity with INSPIRE's interoperability has not been evaluated."""
    title = _el("title", _anchor("http://data.europa.eu/eli/reg/2010/1089", _REGULATION))
    result = _el(
        "DQ_ConformanceResult",
        _el("specification", _el("CI_Citation", title, _dated("2010-12-08", "publication", "pubblicazione"))),
        _el("explanation", _text("Conformità non valutata")),
        _nil("pass", "unknown"),
    )
    return _el("report", _el("DQ_DomainConsistency", _el("result", result)))


def _lineage_source(record: Record, source: Source) -> ET.Element:
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
    return _el("LI_Source", _el("description", _text(f"{source.title}, {source.publisher} ({said})")))


def _party(record: Record, role: str) -> ET.Element:
    publisher = record.publisher
    contact = _el("CI_Contact", *_phone(publisher.phone), *_mail(publisher.email), *_website(publisher.website))
    return _el(
        "CI_ResponsibleParty",
        _el("organisationName", _text(publisher.name)) if publisher.name else _nil("organisationName", "missing"),
        _el("contactInfo", contact) if len(contact) else _nil("contactInfo", "missing"),
        _coded("role", "CI_RoleCode", role, _ROLES[role]),
    )


def _phone(number: str) -> Iterator[ET.Element]:
    if number:
        yield _el("phone", _el("CI_Telephone", _el("voice", _text(number))))


def _mail(address: str) -> Iterator[ET.Element]:
    if address:
        yield _el("address", _el("CI_Address", _el("electronicMailAddress", _text(address))))


def _website(address: str) -> Iterator[ET.Element]:
    if address:
        yield _el("onlineResource", _el("CI_OnlineResource", _el("linkage", _el("URL", text=address))))


def _reference_system(crs: str) -> ET.Element:
    """Return the system by its EPSG number: the profile's own list of names has none for WGS 84 / UTM."""
    identifier = _el(
        "RS_Identifier",
        _el("code", _text(crs.partition(":")[2])),
        _el("codeSpace", _text("http://www.epsg-registry.org")),
    )
    system = _el("MD_ReferenceSystem", _el("referenceSystemIdentifier", identifier))
    return _el("referenceSystemInfo", system)


def _language() -> ET.Element:
    code = {"codeList": "http://www.loc.gov/standards/iso639-2/", "codeListValue": "ita"}
    return _el("language", _el("LanguageCode", text="ita", **code))


def _dated(date: str, code: str, word: str) -> ET.Element:
    return _el("date", _el("CI_Date", _el("date", _date(date)), _coded("dateType", "CI_DateTypeCode", code, word)))


def _date(date: str) -> ET.Element:
    return _el("gco:Date", text=date)


def _coded(tag: str, codes: str, code: str, word: str) -> ET.Element:
    return _el(tag, _el(codes, text=word, codeList=f"{_LISTS}#{codes}", codeListValue=code))


def _text(text: str) -> ET.Element:
    return _el("gco:CharacterString", text=text)


def _anchor(address: str, text: str) -> ET.Element:
    return _el("gmx:Anchor", text=text, **{"xlink:href": address})


def _nil(tag: str, reason: str) -> ET.Element:
    return _el(tag, **{"gco:nilReason": reason})


def _el(tag: str, *children: ET.Element, text: str | None = None, **attributes: str) -> ET.Element:
    """Return an element of ISO's main namespace, unless the tag names another."""
    made = ET.Element(tag if ":" in tag else f"gmd:{tag}", attributes)
    made.text = text
    made.extend(children)
    return made
