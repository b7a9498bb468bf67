"""How far work is: a bar on the terminal, or events where they are wanted."""

from typing import Any

from tqdm import tqdm

from psttm_geo.core.events import Progress, report, wanted


def progress_bar(
    name: str, total: float | None, *, drawn: bool, unit: str = "it", initial: float = 0, leave: bool = False
) -> "tqdm[Any]":
    """Return a bar to be moved with ``update``.

    Parameters
    ----------
    name
        Written before it.
    total
        In units; None where nobody knows it yet.
    drawn
        Whether it says anything at all.
    unit
        ``B`` for bytes, which are written as kB and MB.
    initial
        What is done already.
    leave
        Whether it stays when all is done.
    """
    kind: type[tqdm[Any]] = _Reported if wanted() else tqdm
    bytewise = unit == "B"
    return kind(desc=name, total=total, disable=not drawn, unit=unit, unit_scale=bytewise, initial=initial, leave=leave)


class _Reported(tqdm):  # type: ignore[type-arg]  # generic in its stubs alone
    """A bar that says its state, as often as another one would draw it, and writes nothing to the terminal."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of tqdm
        super().__init__(**options, gui=True)
        self.refresh()

    def display(self, *_: object) -> None:
        """Report in place of drawing."""
        report(Progress(float(self.n), self.total, self.unit, str(self.postfix or "")))
