"""Contracts of the tables on the city: services, streets, profiles, mapped features, and where data come from."""

import pandera.pandas as pa

from psttm_geo.core.messages import gettext
from psttm_geo.schema.cells import COUNT, FILLED, FREE, IDENTIFIER, NAME, SHORT, TITLE, YEAR, YES, day, text
from psttm_geo.schema.code_lists import DOWNLOAD_GROUPS, SMOOTHNESS
from psttm_geo.schema.layers import AGE_BANDS

_SHA256 = r"[0-9a-f]{64}"
_NUMBER = gettext("a number, decimals after the point")
_YES_OR_NOTHING = gettext("si, no or nothing")
_OBJECT = gettext("way or node")
_PATH = gettext("a path from / on, {year} where the year stands")
_KIND = gettext("csv, pbf or zip")
_SERVER = gettext("an address https:// without a path")
_WHAT = gettext("a group: {listed}", listed=", ".join(DOWNLOAD_GROUPS))
_MODE = gettext("replaces or completes")
_CATEGORY_OR_ALL = gettext("a category of services.csv, or * for all")
_CATEGORY = gettext("a category of services.csv")
_SMOOTHNESS = gettext("a grade of OSM ({listed}), or nothing", listed=", ".join(SMOOTHNESS))
_SPEED = gettext("a walking speed in metres per second, from 0.1 to 3, decimals after the point")
_WALKING_SPEED = r"0\.[1-9]\d*|[12](\.\d+)?|3(\.0+)?"
_BAND = "|".join(AGE_BANDS)
_BANDS = gettext("age bands parted by spaces: {listed}", listed=", ".join(AGE_BANDS))
_SUM = gettext("a SHA-256 of 64 hexadecimal digits")

