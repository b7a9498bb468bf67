"""Two threads for compiled work that releases the interpreter's lock."""

import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def parallel_map(work: Callable[[int], None], count: int) -> None:
    """Do pieces of work on the caller's thread and on one beside it; whoever is free takes the next piece.

    Parameters
    ----------
    work
        Does a piece, by its number; pieces write to places of their own.
    count
        How many pieces there are.
    """
    numbers = iter(range(count))

    def take() -> None:
        for number in numbers:
            work(number)

    beside = _second_thread().submit(take) if count > 1 else None
    take()
    if beside is not None and not beside.cancel():
        beside.result()


@functools.cache
def _second_thread() -> ThreadPoolExecutor:
    """Return the thread that works beside the caller's; made once, for starting one takes as long as a search."""
    return ThreadPoolExecutor(1)
