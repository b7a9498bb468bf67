"""Files that pages hand to the browser."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from psttm_geo.app import assets

VISITORS = 8


def test_visitors_who_come_at_the_same_moment_get_the_same_whole_file() -> None:
    together = Barrier(VISITORS)

    def publish(text: str) -> str:
        together.wait()
        return assets.publish(text, ".json")

    with ThreadPoolExecutor(VISITORS) as visitors:
        for number in range(50):
            text = f"[{number}]" * 1000
            (address,) = set(visitors.map(publish, [text] * VISITORS))
            assert (assets.GENERATED / address.rpartition("/")[2]).read_text("utf-8") == text
