"""How the loops of the engine are compiled: one signature each, kept on disk wherever a folder can be written.

What takes time to compile is kept out of them: NumPy's functions, slices and rows of arrays, arrays made within. They
are handed arrays to write to; whole numbers are 64 bits wide wherever one loop calls another.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np

Loop = TypeVar("Loop", bound=Callable[..., Any])


int64: Callable[[Any], int] = cast("Any", np.int64)
"""A whole number as loops hand it to each other."""


def _can_be_kept() -> bool:
    try:
        numba.njit(cache=True)(_can_be_kept)
    except RuntimeError:  # no folder can be written: neither that of NUMBA_CACHE_DIR nor the package's nor the user's
        return False
    return True


KEPT = _can_be_kept()
"""Whether what is compiled is kept for the next process."""


def entry(loop: Loop) -> Loop:
    """Compile a loop that is called from Python; it releases the interpreter's lock."""
    return _compile(loop, cache=KEPT)


def inner(loop: Loop) -> Loop:
    """Compile a loop that other loops alone call: together with them, without what Python would need to call it."""
    return _compile(loop, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def inlined(loop: Loop) -> Loop:
    """Compile likewise what is small and called in the innermost loops."""
    return _compile(loop, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True)


def _compile(loop: Loop, **options: bool) -> Loop:
    return cast("Loop", numba.njit(nogil=True, **cast("Any", options))(loop))
