"""Which municipalities and editions somebody asks for, by the names that people write."""

import difflib
from collections.abc import Collection, Iterable, Sequence

import pandas as pd

from psttm_geo.core.errors import UnknownNameError
from psttm_geo.core.messages import NOTHING, Text, gettext
from psttm_geo.core.names import plain_name
from psttm_geo.delivery.subset import Part
from psttm_geo.project import Project
from psttm_geo.schema.data_tables import Register
from psttm_geo.territory.gazetteer import build_gazetteer
from psttm_geo.territory.snapshot import read_italy


def find_part(
    municipalities: pd.DataFrame,
    project: Project,
    *,
    zones: Sequence[str] = (),
    names: Sequence[str] = (),
    editions: Collection[str] = (),
) -> Part:
    """Find what is asked for.

    Parameters
    ----------
    municipalities
        ``municipality_code``, ``municipality``, ``zone``: those there are.
    project
        Opened.
    zones, names
        Zone omogenee, and codes or names of municipalities: together, what lies in any of them; all where both are
        empty.
    editions
        Identifiers, known to exist; all where empty.

    Raises
    ------
    UnknownNameError
        There is no such zone or municipality.
    TableError
        The tables are not right.
    """
    alone = _find_all(names, municipalities, project.register) if names else set()
    found = {_find_zone(zone, list(municipalities["zone"].unique())) for zone in zones}
    titles = municipalities.loc[municipalities["municipality_code"].isin(alone), "municipality"]
    codes = alone | set(municipalities.loc[municipalities["zone"].isin(found), "municipality_code"])
    everywhere = not codes or codes == set(municipalities["municipality_code"])
    said = say_part(editions=editions) if everywhere else say_part(found, set(titles), editions)
    return Part(frozenset(editions), frozenset(codes) if zones or names else None, said)


def say_part(
    zones: Collection[str] = (),
    municipalities: Collection[str] = (),
    editions: Collection[str] = (),
    layers: Collection[str] = (),
) -> str:
    """Say what a part is, in Italian, for its metadata: zones and municipalities by name, editions, layers."""
    where = [_listed("zona omogenea", "zone omogenee", zones), _listed("comune di", "comuni di", municipalities)]
    what = [_listed("edizione", "edizioni", editions), _listed("solo il layer", "solo i layer", layers)]
    return "; ".join(filter(None, (" e ".join(filter(None, where)), *what)))


_NAMED = 8
"""Names of a kind in what a part is called; of more the rest is counted."""


def _listed(one: str, several: str, names: Collection[str]) -> str:
    listed = sorted(names)
    rest = f" e altri {len(listed) - _NAMED}" if len(listed) > _NAMED else ""
    return f"{one if len(listed) == 1 else several} {', '.join(listed[:_NAMED])}{rest}" if listed else ""


def _find_all(names: Iterable[str], municipalities: pd.DataFrame, register: Register) -> set[str]:
    predecessors, italy = register.tables["predecessors.csv"], read_italy(register)
    return {find_municipality(name, municipalities, predecessors, italy=italy) for name in names}


def find_municipality(
    written: str,
    municipalities: pd.DataFrame,
    predecessors: pd.DataFrame,
    *,
    italy: pd.DataFrame | None = None,
    otherwise: Text | None = None,
) -> str:
    """Return the code of a municipality given by code or name, its own or that of one which merged into it.

    Parameters
    ----------
    written
        As somebody writes it.
    municipalities
        ``municipality_code``, ``municipality``: those there are.
    predecessors
        The table ``predecessors.csv``.
    italy
        As :func:`psttm_geo.territory.snapshot.read_italy`, which says how provinces are written beside a name.
    otherwise
        What else could be written, for the message.

    Raises
    ------
    UnknownNameError
        There is no such municipality.
    """
    here = set(municipalities["municipality_code"])
    merged = predecessors[predecessors["successor_code"].isin(here)]
    gazetteer = build_gazetteer(municipalities, municipalities.head(0), merged, italy=italy)
    code = gazetteer.find(written)
    found = gazetteer.successors.get(code or "", code)
    if found not in here:
        names = dict(zip(municipalities["municipality"].map(plain_name), municipalities["municipality"], strict=True))
        hint, also = _hint(plain_name(written), names), otherwise or NOTHING
        raise UnknownNameError(
            gettext(
                "Unknown municipality “{written}”; write the ISTAT code or the name of one of the {count} of "
                "the territory{also}.{hint}",
                written=written,
                count=len(names),
                also=also,
                hint=hint,
            )
        )
    return str(found)


def _find_zone(written: str, zones: Iterable[str]) -> str:
    known = {plain_name(zone): zone for zone in zones}
    asked = plain_name(written)
    if asked not in known:
        listed = ", ".join(known.values())
        raise UnknownNameError(
            gettext("Unknown zona omogenea “{written}”; write one of: {listed}.", written=written, listed=listed)
        )
    return known[asked]


def _hint(asked: str, names: dict[str, str]) -> Text:
    close = [names[name] for name in difflib.get_close_matches(asked, names, 1)]
    return gettext(" Perhaps {close}?", close=close[0]) if close else NOTHING
