import pytest

from psttm_geo.fetch.download_records import say_size


@pytest.mark.parametrize(
    ("size_bytes", "it", "en"),
    [
        (0, "0 byte", "0 bytes"),
        (999, "999 byte", "999 bytes"),
        (1_000, "1,0 kB", "1.0 kB"),
        (569_497, "569 kB", "569 kB"),
        (2_985_353, "3,0 MB", "3.0 MB"),
        (62_000_000, "62 MB", "62 MB"),
        (1_540_000_000, "1,5 GB", "1.5 GB"),
    ],
)
def test_a_size_is_said_with_two_figures_at_least(size_bytes: int, it: str, en: str) -> None:
    assert say_size(size_bytes) == (it, en)
