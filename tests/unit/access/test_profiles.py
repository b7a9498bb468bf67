import pandas as pd
import pytest

from psttm_geo.access.profiles import Limits, Profile, build_profiles
from psttm_geo.core.messages import Text
from psttm_geo.schema.contracts import contract_faults
from psttm_geo.schema.data_tables import Register
from psttm_geo.schema.layers import AGE_BANDS

FOOT_M = 0.3048


@pytest.fixture
def table(register: Register) -> pd.DataFrame:
    return register.tables["profiles.csv"].copy()


def test_the_package_has_four_profiles(profiles: dict[str, Profile]) -> None:
    assert list(profiles) == ["adulto", "anziano", "adulto_bambino", "carrozzina"]
    assert profiles["anziano"].name == Text("Persona anziana", "Older person")


def test_speeds_are_those_of_their_sources(profiles: dict[str, Profile]) -> None:
    assert profiles["adulto"].speed_m_s == 1.31
    for name in ("anziano", "adulto_bambino"):
        assert profiles[name].speed_m_s == pytest.approx(3.81 * FOOT_M, abs=0.005)
    assert profiles["carrozzina"].speed_m_s == 0.79
    spreads = {name: (profile.slowest_m_s, profile.fastest_m_s) for name, profile in profiles.items()}
    assert (spreads["adulto"], spreads["carrozzina"]) == ((1.27, 1.35), (0.74, 0.84))
    # The 15th percentile of a normal distribution is 1.036 standard deviations below the mean; 326 people.
    error_m_s = (3.81 - 3.02) * FOOT_M / 1.036 / 326**0.5
    for name in ("anziano", "adulto_bambino"):
        assert spreads[name] == pytest.approx((1.16 - 1.96 * error_m_s, 1.16 + 1.96 * error_m_s), abs=0.006)
    for profile in profiles.values():
        assert profile.source
        assert profile.reason.it
        assert profile.reason.en
        assert profile.address.startswith("https://")


def test_only_the_wheelchair_needs_a_way_without_steps(profiles: dict[str, Profile]) -> None:
    assert {name: profile.steps_speed_m_s for name, profile in profiles.items()} == {
        "adulto": 0.45,
        "anziano": 0.45,
        "adulto_bambino": 0.45,
        "carrozzina": None,
    }


def test_only_the_wheelchair_has_limits(profiles: dict[str, Profile]) -> None:
    limits = profiles["carrozzina"].limits
    assert (limits.kerb_max_cm, limits.width_min_cm, limits.smoothness_worst) == (3, 90, "intermediate")
    assert (limits.slope_max_percent, limits.ramp_max_percent, limits.rough) == (5, 8, False)
    assert "236" in limits.source
    assert {profiles[name].limits for name in profiles if name != "carrozzina"} == {Limits()}


def test_every_age_band_walks_with_one_profile(profiles: dict[str, Profile]) -> None:
    assert {name: profile.bands for name, profile in profiles.items()} == {
        "adulto": ("residents_15_64",),
        "anziano": ("residents_65_74", "residents_75_over"),
        "adulto_bambino": ("residents_0_14",),
        "carrozzina": (),
    }
    assert sorted(band for profile in profiles.values() for band in profile.bands) == sorted(AGE_BANDS)


def test_an_empty_table_has_no_profiles(table: pd.DataFrame) -> None:
    assert build_profiles(table[:0]) == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("profile", ""),
        ("profile", "Adulto"),
        ("name_it", ""),
        *(("speed_m_s", value) for value in ("", "0", "0.0", "0.05", "-1", "1,31", "3.1", "10", "nan", "inf", "1e0")),
        *(("steps_speed_m_s", value) for value in ("0", "-0.45", "0,45", "no", "nan")),
        *(("crossing_s", value) for value in ("", "-1", "1,5", "nan", "inf")),
        *(("bands", value) for value in ("residents", "0-14", "residents_0_14,residents_15_64", "residents_0_14  ")),
        ("reason_it", ""),
        ("reason_en", ""),
        ("source", ""),
        ("address", ""),
        ("address", "doi.org/10.1007"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line(table: pd.DataFrame, column: str, value: str) -> None:
    table.loc[1, column] = value
    faults = contract_faults("profiles.csv", table)
    assert {fault.row for fault in faults} == {3}
    assert all(f"«{column}»" in fault.text.it and f"“{column}”" in fault.text.en for fault in faults)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("speed_m_s", value) for value in ("0.1", "0.79", "1", "2.5", "3", "3.0")),
        *(("steps_speed_m_s", value) for value in ("", "0.45")),
        *(("crossing_s", value) for value in ("0", "12", "7.5")),
        *(("bands", value) for value in ("", "residents_0_14", "residents_65_74 residents_75_over")),
    ],
)
def test_a_right_cell_is_no_fault(table: pd.DataFrame, column: str, value: str) -> None:
    table.loc[1, column] = value
    assert contract_faults("profiles.csv", table) == []


def test_a_profile_stands_in_one_row(table: pd.DataFrame) -> None:
    table.loc[2, "profile"] = "adulto"
    assert {fault.row for fault in contract_faults("profiles.csv", table)} & {4}
