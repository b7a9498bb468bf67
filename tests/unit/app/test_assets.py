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


def test_of_files_that_only_pass_the_latest_stay_and_come_back_when_asked_for() -> None:
    kept = assets.publish("kept", ".json")
    addresses = [assets.publish_passing(f"passing {number}", ".json") for number in range(300)]
    there = [(assets.GENERATED / address.rpartition("/")[2]).exists() for address in (kept, *addresses)]
    assert there[0]
    assert there[1:] == [False] * 44 + [True] * 256
    assert assets.publish_passing("passing 0", ".json") == addresses[0]
    assert (assets.GENERATED / addresses[0].rpartition("/")[2]).read_text("utf-8") == "passing 0"
