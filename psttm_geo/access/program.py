"""Mixed-integer programs, solved by HiGHS.

Huangfu, Q. and Hall, J. A. J. (2018), Parallelizing the dual revised simplex method, Mathematical Programming
Computation 10(1); https://highs.dev.
"""

from dataclasses import dataclass

import highspy
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]

FREE = np.inf
"""A bound that is none."""

_OPTIONS = {
    "threads": 1,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.0,
    "mip_feasibility_tolerance": 1e-9,
    "primal_feasibility_tolerance": 1e-9,
}
"""To the last digit, and the same at every call."""


@dataclass(frozen=True)
class Solution:
    """What was found.

    Attributes
    ----------
    values
        Of the variables; None where no solution was found.
    bound
        What no solution exceeds.
    finished
        Whether the solver ended by itself: without a solution there is none then.
    """

    values: Floats | None
    bound: float
    finished: bool


class _SilentSolver(highspy.Highs):
    """A solver that writes nothing: others say their name on standard output before they can be asked not to."""

    def enableCallbacks(self) -> None:  # noqa: N802 - the solver's own name
        self.silent()
        super().enableCallbacks()  # type: ignore[no-untyped-call] # the solver has no types


class Program:
    """A program that is made as large as can be.

    Parameters
    ----------
    worth
        Of each variable, per unit.
    lower, upper
        Of each variable.
    whole
        Which variables are whole numbers.
    rows
        One row per condition, one column per variable.
    least, most
        Of each row.
    offset
        What is added to the worth of all variables.
    """

    def __init__(  # noqa: PLR0913 - the parts of a program
        self,
        worth: Floats,
        lower: Floats,
        upper: Floats,
        *,
        whole: npt.NDArray[np.bool_],
        rows: csr_array,
        least: Floats,
        most: Floats,
        offset: float = 0.0,
    ) -> None:
        self._solver = _SilentSolver()  # type: ignore[no-untyped-call] # as above
        for name, value in _OPTIONS.items():
            self._solver.setOptionValue(name, value)
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(worth), rows.shape[0]
        model.col_cost_, model.col_lower_, model.col_upper_ = worth, lower, upper
        model.row_lower_, model.row_upper_ = least, most
        kinds = highspy.HighsVarType
        model.integrality_ = [kinds.kInteger if one else kinds.kContinuous for one in whole]
        model.offset_ = offset
        model.sense_ = highspy.ObjSense.kMaximize
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
        self._solver.passModel(model)

    def require(self, columns: npt.ArrayLike, factors: npt.ArrayLike, least: float, most: float) -> None:
        """Add a condition on some variables."""
        places = np.asarray(columns, np.int32)
        self._solver.addRow(least, most, len(places), places, np.asarray(factors, float))

    def solve(self, seconds: float) -> Solution:
        """Solve the program in so many seconds at most."""
        # The clock of a solver goes on from one run to the next.
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + max(seconds, 0.0))
        self._solver.run()
        status, info = self._solver.getModelStatus(), self._solver.getInfo()
        ends = highspy.HighsModelStatus
        there = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
        values = np.asarray(self._solver.getSolution().col_value, float) if there else None
        bound = info.mip_dual_bound if np.isfinite(info.mip_dual_bound) else np.inf
        return Solution(values, bound, status in (ends.kOptimal, ends.kInfeasible))
