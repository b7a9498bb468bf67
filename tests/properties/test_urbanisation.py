import hypothesis.strategies as st
import numpy as np
import numpy.typing as npt
from hypothesis import assume, given
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from psttm_geo.territory.degurba import classify_cells
from psttm_geo.territory.degurba_records import LEVEL_1_OF, LEVEL_2

Grid = npt.NDArray[np.float64]

RESIDENTS = st.sampled_from([0.0, 40.0, 60.0, 299.0, 300.0, 700.0, 1_499.0, 1_500.0, 2_500.0, 9_000.0, 30_000.0])

GRIDS = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=RESIDENTS)


def level_1(classes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.vectorize(LEVEL_1_OF.get)(classes)


@given(GRIDS)
def test_every_cell_has_exactly_one_class_that_its_density_allows(residents: Grid) -> None:
    classes = classify_cells(residents)
    assert classes.shape == residents.shape
    assert set(classes.ravel()) <= set(LEVEL_2)
    assert (residents[classes == 23] >= 1_500).all()
    assert (residents[(classes == 22) | (classes == 21) | (classes == 13)] >= 300).all()
    assert (residents[classes == 12] >= 50).all()
    assert (residents[classes == 11] < 50).all()


@given(GRIDS)
def test_the_points_of_the_compass_do_not_matter(residents: Grid) -> None:
    classes = classify_cells(residents)
    assert (classify_cells(residents.T) == classes.T).all()
    assert (classify_cells(residents[::-1]) == classes[::-1]).all()
    assert (classify_cells(np.pad(residents, 2))[2:-2, 2:-2] == classes).all()


@given(GRIDS, st.data())
def test_more_residents_never_make_a_cell_less_urban(residents: Grid, data: st.DataObject) -> None:
    """At level 1, and where there is one centre at most: two that grow may claim each other's gaps.

    It is not true at level 2: a town that becomes dense makes its semi-dense neighbour a suburb.
    """
    more = residents + data.draw(arrays(np.float64, residents.shape, elements=RESIDENTS))
    after = classify_cells(more)
    assume(ndimage.label(after == 30, np.ones((3, 3)))[1] <= 1)
    assert (level_1(after) <= level_1(classify_cells(residents))).all()


@given(GRIDS)
def test_a_centre_has_50000_residents_and_a_village_500(residents: Grid) -> None:
    classes = classify_cells(residents)
    for code, least in ((30, 50_000), (13, 500)):
        labels, count = ndimage.label(classes == code, np.ones((3, 3)))
        sums = ndimage.sum_labels(residents, labels, range(1, count + 1))
        assert (sums >= least).all()
