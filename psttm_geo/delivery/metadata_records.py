"""What metadata say of a delivery and of each of its layers, whatever their format."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version

import geopandas as gpd
import numpy as np
import pyproj

from psttm_geo.core.crs import GEOGRAPHIC, METRIC
from psttm_geo.core.messages import gettext
from psttm_geo.core.provenance import FACT, OFFICE, UNSTATED, Source, marked, say_date
from psttm_geo.delivery.deliverable import Delivery
from psttm_geo.delivery.publisher import Publisher
from psttm_geo.delivery.qgis.layer_styles import Styled
from psttm_geo.delivery.themes import Theme, list_themes, theme_of

Bounds = tuple[float, float, float, float]

_DECIMALS = 5

_PART = " Consegna parziale: "
"""What parts an abstract from the part that it is of."""

_DIGITS = 8
"""Of what tells the names of parts apart."""

_NAMES = uuid.UUID("4c6a1a0e-5f0b-4f57-9a1c-2d8c3b1e7f60")
"""Where identifiers are made from while nobody publishes the data under an address."""

_WHOLE = gettext("Strategic Plan of the Metropolitan City of Milan: spatial data")

_WHOLE_ABSTRACT = (
    "I comuni della Città metropolitana di Milano, le zone omogenee e le unioni di comuni di ogni edizione del Piano "
    "strategico triennale (PSTTM), gli obiettivi e i driver con dove si applicano, e le loro fonti, in un GeoPackage."
)


@dataclass(frozen=True)
class Licence:
    """A licence as vocabularies name it.

    Attributes
    ----------
    name
        As sources state it.
    address
        Its text.
    vocabulary
        Its code in the Italian vocabulary of licences,
        at ``https://w3id.org/italia/controlled-vocabulary/licences/``.
    """

    name: str
    address: str
    vocabulary: str


LICENCES = {
    licence.name: licence
    for licence in (
        Licence("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/", "A11_CCO10"),
        Licence("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/", "A21_CCBY40"),
        Licence("IODL 2.0", "https://www.dati.gov.it/content/italian-open-data-license-v20", "A29_IODL20"),
        Licence("ODbL 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", "A310_ODBL"),
    )
}
"""Open licences, from the freest to the one that asks for the same; each may be joined to those after it."""

UNKNOWN_LICENCE = Licence(UNSTATED, "", "C1_Unknown")


@dataclass(frozen=True)
class Record:
    """What is said of the whole file, or of one of its layers.

    Attributes
    ----------
    name
        Of the layer; empty for the whole file.
    title, abstract
        In Italian.
    theme
        Of the layer; that of the territory for the whole.
    spatial
        Whether it has geometries.
    bounds
        West, south, east, north, degrees; of the whole file for a table.
    date
        Of its newest source or computation, ISO 8601.
    sources
        What it rests on, public facts among them.
    publisher
        Who publishes it; all empty where nobody has said so.
    editions
        Titles of the plan's editions in it.
    crs
        What its geometries are in.
    part
        Of which part of a delivery it is, in Italian; empty for the whole.
    """

    name: str
    title: str
    abstract: str
    theme: Theme
    spatial: bool
    bounds: Bounds
    date: str
    sources: tuple[Source, ...]
    publisher: Publisher
    editions: tuple[str, ...]
    crs: str = METRIC
    part: str = ""

    @property
    def local_name(self) -> str:
        """A short name among all that the office publishes; a part is another thing than the whole."""
        name = f"psttm-{self.name.replace('_', '-')}" if self.name else "psttm"
        return f"{name}-parte-{uuid.uuid5(_NAMES, self.part).hex[:_DIGITS]}" if self.part else name

    @property
    def identifier(self) -> str:
        """The office's code and the short name; the short name alone where the office has not said its code."""
        code = self.publisher.ipa_code
        return f"{code}:{self.local_name}" if code else self.local_name

    @property
    def address(self) -> str:
        """An address that names it: on the page of publication, or of no place where there is none."""
        return self._address(self.local_name)

    @property
    def office_address(self) -> str:
        """An address that names the office."""
        return self._address("ente")

    @property
    def contact_address(self) -> str:
        """An address that names whom to write to: another thing than the office."""
        return self._address("contatto")

    def _address(self, name: str) -> str:
        page = self.publisher.page
        return f"{page}#{name}" if page else f"urn:uuid:{uuid.uuid5(_NAMES, name)}"

    @property
    def licensed(self) -> tuple[Source, ...]:
        """The sources that have a licence to be kept; facts have none. The office's own have the one it chose."""
        return tuple(source for source in self.sources if source.publisher != FACT)

    def licence_of(self, source: Source) -> str:
        """Return under which licence a source is."""
        own = source.publisher in (OFFICE, self.publisher.name)
        return self.publisher.licence if own and self.publisher.licence else source.licence

    @property
    def licence(self) -> Licence:
        """The licence of the whole: the one that asks most, and unknown where that of any source is."""
        names = {self.licence_of(source) for source in self.licensed}
        if not names or not names <= LICENCES.keys():
            return UNKNOWN_LICENCE
        return [licence for name, licence in LICENCES.items() if name in names][-1]

    @property
    def missing(self) -> tuple[str, ...]:
        """What profiles require of the office and it has not said: keys of ``ente.toml``."""
        return self.publisher.missing

    @property
    def lineage(self) -> str:
        """How it was made."""
        editions = f" Edizioni del Piano: {', '.join(self.editions)}." if self.editions else ""
        outlines = " La scala dei confini non è certificata da ISTAT." if self.spatial else ""
        moved = "" if self.crs == METRIC else f"; coordinate portate in {self.crs}"
        made = f"Elaborazione con psttm-geo {version('psttm-geo')} dalle fonti elencate, in {METRIC}{moved}."
        return f"{self.abstract} {made}{editions}{outlines}"


