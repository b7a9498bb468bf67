"""What a delivery says beside its layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psttm_geo.core.crs import METRIC
from psttm_geo.core.provenance import Source, are_synthetic
from psttm_geo.delivery.publisher import Publisher
from psttm_geo.plan.records import Edition
from psttm_geo.schema.coded_values import CodedValues

NO_DATE = "1970-01-01"
"""Stands where a format wants a date and neither a source nor a computation has one on record."""


@dataclass(frozen=True)
class Delivery:
    """What the tables, the inputs and the office say of the layers that are handed over.

    Attributes
    ----------
    sources
        What each layer rests on, by its name.
    codes
        What columns hold, by their English name, where the tables say it and not the contract.
    editions
        Of the plan, in order.
    publisher
        None where the office has not said who it is.
    crs
        What layers are delivered in, one of :data:`psttm_geo.core.crs.DELIVERED`.
    part
        Which part of the territory, of the plan and of the layers it holds, in Italian; empty for all of them.
    computed_on
        The days on which layers were computed, ISO 8601, by the layer's name, where that is on record.
    """

    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    codes: Mapping[str, CodedValues] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    publisher: Publisher | None = None
    crs: str = METRIC
    part: str = ""
    computed_on: Mapping[str, str] = field(default_factory=dict)

    @property
    def synthetic(self) -> frozenset[str]:
        """The names of the layers that are to be marked, because something that they rest on is made up."""
        return frozenset(name for name, sources in self.sources.items() if are_synthetic(sources))

    @property
    def sources_until(self) -> str:
        """The day of the newest source of all layers; empty where none states one."""
        return max((source.newest for sources in self.sources.values() for source in sources), default="")

    @property
    def date(self) -> str:
        """The day of the newest source or computation, ISO 8601."""
        return max(self.sources_until, *self.computed_on.values(), "") or NO_DATE

    def date_of(self, layer: str) -> str:
        """Return the same of one layer."""
        sources = [source.newest for source in self.sources.get(layer, ())]
        return max(*sources, self.computed_on.get(layer, ""), "") or self.date
