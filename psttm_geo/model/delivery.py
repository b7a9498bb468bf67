"""What a delivery says beside its layers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from psttm_geo.crs import METRIC
from psttm_geo.model.coded_values import CodedValues
from psttm_geo.model.plan import Edition
from psttm_geo.model.provenance import Source
from psttm_geo.model.publisher import Publisher


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
        What layers are delivered in, one of :data:`psttm_geo.crs.DELIVERED`.
    part
        Which part of the territory, of the plan and of the layers it holds, in Italian; empty for all of them.
    """

    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    codes: Mapping[str, CodedValues] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    publisher: Publisher | None = None
    crs: str = METRIC
    part: str = ""
