"""What residents can choose among, and who each service serves."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from psttm_geo.access.alternatives import Choice, list_catchments, list_choices
from psttm_geo.access.travel_times import TravelTimes
from psttm_geo.access.unit_reach import QUARTER_HOUR_MIN
from psttm_geo.jobs.access_model import AccessModel
from psttm_geo.schema.layers import AGE_BANDS


def measure_choices(model: AccessModel, travel_times: TravelTimes, choices: Mapping[str, Choice]) -> pd.DataFrame:
    """Return how much residents can choose among, as rows of the layer ``indicatori``."""
    owner = model.services.entrances["service_row"].to_numpy()
    within = model.walking.count_within(travel_times.categories, owner, minutes=QUARTER_HOUR_MIN)
    return list_choices(travel_times, choices, within, model.units.bases)


def measure_catchments(
    model: AccessModel, travel_times: TravelTimes, choices: Mapping[str, Choice]
) -> gpd.GeoDataFrame:
    """Return the layer ``bacini_servizi``: the residents who have each service as the nearest of its category.

    Services that nobody has as the nearest are left out; where residents are not known, their numbers are.
    """
    table = model.services.table
    counted = list_catchments(travel_times, choices, len(table))
    counted = counted[counted["residents"] > 0].reset_index(drop=True)
    row = counted["service_row"].to_numpy()
    if not model.people.known:
        counted = counted.assign(**dict.fromkeys(("residents", *AGE_BANDS), np.nan))
    named = {name: table[name].to_numpy()[row] for name in ("category", "service", "service_name")}
    points = shapely.point_on_surface(table.geometry.to_numpy()[row])
    return gpd.GeoDataFrame(counted.assign(**named), geometry=points, crs=table.crs)