CITY = {
    "registers.csv": pa.DataFrameSchema(
        {
            "register": text(NAME, IDENTIFIER, unique=True),
            "title": text(FILLED),
            "publisher": text(FILLED),
            "address": text(FREE, blank=True),
            "licence": text(FILLED),
            "mode": text(_MODE, r"replaces|completes"),
            "crs": text(FILLED),
            "name": text(FILLED),
            "code": text(FREE, blank=True),
            "x": text(FILLED),
            "y": text(FILLED),
            "municipality_code": text(FREE, blank=True),
            "municipality": text(FREE, blank=True),
            "type": text(FREE, blank=True),
        },
        strict=True,
    ),
    "register_categories.csv": pa.DataFrameSchema(
        {
            "register": text(NAME, IDENTIFIER),
            "type": text(FILLED),
            "category": text(_CATEGORY, r"[a-z0-9_]+", blank=True),
            "reason_it": text(FREE, blank=True),
            "reason_en": text(FREE, blank=True),
        },
        unique=["register", "type"],
        strict=True,
    ),
    "walkable.csv": pa.DataFrameSchema(
        {
            "object": text(_OBJECT, r"way|node"),
            "key": text(FILLED),
            "value": text(FILLED),
            "rank": text(COUNT, r"[1-9]", blank=True),
            "verdict": text(_YES_OR_NOTHING, r"si|no", blank=True),
            "flag": text(FREE, blank=True),
            "kerb_cm": text(COUNT, r"\d{1,2}", blank=True),
            "reason_it": text(FILLED),
            "reason_en": text(FILLED),
        },
        unique=["object", "key", "value"],
        strict=True,
    ),
    "services.csv": pa.DataFrameSchema(
        {
            "category": text(NAME, r"[a-z0-9_]+"),
            "name_it": text(SHORT, TITLE),
            "name_en": text(SHORT, TITLE),
            "icon": text(FILLED),
            "essential": text(YES, r"si|no"),
            "reason_it": text(FILLED, default=""),
            "reason_en": text(FILLED, default=""),
            "source": text(FILLED, default=""),
            "key": text(FILLED),
            "value": text(FILLED),
            "and_key": text(FREE, blank=True),
            "and_value": text(FREE, blank=True),
            "level_unknown": text(YES, r"si|no"),
            "open_air": text(YES, r"si|no", default="no"),
            "note_it": text(FREE, blank=True, default=""),
            "note_en": text(FREE, blank=True, default=""),
        },
        unique=["category", "key", "value", "and_key", "and_value"],
        strict=True,
    ),
    "closed_services.csv": pa.DataFrameSchema(
        {
            "category": text(_CATEGORY_OR_ALL, r"[a-z0-9_]+|\*"),
            "key": text(FILLED),
            "value": text(FILLED),
            "rank": text(COUNT, r"[1-9]", blank=True),
            "verdict": text(_YES_OR_NOTHING, r"si|no", blank=True),
            "reason_it": text(FILLED),
            "reason_en": text(FILLED),
        },
        unique=["category", "key", "value"],
        strict=True,
    ),
    "profiles.csv": pa.DataFrameSchema(
        {
            "profile": text(NAME, r"[a-z0-9_]+", unique=True),
            "name_it": text(SHORT, TITLE),
            "name_en": text(SHORT, TITLE),
            "speed_m_s": text(_SPEED, _WALKING_SPEED),
            "steps_speed_m_s": text(_SPEED, _WALKING_SPEED, blank=True),
            "crossing_s": text(_NUMBER, r"\d+(\.\d+)?"),
            "kerb_max_cm": text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "slope_max_percent": text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "ramp_max_percent": text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "width_min_cm": text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "smoothness_worst": text(_SMOOTHNESS, "|".join(SMOOTHNESS), blank=True),
            "rough": text(_YES_OR_NOTHING, r"si|no", blank=True),
            "limits_source": text(FREE, blank=True),
            "bands": text(_BANDS, rf"({_BAND})( ({_BAND}))*", blank=True),
            "reason_it": text(FILLED),
            "reason_en": text(FILLED),
            "source": text(FILLED),
            "address": text(FILLED, r"https://\S+"),
        },
        strict=True,
    ),
    "features.csv": pa.DataFrameSchema(
        {
            "feature": text(NAME, r"[a-z0-9_]+"),
            "name_it": text(SHORT, TITLE),
            "name_en": text(SHORT, TITLE),
            "key": text(FILLED),
            "value": text(FILLED),
            "name_pattern": text(FREE, blank=True),
        },
        unique=["feature", "key", "value", "name_pattern"],
        strict=True,
    ),
    "downloads.csv": pa.DataFrameSchema(
        {
            "download": text(NAME, IDENTIFIER, unique=True),
            "what": text(_WHAT, "|".join(DOWNLOAD_GROUPS)),
            "title_it": text(FILLED),
            "title_en": text(FILLED),
            "publisher": text(FILLED),
            "server": text(_SERVER, r"https://[^/\s]+"),
            "mirror_setting": text(NAME, r"[a-z0-9_]+_url"),
            "path": text(_PATH, r"/\S+"),
            "checksum_path": text(_PATH, r"/\S+", blank=True),
            "file": text(FILLED, r"[^/\\\s]+"),
            "kind": text(_KIND, r"csv|pbf|zip"),
            "expects": text(FREE, blank=True),
            "first_year": text(YEAR, r"\d{4}", blank=True),
            "last_year": text(YEAR, r"\d{4}", blank=True),
            "latest_year": text(YEAR, r"\d{4}", blank=True),
            "size_mb": text(_NUMBER, r"\d+(\.\d+)?", blank=True),
            "licence": text(FILLED),
            "attribution": text(FILLED),
            "page": text(FILLED, r"https://\S+"),
        },
        strict=True,
    ),
    "sources.csv": pa.DataFrameSchema(
        {
            "source": text(NAME, IDENTIFIER, unique=True),
            "file": text(FREE, blank=True),
            "title": text(FILLED),
            "publisher": text(FILLED),
            "address": text(FREE, blank=True),
            "reference_date": day(),
            "taken_on": day(),
            "licence": text(FILLED),
            "attribution": text(FILLED),
            "sha256": text(_SUM, _SHA256, blank=True),
        },
        strict=True,
    ),
}
