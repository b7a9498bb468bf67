"""Code lists and keys that contracts, columns and layers share."""

from typing import Literal

Mark = Literal["si", "non_indicato", "non_noto"]
"""Of a level: a bullet, or named by the goal's own text; a blank cell beside another bullet; no legible bullet on the
row, or no row at all. None of them is "no"."""

MarkBasis = Literal["document", "inherited", "from_text", "none"]
"""Where a mark comes from: the table of the goal's document; the goals that it continues; its own text; nowhere."""

LEVELS = ("metropolitan_city", "municipalities", "others")
"""Who acts: the Metropolitan City, the municipalities, intermediate bodies and others."""

LEVEL_BASES = tuple(f"{level}_basis" for level in LEVELS)
"""Columns that hold the :data:`MarkBasis` of each level, in the order of levels."""

MARK_COLUMNS = (*LEVELS, "mark_basis", "doubtful", "mark_edition", *LEVEL_BASES, "text_passage")
"""What is known of the levels of a goal: the :data:`Mark` of each; the basis of the row, ``from_text`` where its text
names any level; whether a bullet was probably lost; the edition whose table (or text, where inherited) the marks come
from, several joined by commas, empty for none; the basis of each level; the passage of the goal's text that names
levels, empty for none."""

LINK_KINDS = ("continued", "reworded", "changed", "extended", "narrowed", "merged", "split", "dropped", "new")
"""What became of a goal from one edition to the next; ``changed``: some of its content left and other came."""

PARTNER_LINK_KINDS = ("same", "names")
"""Of two partnerships: they are with one partner under two names; the first names the other's partner too."""

SCOPES = ("whole_area", "every_municipality", "unlisted", "named", "feature", "figure")
"""Kinds of rule that say where a goal applies; ``unlisted`` where the document speaks of places and lists none."""

FOCUS_RULES = ("unlisted", "named", "feature", "figure")
"""Those that say which places a goal names in particular, beside its scope."""

GOAL_KEY = ["edition", "mission", "number"]
"""The columns that name a goal."""

CLASS_COLUMNS = ("urbanisation", "urbanisation_2", "urbanisation_basis")

DOWNLOAD_GROUPS = ("osm", "istat", "census", "residents", "registers", "pnrr")
"""What a user asks for; a group may be several files."""

MORE_DOWNLOADS = ("tenders", "payments")
"""Groups that only go with :data:`PROJECT_DOWNLOADS`."""

PROJECT_DOWNLOADS = "pnrr"
"""The group whose files, all together, a workspace takes as its register of projects."""

SMOOTHNESS = ("excellent", "good", "intermediate", "bad", "very_bad", "horrible", "very_horrible", "impassable")
"""OSM's scale of how even a surface is (wiki, Key:smoothness), each fit for fewer wheels than the one before."""
