"""Themes that layers belong to: groups of a project, and what catalogues file metadata under."""

from dataclasses import dataclass

from psttm_geo.core.messages import Text, gettext


@dataclass(frozen=True)
class Theme:
    """A theme.

    Attributes
    ----------
    title
        Of the group.
    layers
        Names of its layers and tables, in order.
    inspire
        Its INSPIRE theme: the code at ``http://inspire.ec.europa.eu/theme/`` and the Italian name that GEMET gives it.
    topic
        Its category of ISO 19115.
    data_themes
        Its codes in the European vocabulary of data themes, at
        ``http://publications.europa.eu/resource/authority/data-theme/``.
    """

    title: Text
    layers: tuple[str, ...]
    inspire: tuple[str, str]
    topic: str
    data_themes: tuple[str, ...]


_UNITS = ("au", "Unità amministrative")

_SERVICES = ("us", "Servizi di pubblica utilità e servizi amministrativi")

THEMES = (
    Theme(
        gettext("Territory"),
        ("unioni_comuni", "zone_omogenee", "comuni", "citta_metropolitana", "appartenenze"),
        _UNITS,
        "boundaries",
        ("GOVE", "REGI"),
    ),
    Theme(
        gettext("Goals"), ("obiettivi", "obiettivi_comuni", "obiettivi_conteggi"), _UNITS, "planningCadastre", ("GOVE",)
    ),
    Theme(
        gettext("Drivers"),
        ("driver_comuni", "driver_zone", "driver_unioni", "driver"),
        _UNITS,
        "planningCadastre",
        ("GOVE",),
    ),
    Theme(gettext("Projects"), ("progetti", "progetti_comuni"), _UNITS, "planningCadastre", ("GOVE",)),
    Theme(
        gettext("Accessibility"),
        (
            "isocrone",
            "carenze",
            "accessibilita_esagoni",
            "accessibilita_comuni",
            "accessibilita_unioni",
            "accessibilita_zone",
            "accessibilita_citta_metropolitana",
            "accessibilita_unita",
            "carenze_comuni",
            "indicatori",
        ),
        _SERVICES,
        "society",
        ("GOVE", "SOCI"),
    ),
    Theme(
        gettext("Scenario"),
        (
            "scenario_servizi",
            "scenario_esagoni",
            "scenario_comuni",
            "scenario_unioni",
            "scenario_zone",
            "scenario_citta_metropolitana",
            "scenario_unita",
        ),
        _SERVICES,
        "society",
        ("GOVE", "SOCI"),
    ),
    Theme(gettext("Services"), ("servizi", "servizi_confronto"), _SERVICES, "society", ("GOVE", "SOCI")),
    Theme(gettext("Comparison of boundaries"), ("confini_confronto",), _UNITS, "boundaries", ("GOVE", "REGI")),
    Theme(gettext("Sources"), ("fonti",), _UNITS, "planningCadastre", ("GOVE",)),
)
"""In the order of a project's groups; every layer belongs to one."""


def theme_of(layer: str) -> Theme:
    """Return the theme of a layer by its Italian name; a test proves that each has one."""
    return next(theme for theme in THEMES if layer in theme.layers)
