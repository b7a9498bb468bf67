"""Changes of a scenario, as analysts write them."""

from psttm_geo.access.scenarios import ADD, CLOSE, MOVE, Change
from psttm_geo.library.arguments import require_degrees, require_text


def Add(category: str, *, lon: float, lat: float, name: str = "") -> Change:  # noqa: N802 - reads as what it makes
    """Return a service to be added, for :meth:`City.what_if`.

    Parameters
    ----------
    category
        Of the service.
    lon, lat
        Where, degrees (EPSG:4326).
    name
        For people.
    """
    return Change(
        ADD, category, "", require_text("name", name), require_degrees("lon", lon), require_degrees("lat", lat)
    )


def Move(category: str, service: str, *, lon: float, lat: float, name: str = "") -> Change:  # noqa: N802 - as above
    """Return a service to be moved, for :meth:`City.what_if`.

    Parameters
    ----------
    category, service
        Of the service, and its identifier as in :attr:`City.services`.
    lon, lat
        Where to, degrees (EPSG:4326).
    name
        For people.
    """
    return Change(
        MOVE, category, service, require_text("name", name), require_degrees("lon", lon), require_degrees("lat", lat)
    )


def Close(category: str, service: str) -> Change:  # noqa: N802 - as above
    """Return a service to be closed, for :meth:`City.what_if`.

    Parameters
    ----------
    category, service
        Of the service, and its identifier as in :attr:`City.services`.
    """
    return Change(CLOSE, category, service, "", None, None)
