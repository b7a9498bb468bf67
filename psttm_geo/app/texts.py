"""Words of the application in Italian and English, and numbers as each language writes them."""

import re

from psttm_geo.errors import Language, Text
from psttm_geo.model.provenance import say_date

TEXTS = {
    "app": Text(
        "Piano strategico della Città metropolitana di Milano",
        "Strategic Plan of the Metropolitan City of Milan",
    ),
    "page": Text("Pagina", "Page"),
    "page_territorio": Text("Territorio", "Territory"),
    "page_obiettivi": Text("Obiettivi", "Goals"),
    "edition": Text("Edizione del Piano", "Edition of the Plan"),
    "search": Text("Cerca un comune", "Find a municipality"),
    "search_hint": Text("Nome del comune…", "Name of the municipality…"),
    "background": Text("Sfondo OpenStreetMap", "OpenStreetMap background"),
    "background_help": Text(
        "Scarica la mappa di sfondo da openstreetmap.org: l'unica richiesta che esce da questo computer. "
        "Spento, la pagina non usa la rete.",
        "Fetches the background map from openstreetmap.org: the only request that leaves this computer. "
        "Switched off, the page uses no network.",
    ),
    "language": Text("Lingua", "Language"),
    "sentence": Text(
        "{count} comuni in {zones} zone omogenee e Milano, {area} km², {residents} residenti al {date}{estimate}. "
        "Edizione {edition}: {unions}.",
        "{count} municipalities in {zones} zone omogenee and Milan, {area} km², {residents} residents on "
        "{date}{estimate}. Edition {edition}: {unions}.",
    ),
    "union_one": Text("un'unione di comuni ({names})", "one unione di comuni ({names})"),
    "union_many": Text("{count} unioni di comuni ({names})", "{count} unioni di comuni ({names})"),
    "union_none": Text("nessuna unione di comuni", "no unione di comuni"),
    "estimate": Text(" (stima)", " (estimate)"),
    "map_title": Text(
        "Mappa delle zone omogenee e delle unioni di comuni, edizione {edition}. "
        "La tabella della pagina dice le stesse cose.",
        "Map of zone omogenee and unioni di comuni, edition {edition}. The table on the page says the same.",
    ),
    "file_title": Text(
        "Zone omogenee e unioni di comuni della Città metropolitana di Milano, edizione {edition}; "
        "confini e residenti ISTAT al {date}",
        "Zone omogenee and unioni di comuni of the Metropolitan City of Milan, edition {edition}; "
        "ISTAT's boundaries and residents on {date}",
    ),
    "legend": Text("Legenda", "Legend"),
    "legend_union": Text("unione di comuni ({edition})", "unione di comuni ({edition})"),
    "legend_outside": Text("altri comuni", "other municipalities"),
    "card": Text("Scheda", "Card"),
    "table": Text("Tabella", "Table"),
    "whole": Text("Città metropolitana di Milano", "Metropolitan City of Milan"),
    "choose": Text(
        "Scegliere un comune sulla mappa, nella ricerca o nella tabella.",
        "Choose a municipality on the map, in the search or in the table.",
    ),
    "clear": Text("Togli la scelta", "Clear the choice"),
    "residents_on": Text("residenti al {date}{estimate}", "residents on {date}{estimate}"),
    "area": Text("superficie", "area"),
    "density": Text("densità", "density"),
    "per_km2": Text("ab./km²", "per km²"),
    "ages": Text("Residenti per età", "Residents by age"),
    "band": Text("Età", "Age"),
    "residents": Text("Residenti", "Residents"),
    "share": Text("Quota", "Share"),
    "women_men": Text("Femmine {women}, maschi {men}.", "Women {women}, men {men}."),
    "istat_code": Text("Codice ISTAT", "ISTAT code"),
    "cadastral_code": Text("Codice catastale", "Cadastral code"),
    "zone": Text("Zona omogenea", "Zona omogenea"),
    "union_in": Text("Unione {edition}", "Unione {edition}"),
    "no_union": Text("nessuna", "none"),
    "unknown": Text("non noto", "not known"),
    "neighbours": Text("Comuni confinanti", "Neighbouring municipalities"),
    "neighbours_outside": Text("Fuori dal territorio: {names}.", "Outside the territory: {names}."),
    "zones_table": Text("Zone omogenee", "Zone omogenee"),
    "municipality": Text("Comune", "Municipality"),
    "table_hint": Text(
        "Un clic sull'intestazione ordina; la casella a sinistra sceglie il comune.",
        "A click on a heading sorts; the box on the left chooses the municipality.",
    ),
    "downloads": Text("Scarica", "Download"),
    "download_csv": Text("Tabella CSV", "Table CSV"),
    "download_gpkg": Text("GeoPackage", "GeoPackage"),
    "download_html": Text("Mappa HTML", "Map HTML"),
    "sources": Text("Fonti e licenze", "Sources and licences"),
    "source_line": Text(
        "{title}, {publisher}; dati al {date}; licenza: {licence}.",
        "{title}, {publisher}; data on {date}; licence: {licence}.",
    ),
    "notes": Text("Note sui dati", "Notes on the data"),
    "method": Text(
        "Superfici e densità sono calcolate sui confini indicati, in EPSG:32632; "
        "sulla mappa i confini sono semplificati.",
        "Areas and densities are computed on the boundaries named, in EPSG:32632; "
        "on the map the boundaries are simplified.",
    ),
    "goals": Text("Obiettivi", "Goals"),
    "goal": Text("Obiettivo", "Goal"),
    "mission": Text("Missione", "Mission"),
    "level": Text("Chi deve agire", "Who must act"),
    "key_word": Text("Parola chiave", "Key word"),
    "key_word_note": Text(
        "Obiettivi delle missioni che la visione segna per la parola chiave: in questa edizione i segni noti sono "
        "{count} su {total}, il resto non è noto.",
        "Goals of the missions that the vision marks for the key word: in this edition {count} marks of {total} "
        "are known, the rest is not.",
    ),
    "level_note": Text(
        "Solo gli obiettivi in cui il livello è segnato; di altri {count} non è noto.",
        "Only goals that mark the level; of {count} more it is not known.",
    ),
    "search_goals": Text("Cerca negli obiettivi", "Search the goals"),
    "all": Text("tutte", "all"),
    "level_metropolitan_city": Text("Città metropolitana", "Metropolitan City"),
    "level_municipalities": Text("Comuni", "Municipalities"),
    "level_others": Text("Corpi intermedi e altri", "Intermediate bodies and others"),
    "si": Text("sì", "yes"),
    "no": Text("no", "no"),
    "non_indicato": Text("non indicato nella tabella", "not marked in the table"),
    "non_noto": Text("non noto", "not known"),
    "applies_to": Text("Comuni a cui si applica", "Municipalities it applies to"),
    "goals_found": Text("{count} obiettivi su {total}", "{count} goals of {total}"),
    "applies_si": Text("si applica", "applies"),
    "applies_no": Text("non si applica", "does not apply"),
    "applies_non_noto": Text("non noto", "not known"),
    "applies": Text("Si applica (dove)", "Applies (where)"),
    "called": Text("Chiamato ad agire (chi)", "Called to act (who)"),
    "reason": Text("Motivo", "Reason"),
    "goal_map_title": Text(
        "Mappa dei comuni a cui si applica l'obiettivo {goal} dell'edizione {edition}. La tabella dice le stesse cose.",
        "Map of the municipalities that goal {goal} of edition {edition} applies to. The table says the same.",
    ),
    "sentence_applies": Text(
        "Si applica a {count} comuni su {total}.", "Applies to {count} of {total} municipalities."
    ),
    "sentence_unknown": Text(
        "Non è noto dove si applica: manca un dato.", "Where it applies is not known: an input is missing."
    ),
    "sentence_called": Text("Chiama ad agire {count} comuni.", "Calls {count} municipalities to act."),
    "sentence_level_si": Text("Segna il livello dei comuni.", "Marks the level of the municipalities."),
    "sentence_level_non_indicato": Text(
        "Il livello dei comuni non è indicato nella tabella del documento.",
        "The level of the municipalities is not marked in the document's table.",
    ),
    "sentence_level_non_noto": Text(
        "Non è noto se chiama i comuni: nella riga del documento nessun segno è leggibile.",
        "Whether it calls the municipalities is not known: no mark is legible on the document's row.",
    ),
    "mark_basis": Text("Livelli", "Levels"),
    "basis_document": Text("dalla tabella del documento", "from the document's table"),
    "basis_inherited": Text("dagli obiettivi che continua", "from the goals it continues"),
    "basis_none": Text("non noti: obiettivo nuovo, il documento non ha colonne", "not known: a new goal, no columns"),
    "scope": Text("Ambito", "Scope"),
    "scope_whole_area": Text("l'intero territorio metropolitano", "the whole metropolitan area"),
    "scope_every_municipality": Text("ogni comune", "every municipality"),
    "scope_named": Text("comuni interessati per fatto pubblico", "municipalities concerned by a public fact"),
    "scope_feature": Text("comuni toccati da un elemento mappato", "municipalities that meet a mapped feature"),
    "scope_figure": Text("comuni secondo una misura", "municipalities by a figure"),
    "measure": Text("Misura", "Measure"),
    "measure_quota_tutte_15": Text(
        "accessibilità: residenti con tutti i servizi essenziali entro 15 minuti a piedi (non ancora calcolata)",
        "accessibility: residents with all essential services within 15 minutes on foot (not computed yet)",
    ),
    "reference": Text("Riferimento", "Reference"),
    "doubtful": Text(
        "Dubbio: l'estrazione del testo ha molto probabilmente perso un segno della Città metropolitana.",
        "Doubtful: the extraction of the text very probably lost a mark of the Metropolitan City.",
    ),
    "other_editions": Text("Nelle altre edizioni", "In the other editions"),
    "link_continued": Text("continua", "continued"),
    "link_reworded": Text("riformulato", "reworded"),
    "link_extended": Text("ampliato", "extended"),
    "link_narrowed": Text("ristretto", "narrowed"),
    "link_merged": Text("unito con altri", "merged with others"),
    "link_split": Text("diviso", "split"),
    "link_dropped": Text("non ripreso", "dropped"),
    "link_new": Text("nuovo", "new"),
    "answers_table": Text("I comuni uno per uno", "The municipalities one by one"),
    "choose_goal": Text(
        "Scegliere un obiettivo nell'elenco: la mappa mostra dove si applica e perché.",
        "Choose a goal in the list: the map shows where it applies and why.",
    ),
    "marks_unknown": Text("Livelli non noti", "Levels not known"),
    "ignored": Text(
        "Nel collegamento {names} non si riconosce ed è stato ignorato.",
        "In the link {names} is not recognised and was ignored.",
    ),
}


def say(key: str, language: Language, **values: object) -> str:
    """Return a text in a language, its places filled."""
    return TEXTS[key].say(language).format(**values)


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is: no link, image or emphasis comes of what a file or address holds."""
    return re.sub(r"([\\`*_\[\]()<>!|~$#])", r"\\\1", text)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """Return a number with the language's separators: 3.219.391 and 1.575,03 in Italian."""
    english = f"{value:,.{decimals}f}"
    return english if language == "en" else english.translate(str.maketrans(",.", ".,"))


def day(iso: str, language: Language) -> str:
    """Return an ISO 8601 date in words."""
    return say_date(iso).say(language)
