"""Templates of XML: what a value is to a reader is what it was."""

import jinja2
import pytest
from lxml import etree

from psttm_geo.delivery.xml_documents import document, escaped, piece

ODD = 'l\'ente «Studi & piani» <"A">\nseconda riga\tcon\rsegni'


def test_a_value_is_read_back_from_texts_and_attributes() -> None:
    root = etree.fromstring(f'<x a="{escaped(ODD)}">{escaped(ODD)}</x>')
    assert root.get("a") == root.text == ODD


def test_yes_and_no_are_what_qgis_expects_and_numbers_stay() -> None:
    assert [escaped(value) for value in (True, False, 10.0, 3)] == ["1", "0", "10.0", "3"]


def test_a_piece_is_not_escaped_again() -> None:
    style = piece("style.qml", version="3.22", label=None, style="<&>")
    assert "&lt;&amp;&gt;" in style
    assert escaped(style) == style


def test_a_value_that_a_template_misses_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        document("style.qml", version="3.22")
