"""Files fetched from their publishers: kept only when whole and of the kind that was asked for."""

from collections.abc import Callable
from pathlib import Path

from tqdm import tqdm

from psttm_geo.errors import DownloadError, OutputError, PsttmError, Text
from psttm_geo.files import output_error, replacing

TIMEOUT_S = 60

CHUNK_BYTES = 1 << 16


def posas_url(server: str, year: int) -> str:
    """Return the address of ISTAT's residents by municipality, sex and age on 1 January of `year`."""
    return f"{server.rstrip('/')}/data/posas/POSAS_{year}_it_Comuni.zip"


def fetch_file(url: str, path: Path, check: Callable[[Path], object], *, progress: bool) -> None:
    """Download `url` to `path`, and keep it only if `check` accepts it.

    Parameters
    ----------
    url
        HTTP or HTTPS address; proxy settings of the environment are honoured.
    path
        Where to put it; a file that is already there stays until the new one is accepted.
    check
        Called with the downloaded file; raises a :class:`PsttmError` when it is not what was asked for.
    progress
        Whether to draw a bar on standard error.

    Raises
    ------
    DownloadError
        The server does not answer, answers with an error or stops half-way, or the content is not accepted.
    OutputError
        The file cannot be written.
    """
    import requests  # noqa: PLC0415 - a tenth of a second that only a download needs to spend

    bar = tqdm(disable=not progress, unit="B", unit_scale=True, desc=path.name)
    with replacing(path) as beside, bar:
        try:
            with requests.get(url, stream=True, timeout=TIMEOUT_S) as answer, beside.open("wb") as file:
                answer.raise_for_status()
                bar.total = int(answer.headers.get("content-length", 0)) or None
                for chunk in answer.iter_content(CHUNK_BYTES):
                    bar.update(file.write(chunk))
        except requests.HTTPError as error:
            raise _failed(
                url,
                f"il server risponde {error.response.status_code}",
                f"the server answers {error.response.status_code}",
            ) from error
        except requests.RequestException as error:
            raise _failed(
                url,
                "il server non risponde o la rete è chiusa",
                "the server does not answer or the network is closed",
            ) from error
        except OSError as error:
            raise output_error(path, error) from error
        try:
            check(beside)
        except OutputError:
            raise
        except PsttmError as error:
            raise _failed(
                url,
                f"quello che arriva non è il file atteso ({error.text.it.replace(str(beside), path.name)})",
                f"what arrives is not the file expected ({error.text.en.replace(str(beside), path.name)})",
            ) from error


def _failed(url: str, it: str, en: str) -> DownloadError:
    return DownloadError(
        Text(
            it=f"{url}: {it}. Niente è stato salvato; riprovare, o scaricare il file con il browser e indicarlo.",
            en=f"{url}: {en}. Nothing was saved; try again, or download the file with a browser and name it.",
        )
    )
