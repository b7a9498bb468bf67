from pathlib import Path

import pytest

from psttm_geo.core.errors import InputMissingError, TableError
from psttm_geo.delivery.publisher import PUBLISHER_KEYS, Publisher
from psttm_geo.delivery.publisher_file import publisher_template, read_publisher


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ente.toml"


def test_the_template_says_nothing_of_anybody_and_names_every_key(path: Path) -> None:
    template = publisher_template()
    path.write_text(template, "utf-8")
    assert read_publisher(path) == Publisher()
    assert template.count("{") == 0
    assert all(f"\n{key} = " in template for key in PUBLISHER_KEYS.values())


def test_what_is_said_is_read_without_blanks_around_it(path: Path) -> None:
    path.write_bytes('\ufeffnome = " Città dell\'Adda "\nscala = 10000\naccuratezza_m = 12.5\n'.encode())
    assert read_publisher(path) == Publisher(name="Città dell'Adda", scale=10_000, accuracy_m=12.5)


def test_telephone_and_website_may_be_missing(path: Path) -> None:
    path.write_text('nome = "A"\naggiornamento = "annuale"\n', "utf-8")
    missing = read_publisher(path).missing
    assert missing == ("codice_ipa", "email", "pagina", "licenza", "scala", "accuratezza_m")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nome = 5", "nome: trovato «5», atteso un testo su una riga; correggere."),
        ('nome = "a\\nb"', "atteso un testo su una riga"),
        ('codice_ipa = "Città"', "trovato «Città», atteso lettere minuscole, cifre, _"),
        ('email = "nessuna"', "email: trovato «nessuna», atteso un indirizzo di posta"),
        ('sito = "www.example.org"', "atteso un indirizzo che cominci con https://"),
        ('pagina = "ftp://example.org"', "atteso un indirizzo che cominci con https://"),
        ('aggiornamento = "ogni tanto"', "atteso uno di: giornaliero, settimanale"),
        ('scala = "10000"', "atteso un numero intero non negativo, senza virgolette"),
        ("scala = inf", "scala: trovato «inf»"),
        ("accuratezza_m = 1e400", "accuratezza_m: trovato «inf», atteso un numero non negativo"),
        ("accuratezza_m = nan", "accuratezza_m: trovato «nan»"),
        ("scala = 0.5", "scala: trovato «0.5»"),
        ("scala = true", "scala: trovato «True»"),
        ("accuratezza_m = -1", "accuratezza_m: trovato «-1»"),
        ('colore = "rosso"', "«colore» non è una chiave nota (nome, codice_ipa, "),
    ],
)
def test_what_is_not_as_it_must_be_is_said_with_the_key(path: Path, line: str, said: str) -> None:
    path.write_text(f"{line}\n", "utf-8")
    with pytest.raises(TableError) as error:
        read_publisher(path)
    assert said in error.value.text.it
    assert "ente.toml" in error.value.text.it


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        ('email = "mailto:ufficio@example.org"', "email", "ufficio@example.org"),
        ('email = " MAILTO: mailto:ufficio@example.org?subject=Piano "', "email", "ufficio@example.org"),
        ('telefono = "tel:+39 02 000"', "phone", "+39 02 000"),
        ('sito = "http://https://www.example.org"', "website", "https://www.example.org"),
        ('pagina = "HTTP://www.example.org/dati?a=1"', "page", "HTTP://www.example.org/dati?a=1"),
    ],
)
def test_what_was_copied_with_an_address_is_left_behind(path: Path, line: str, field: str, expected: str) -> None:
    path.write_text(f"{line}\n", "utf-8")
    assert getattr(read_publisher(path), field) == expected


def test_every_fault_is_said_at_once(path: Path) -> None:
    path.write_text('email = "x"\nscala = -1\n', "utf-8")
    with pytest.raises(TableError) as error:
        read_publisher(path)
    assert len(error.value.faults) == 2


@pytest.mark.parametrize("content", [b"nome = ", b"\xff\xfe", b"nome: A"], ids=["cut", "no text", "another form"])
def test_what_is_no_toml_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(TableError, match="non si legge come TOML"):
        read_publisher(path)


def test_a_file_that_is_not_there_is_made_from_the_template(path: Path) -> None:
    with pytest.raises(InputMissingError, match="psttm-geo template ente"):
        read_publisher(path)
