"""XML documents, written from the templates of this room."""

import functools
from xml.sax.saxutils import escape

import jinja2
from markupsafe import Markup

from psttm_geo.delivery.qgis.notation import colour, field_of

_REFERENCES = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
"""What attributes cannot hold as it is: a reader makes a blank of a line's end."""


def document(template: str, **values: object) -> str:
    """Return a template of `templates/` with its values."""
    return _environment().get_template(template).render(values)


def piece(template: str, **values: object) -> Markup:
    """Return the same as a piece of another document."""
    return Markup(document(template, **values))  # noqa: S704 - every value is escaped


def escaped(value: object) -> Markup:
    """Return a value as it stands in a text or an attribute; pieces of XML stay, true is 1, false 0."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(str(int(value) if isinstance(value, bool) else value), _REFERENCES))  # noqa: S704 - escaped here


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("psttm_geo.delivery"),
        autoescape=True,
        finalize=escaped,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"colour": colour, "field": field_of}
    return environment