def list_records(layers: Sequence[Styled], delivery: Delivery, *, date: str) -> list[Record]:
    """Return the records of a delivery: the whole file, then each layer and table."""
    onto = pyproj.Transformer.from_crs(delivery.crs, GEOGRAPHIC, always_xy=True)
    bounds = {styled.layer.name: _bounds(styled, onto) for styled in layers}
    everywhere = _around([one for one in bounds.values() if one is not None])
    every_source = tuple(dict.fromkeys(source for sources in delivery.sources.values() for source in sources))
    record = partial(
        Record,
        publisher=delivery.publisher or Publisher(),
        editions=tuple(edition.title.it for edition in delivery.editions),
        crs=delivery.crs,
        part=delivery.part,
    )
    whole = record(
        name="",
        title=marked(_titled(_WHOLE.it, delivery.part), synthetic=bool(delivery.synthetic)),
        abstract=marked(_about(_about_all(layers), delivery.part), synthetic=bool(delivery.synthetic)),
        theme=list_themes()[0],
        spatial=True,
        bounds=everywhere,
        date=date,
        sources=every_source,
    )
    records = [whole]
    for styled in layers:
        layer, sources = styled.layer, delivery.sources.get(styled.layer.name, ())
        title = f"{styled.title} (Piano strategico triennale del territorio metropolitano di Milano)"
        records.append(
            record(
                name=layer.name,
                title=_titled(title, delivery.part),
                abstract=_about(styled.abstract, delivery.part),
                theme=theme_of(layer.name),
                spatial=layer.spatial,
                bounds=bounds[layer.name] or everywhere,
                date=delivery.date_of(layer.name) if sources else date,
                sources=sources,
            )
        )
    return records


def _titled(title: str, part: str) -> str:
    return f"{title}, parte: {part}" if part else title


def _about_all(layers: Sequence[Styled]) -> str:
    """Say what a file holds: one without municipalities holds what a computation left, or what somebody chose."""
    titles = {styled.layer.name: styled.layer.title.it for styled in layers}
    return _WHOLE_ABSTRACT if "comuni" in titles else f"In un GeoPackage: {', '.join(titles.values())}."


def _about(abstract: str, part: str) -> str:
    return f"{abstract}{_PART}{part}." if part else abstract


def part_in(abstract: str) -> str:
    """Return of which part of a delivery a layer is whose record says `abstract`; empty for the whole."""
    return abstract.partition(_PART)[2].removesuffix(".")


def _bounds(styled: Styled, onto: pyproj.Transformer) -> Bounds | None:
    if not isinstance(styled.rows, gpd.GeoDataFrame):
        return None
    metric = styled.rows.total_bounds
    if not np.isfinite(metric).all():
        return None
    west, south, east, north = np.round(onto.transform_bounds(*metric), _DECIMALS).tolist()
    return west, south, east, north


def _around(bounds: Sequence[Bounds]) -> Bounds:
    if not bounds:
        return -180.0, -90.0, 180.0, 90.0
    west, south, east, north = zip(*bounds, strict=True)
    return min(west), min(south), max(east), max(north)


def _say_licence(name: str) -> str:
    return f"licenza {UNSTATED}" if name == UNSTATED else name


def say_sources(records: Sequence[Record]) -> tuple[str, ...]:
    """Return the sources of some layers and their licences, for the margin of a map, and those that have no date."""
    said = {
        f"{source.attribution or source.title} ({_say_licence(record.licence_of(source))})": None
        for record in records
        for source in record.licensed
    }
    undated = {
        f"{source.attribution or source.title}{_say_added(source)}": None
        for record in records
        for source in record.licensed
        if not source.reference_date
    }
    without_date = (f"Fonti che non dicono la propria data: {'; '.join(undated)}.",) if undated else ()
    return (f"Fonti: {'; '.join(said)}.", *without_date) if said else ()


def _say_added(source: Source) -> str:
    return f" (file acquisito: {say_date(source.added_on).it})" if source.added_on else ""
