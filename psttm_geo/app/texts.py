"""Words of the application in Italian and English, and numbers as each language writes them."""

import math
import re

from psttm_geo.app.data_texts import DATA_TEXTS
from psttm_geo.core.messages import Language, Text, gettext, pgettext
from psttm_geo.core.numbers import UNKNOWN, say_percent, write_number
from psttm_geo.core.provenance import marked, say_date

TEXTS = {
    "page": gettext("Pages"),
    "menu": gettext("Menu"),
    "brand": gettext("Strategic Plan"),
    "brand_of": gettext("Metropolitan City of Milan"),
    "group_territory": gettext("Territory"),
    "group_plan": gettext("The Plan"),
    "group_city": gettext("15-minute city"),
    "group_data": gettext("Data and method"),
    "about_territorio": gettext("Municipalities, zone omogenee and unioni di comuni"),
    "about_scheda": gettext("One municipality, zone or unione, to print"),
    "about_panoramica": gettext("Vision, missions, dates and acts"),
    "about_obiettivi": gettext("Where each goal applies and who acts"),
    "about_driver": gettext("Where the ten drivers have projects and money"),
    "about_attuazione": gettext("Projects, agreements and milestones"),
    "about_confronto": gettext("What changes from one edition to the next"),
    "about_quindici_minuti": gettext("Who reaches everyday services on foot"),
    "about_scenario": gettext("A service added, moved or closed"),
    "about_dove_serve": gettext("The best places for one more service"),
    "about_dati": gettext("Sources, dates, method, and what is missing"),
    "page_territorio": gettext("Map"),
    "page_panoramica": gettext("Overview"),
    "page_dati": gettext("Data and method"),
    "page_obiettivi": gettext("Goals"),
    "page_driver": gettext("Drivers"),
    "page_attuazione": gettext("Put into effect"),
    "page_quindici_minuti": gettext("Accessibility on foot"),
    "page_scenario": gettext("What if"),
    "page_dove_serve": gettext("Where next"),
    "site_count": gettext("How many"),
    "site_aim": gettext("What for"),
    "site_weight": gettext("Who counts"),
    "site_candidates": gettext("Among which places"),
    "page_scheda": gettext("Sheet"),
    "page_confronto": gettext("Comparison"),
    "edition": gettext("Edition of the Plan"),
    "search": gettext("Find a municipality"),
    "background": gettext("OpenStreetMap background"),
    "union_one": gettext("one unione di comuni ({names})"),
    "union_many": gettext("{count} unioni di comuni ({names})"),
    "union_none": gettext("no unione di comuni"),
    "table": gettext("Table"),
    "residents": gettext("Residents"),
    "cadastral_code": gettext("Cadastral code"),
    "zone": gettext("Zona omogenea"),
    "unknown": gettext("not known"),
    "municipality": gettext("Municipality"),
    "method": gettext(
        "Areas and densities are computed on the boundaries named, in EPSG:32632; on the map the "
        "boundaries are simplified."
    ),
    "goals": gettext("Goals"),
    "mission": gettext("Mission"),
    "indicator": gettext("Indicator"),
    "level": gettext("Who must act"),
    "actor": gettext("Named in the text"),
    "role": gettext("Role of who is named"),
    "key_word": gettext("Key word"),
    "key_word_marked": gettext(
        "The goals of the missions that the vision marks for the key word. The mark of the other "
        "missions is not legible: of {unknown} goals it is not known."
    ),
    "key_word_unknown": gettext(
        "No mark of the vision is legible for the key word: which missions it concerns is not known, "
        "and no goal is left out."
    ),
    "all": pgettext("missions", "all"),
    "all_level": pgettext("levels", "all"),
    "all_attore": pgettext("actors", "all"),
    "all_ruolo": pgettext("roles", "all"),
    "level_metropolitan_city": gettext("Metropolitan City"),
    "level_municipalities": gettext("Municipalities"),
    "level_others": gettext("Intermediate bodies and others"),
    "si": gettext("yes"),
    "no": gettext("no"),
    "non_indicato": gettext("not marked in the table"),
    "non_noto": gettext("not known"),
    "goals_found": gettext("{count} goals of {total}"),
    "goal_found": gettext("1 goal of {total}"),
    "applies_si": gettext("applies"),
    "applies_no": gettext("does not apply"),
    "applies_non_noto": gettext("not known"),
    "applies": gettext("Applies (where)"),
    "called": gettext("Involved (who)"),
    "reason": gettext("Reason"),
    "sentence_unknown": gettext("Where it applies is not known: an input is missing."),
    "sentence_unlisted": gettext("Where it applies is not known: the document does not list the places."),
    "sentence_called": gettext("Involves {count} municipalities."),
    "sentence_called_one": gettext("Involves one municipality."),
    "sentence_si_document": gettext("The level of the municipalities is marked in the document's table."),
    "sentence_si_inherited": gettext(
        "That municipalities are involved is inherited from edition {edition}: this document has no columns of levels."
    ),
    "sentence_si_from_text": gettext("That municipalities are involved is said by the goal's own text."),
    "sentence_non_indicato_document": gettext("The level of the municipalities is not marked in the document's table."),
    "sentence_non_indicato_inherited": gettext(
        "This document has no columns of levels: the level of the municipalities is inherited from "
        "edition {edition}, where it is not marked."
    ),
    "sentence_non_noto_document": gettext(
        "Whether it involves the municipalities is not known: no mark is legible on the document's row."
    ),
    "sentence_non_noto_inherited": gettext(
        "Whether it involves the municipalities is not known: this document has no columns of levels, and that of "
        "edition {edition}, from which it inherits, has no legible mark for this goal."
    ),
    "sentence_non_noto_none": gettext(
        "Whether it involves the municipalities is not known: the goal is new, and this document has "
        "no columns of levels."
    ),
    "basis_document": gettext("the document's table"),
    "basis_inherited": gettext("inherited from edition {edition}"),
    "basis_from_text": gettext("the goal's own text"),
    "basis_none": gettext("none: a new goal"),
    "scope_whole_area": gettext("the whole metropolitan area"),
    "scope_every_municipality": gettext("every municipality"),
    "scope_unlisted": gettext("places that the document does not list"),
    "scope_named": gettext("municipalities concerned by a public fact"),
    "scope_feature": gettext("municipalities that meet a mapped feature"),
    "scope_figure": gettext("municipalities by a figure"),
    "scope_basis": gettext("Basis of the scope"),
    "scope_basis_document": gettext("text of the document"),
    "scope_basis_editorial": gettext("this project's reading"),
    "focus": gettext("In particular"),
    "focus_si": gettext("named in particular"),
    "focus_non_noto": gettext("not known whether named in particular"),
    "sentence_focus": gettext("It names in particular: {names} (municipalities: {count})."),
    "sentence_focus_unknown": gettext(
        "It names in particular: {names} (municipalities: {count}; not known for {unknown} more)."
    ),
    "measure": gettext("Measure"),
    "measure_quota_tutte_15": gettext("residents with all essential services within 15 minutes on foot"),
    "doubtful": gettext("Doubtful: the extraction of the text very probably lost a mark of the Metropolitan City."),
    "doubtful_inherited": gettext(
        "Doubtful: of the table of {edition}, from which the levels are inherited, the extraction of "
        "the text very probably lost a mark of the Metropolitan City."
    ),
    "link_continued": gettext("continued"),
    "link_reworded": gettext("reworded"),
    "link_changed": gettext("changed in content"),
    "link_extended": gettext("extended"),
    "link_narrowed": gettext("narrowed"),
    "link_merged": gettext("merged with others"),
    "link_split": gettext("split"),
    "link_dropped": gettext("dropped"),
    "link_new": gettext("new"),
    "driver": gettext("Driver"),
    "drivers_not_additive": gettext(
        "A project of several drivers counts in each of them: sums by driver do not add up."
    ),
    "body": gettext("Implementing body"),
    "body_citta_metropolitana": gettext("Metropolitan City"),
    "body_comune": gettext("municipalities"),
    "body_altro": gettext("other bodies"),
    "status": gettext("Status"),
    "project_start_date": gettext("Planned start"),
    "project_actual_start_date": gettext("Actual start"),
    "project_end_date": gettext("Planned end"),
    "project_actual_end_date": gettext("Actual end"),
    "units": gettext("Map and ranking by"),
    "units_comuni": gettext("Municipalities"),
    "units_zone": gettext("Zone omogenee"),
    "units_unioni": gettext("Unioni di comuni"),
    "units_proprie": gettext("Own units"),
    "units_esagoni": gettext("Hexagons"),
    "nobody_lives": gettext("no residents"),
    "unit_comuni": gettext("Municipality"),
    "unit_zone": gettext("Zona omogenea"),
    "unit_unioni": gettext("Unione di comuni"),
    "unit_proprie": gettext("Unit"),
    "outside_own_units": gettext("in no unit"),
    "coverage": gettext("Coverage"),
    "coverage_documenti": gettext("What the documents say"),
    "coverage_misura": gettext("Indicator"),
    "coverage_progetti": gettext("Projects"),
    "coverage_importo": gettext("Amount"),
    "coverage_pro_capite": gettext("Amount per resident"),
    "coverage_si_applica": gettext("Goals that apply"),
    "coverage_chiamato": gettext("Goals that involve municipalities"),
    "coverage_misura_method": gettext(
        "An indicator beside the driver, not its measure: {indicator}, as a percentage with one decimal. It measures "
        "one of the goals that the driver combines and says nothing of the others."
    ),
    "indicator_quota_tutte_15": gettext(
        "residents with all essential services within 15 minutes on foot (goal {goal})"
    ),
    "coverage_progetti_method": gettext(
        "Projects of the register attributed to the driver, also of other editions in which it is the same driver: "
        "each counts once in a unit. Where there is none, but others wait for the office to attribute them, it is not "
        "known; projects of the PNRR whose measure no driver takes are said beside and make nothing unknown."
    ),
    "coverage_importo_method": gettext(
        "Known amount of the projects attributed to the driver; what a project is financed with falls to its "
        "municipalities by the published share, else in equal parts."
    ),
    "coverage_pro_capite_method": gettext(
        "Known amount of the projects attributed to the driver that falls to the unit, divided by its residents; by "
        "published shares, else in equal parts."
    ),
    "coverage_si_applica_method": gettext(
        "Share of the driver's goals that apply to the unit; a share of nothing but unknown goals is "
        "not known. Which goals a driver combines is this project's reading."
    ),
    "coverage_chiamato_method": gettext(
        "Share of the driver's goals that apply and involve the municipalities; those of which it is "
        "not known, or whose level is not marked in the table, stand apart in the ranking."
    ),
    "driver_map_projects_title": gettext("{coverage}: driver {driver} ({edition}), by {units}."),
    "driver_map_title": gettext("{coverage}, driver {driver}, by {units}, edition {edition}."),
    "driver_sentence_applies_unknown": gettext("Of the driver's goals it is not known where {share} apply."),
    "driver_sentence_called_unknown": gettext(
        "Of the driver's goals it is not known whether {share} involve the municipalities."
    ),
    "driver_sentence_called_unmarked": gettext("Level of the municipalities {unmarked}: {share} of the goals."),
    "title_basis": gettext("Origin of the title"),
    "title_basis_document": gettext("documents of the edition"),
    "title_basis_inherited": gettext("the other edition: this one gives no title"),
    "title_basis_editorial": gettext("our reading: the document gives a summary and no title"),
    "missions": gettext("Missions"),
    "driver_everywhere": gettext("All its goals ({count}) apply everywhere."),
    "driver_differs": gettext(
        "Goals that apply everywhere: {same} of {count}; not everywhere: {partly}; not known: {unknown}."
    ),
    "applies_unknown": gettext("Applies: not known"),
    "called_unknown": gettext("Involves municipalities: not known"),
    "called_unmarked": gettext("Level of municipalities: {unmarked}"),
    "projects": gettext("Projects"),
    "projects_not_known": gettext(
        "The register has no attributed project that could be this driver's: activated coverage is not known."
    ),
    "projects_counted": gettext("Projects counted"),
    "projects_tutte": gettext("all editions"),
    "projects_non_nota": gettext("edition not known"),
    "projects_edition": gettext("edition {edition}"),
    "projects_doubtful": gettext(
        "Projects with number {driver}, but of unknown edition: {count}; by that number editions "
        "mean different drivers, so they are neither counted nor ruled out."
    ),
    "projects_left_out": gettext("Projects of unknown edition, not counted: {count}."),
    "projects_unknown": gettext(
        "Whether the driver has projects is not known: none is attributed to it, but {waiting} wait for a driver."
    ),
    "projects_none": gettext("No project attributed to the driver, and none left to attribute."),
    "municipalities": gettext("Municipalities"),
    "register": gettext("Register of projects"),
    "file": gettext("File"),
    "before": gettext("Before"),
    "after": gettext("After"),
    "theme": gettext("The maps show"),
    "theme_unioni": gettext("Zones and unioni di comuni"),
    "theme_si_applica": gettext("Goals that apply"),
    "theme_chiamato": gettext("Goals that involve municipalities"),
    "tip_si_applica": gettext("Goals that apply: {count}; not known: {unknown}"),
    "tip_chiamato": gettext("Goals that involve the municipality: {count}; not known: {unknown}"),
    "comparison_goals": gettext(
        "From edition {before} to {after}: goals kept {kept}, changed {changed}, dropped {dropped}, new {new}."
    ),
    "comparison_far": gettext(
        "From edition {before} to {after}: what became of each goal is reported only between "
        "consecutive editions that both have goals."
    ),
    "none": pgettext("driver", "none"),
    "sheet": gettext("Table"),
    "sheet_missioni": gettext("Missions"),
    "sheet_obiettivi": gettext("Goals"),
    "sheet_comuni": gettext("Municipalities and unioni"),
    "sheet_driver": gettext("Drivers"),
    "sheet_partenariati": gettext("Partnerships"),
    "sheet_attori": gettext("Who acts"),
    "sheet_missioni_note": gettext(
        "Kept: continued or reworded; changed: in content, extended, narrowed, merged or split. "
        "Counted once in the later edition; the dropped in the earlier one."
    ),
    "sheet_obiettivi_note": gettext("The links between goals are this project's reading."),
    "sheet_comuni_note": gettext(
        "Municipalities that change union first, then those with another number of goals. Goals not "
        "known do not count as no."
    ),
    "sheet_driver_note": gettext(
        "Drivers stand side by side by number; their goals and missions are this project's reading."
    ),
    "sheet_partenariati_note": gettext("One row a partner, also where the editions give it different names."),
    "sheet_attori_note": gettext(
        "Goals whose text names the actor, in any role. The texts of some goals name nobody, which does not mean that "
        "nobody acts."
    ),
    "count_kept": gettext("Kept"),
    "count_changed": gettext("Changed"),
    "count_dropped": gettext("Dropped"),
    "count_new": gettext("New"),
    "count_applies": gettext("Apply"),
    "count_applies_unknown": gettext("Apply: not known"),
    "count_called": gettext("Involve it"),
    "count_called_unknown": gettext("Involve it: not known"),
    **DATA_TEXTS,
    "seconds": gettext("{count} s"),
    "minutes_seconds": gettext("{minutes} min {seconds} s"),
    "category": gettext("Services"),
    "profile": gettext("Who walks"),
    "reach": gettext("What"),
    "reach_quota": gettext("Within 15 minutes"),
    "reach_minuti": gettext("Minutes on average"),
    "reach_quota_method": gettext(
        "Residents who walk to the nearest service within 15 minutes, of those of the unit in the area that the "
        "extract covers. Who lives near no known street, or has no known place, is not counted among those who do; "
        "the share of those not known, or outside the extract, stands beside."
    ),
    "reach_minuti_method": gettext(
        "Minutes on foot to the nearest service, mean of connected residents; who does not arrive "
        "within 100 minutes counts 100."
    ),
    "access_sentence": gettext(
        "Metropolitan City, {profile}: {share} of residents arrive within 15 minutes ({category}); {minutes} on "
        "average. Residents not known, being outside the extract, far from streets or without a position: {unknown}."
    ),
    "access_sentence_unknown": gettext(
        "Metropolitan City, {profile} ({category}): share and minutes not known. Residents not "
        "known, being outside the extract, far from streets or without a position: {unknown}."
    ),
    "low_value": gettext("Low value"),
    "high_value": gettext("High value"),
    "by_age": gettext("By age"),
    "by_degurba": gettext("By degree of urbanisation"),
    "degurba": gettext("Class"),
    "gaps": gettext("What is lacking"),
    "gaps_essential": gettext("What is lacking, of essential categories"),
    "gaps_none": gettext("Nothing is lacking."),
    "gaps_none_known": gettext("Nothing is known to be lacking."),
    "residents_beyond": gettext("Residents beyond 15 minutes"),
    "access_method": gettext(
        "Times exact to a tenth of a second along the streets of OpenStreetMap, from where residents live to the "
        "accesses of services; speeds and their sources in profiles.csv, categories in services.csv."
    ),
    "access_limits": gettext(
        "Limits: slopes, traffic lights, opening hours and capacity are not counted; residents of a "
        "census section stand at one point."
    ),
    "map_by": gettext("Map by"),
    "whatif_hint": gettext(
        "A click on the map adds a service; a service is dragged to where it should be, or touched to move or close "
        "it. From afar, zoom in first. Everything can be done with the fields below, too."
    ),
    "whatif_loading": gettext(
        "Streets, services and residents are being loaded: only once, then answers are immediate."
    ),
    "whatif_map_today": gettext("{category}; residents within 15 minutes today; {profile}; by {units}."),
    "whatif_map": gettext(
        "{category}; who gains and who loses a service within 15 minutes; changes: {count}; {profile}; by {units}."
    ),
    "whatif_today": gettext("Today, within 15 minutes: {category}"),
    "whatif_change": gettext("Within 15 minutes, against today: {category}"),
    "whatif_gain": gettext("gains"),
    "whatif_same": gettext("as today"),
    "whatif_loss": gettext("loses"),
    "whatif_method": gettext(
        "Who arrives within 15 minutes on foot and does not today gains; who does today and would "
        "not any more loses. The rest is as on the page 15-minute city."
    ),
    "whatif_sign_aggiungi": gettext("added"),
    "whatif_sign_sposta": gettext("moved"),
    "whatif_sign_chiudi": gettext("closed"),
    "whatif_undo": gettext("Undo"),
    "whatif_redo": gettext("Redo"),
    "whatif_empty": gettext("Clear"),
    "whatif_change_aggiungi": gettext("{number}. {category}: {name} added at {place}"),
    "whatif_change_sposta": gettext("{number}. {category}: {name} moved to {place}"),
    "whatif_change_chiudi": gettext("{number}. {category}: {name} closed"),
    "whatif_do_aggiungi": gettext("Add"),
    "whatif_do_sposta": gettext("Move"),
    "whatif_do_chiudi": gettext("Close"),
    "whatif_which": gettext("Service (name or identifier)"),
    "whatif_which_new": gettext("Name of the service (optional)"),
    "whatif_not_found": gettext(
        "No service “{text}” in this category; write its name or its identifier, as in the layer servizi."
    ),
    "whatif_several": gettext("{count} services are called “{text}”; write one of these identifiers: {names}."),
    "whatif_too_many": gettext("The page holds {most} changes at most; for larger scenarios: psttm-geo what-if."),
    "whatif_file_large": gettext("{size} MB, 1 at most; make the file smaller."),
    "count_municipalities": gettext("municipalities"),
    "count_drivers": gettext("Drivers"),
    "source": gettext("Source"),
    "attribution": gettext("Attribution"),
    "address": gettext("Address"),
    "input_ok": gettext("in order"),
    "input_missing": gettext("missing"),
    "input_changed": gettext("changed after it was registered"),
    "sheet_choose": gettext("Choose a municipality in the search above, or on the map of another page."),
    "sheet_no_union": gettext("The edition has no unioni di comuni."),
    "sheet_of": gettext("Sheet of"),
    "sheet_where": gettext("Where it applies"),
    "sheet_everywhere": gettext("in all municipalities"),
    "sheet_unknown_everywhere": gettext("not known in all municipalities"),
    "sheet_whom_comuni": gettext("the municipality"),
    "sheet_whom_zone": gettext("the municipalities of the zona"),
    "sheet_whom_unioni": gettext("the municipalities of the unione"),
    "sheet_goals_sentence": gettext(
        "{called} goals of {total} involve {whom}; of {unknown} it is not known, of {unmarked} the level of the "
        "municipalities is not marked. {applies} of {total} apply in the territory; of {untold} it is not known."
    ),
    "sheet_goals_sentence_one": gettext(
        "1 goal of {total} involves {whom}; of {unknown} it is not known, of {unmarked} the level of the "
        "municipalities is not marked. {applies} of {total} apply in the territory; of {untold} it is not known."
    ),
    "sheet_own_action_comuni": gettext("Action of the municipality (DUP)"),
    "sheet_own_action_zone": gettext("Action of the municipalities (DUP)"),
    "sheet_own_action_unioni": gettext("Action of the unione (DUP)"),
    "synthetic": gettext(
        "SYNTHETIC DATA: the workspace holds an invented extract. Scopes, services and accessibility describe no place."
    ),
    "ignored": gettext("Parameters of the address not recognised and ignored: {names}."),
}


