import io
import tomllib
import zipfile

import pytest

from psttm_geo.core.errors import PsttmError, TableError
from psttm_geo.core.messages import Text
from psttm_geo.core.reading import OF_TOML, OF_ZIPS, is_inflated_zip, most_unpacked, refusing

SENTENCE = Text("è danneggiato.", "is damaged.")


def test_what_a_library_raises_becomes_the_sentence() -> None:
    with pytest.raises(PsttmError, match="è danneggiato") as error, refusing(OF_TOML, lambda _: PsttmError(SENTENCE)):
        tomllib.loads("a = " + "[" * 5000)
    assert isinstance(error.value.__cause__, RecursionError)


def test_what_was_said_inside_stays_and_mistakes_of_ours_surface() -> None:
    with pytest.raises(TableError), refusing((Exception,), lambda _: PsttmError(SENTENCE)):
        raise TableError([])
    with pytest.raises(AttributeError), refusing(OF_ZIPS, lambda _: PsttmError(SENTENCE)):
        None.mistake  # type: ignore[attr-defined] # noqa: B018 - the mistake


def test_a_zip_is_inflated_when_it_declares_far_more_than_it_is() -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(5):
            archive.writestr(f"{number}.dbf", bytes(16 << 20))
    assert len(content.getvalue()) < 100_000
    assert is_inflated_zip(zipfile.ZipFile(content))
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.dbf", bytes(16 << 20))
    assert not is_inflated_zip(zipfile.ZipFile(content))
    assert most_unpacked(0) == 64 << 20
    assert most_unpacked(1 << 20) == 100 << 20