def say(message: str | Text, language: Language, /, **values: object) -> str:
    """Return an English message, or a text, in a language, its places filled."""
    text = gettext(message) if isinstance(message, str) else message
    return text.say(language).format(**values) if values else text.say(language)


def mark(language: Language, *, synthetic: bool) -> str:
    """Return what stands before a title or a sentence where something is made up."""
    return marked("", language, synthetic=synthetic)


def measure_name(measure: str, language: Language) -> str:
    """Return the indicator that measures a goal or a driver in words; one that has none by its identifier."""
    key = f"measure_{measure}"
    return say(TEXTS[key], language) if key in TEXTS else measure


def capitalised(text: str) -> str:
    """Return a text that begins with a capital; the rest of it stays."""
    return text[:1].upper() + text[1:]


def bold(text: str) -> str:
    """Return a text that Markdown shows in bold, as the heading of a part of a page."""
    return f"**{text}**"


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is: no link, image or emphasis comes of what a file or address holds."""
    return re.sub(r"([\\`*_\[\]()<>!|~$#])", r"\\\1", text)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """Return a number with the language's separators: 3.219.391 and 1.575,03 in Italian."""
    return write_number(value, language, decimals)


def span(low: float, high: float, language: Language) -> str:
    """Return the whole numbers from `low` to `high`: 71-73, or one where they are equal."""
    if math.isnan(low):
        return UNKNOWN.say(language)
    return number(low, language) if low == high else f"{number(low, language)}-{number(high, language)}"


def percent(share: float, language: Language) -> str:
    """Return a share (0-1) as a percentage, as :func:`psttm_geo.core.numbers.say_percent` says it."""
    return say_percent(share).say(language)


def duration(seconds: float, language: Language) -> str:
    """Return a time that has passed: 42 s, 3 min 5 s."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    if minutes:
        return say("{minutes} min {seconds} s", language, minutes=number(minutes, language), seconds=rest)
    return say("{count} s", language, count=rest)


def day(iso: str, language: Language) -> str:
    """Return an ISO 8601 date in words."""
    return say_date(iso).say(language)
