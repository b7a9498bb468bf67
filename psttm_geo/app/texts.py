"""Words of the application in Italian and English, and numbers as each language writes them."""

import math
import re

from psttm_geo.core.errors import Language, Text
from psttm_geo.core.numbers import say_percent
from psttm_geo.core.provenance import marked, say_date

TEXTS = {
    "app": Text(
        "Piano strategico della Città metropolitana di Milano",
        "Strategic Plan of the Metropolitan City of Milan",
    ),
    "page": Text("Pagina", "Page"),
    "page_territorio": Text("Territorio", "Territory"),
    "page_panoramica": Text("Panoramica", "Overview"),
    "page_dati": Text("Dati e metodo", "Data and method"),
    "page_obiettivi": Text("Obiettivi", "Goals"),
    "page_driver": Text("Driver", "Drivers"),
    "page_quindici_minuti": Text("Città a 15 minuti", "15-minute city"),
    "page_scenario": Text("Cosa cambia se", "What if"),
    "page_scheda": Text("Scheda", "Sheet"),
    "page_confronto": Text("Confronto", "Comparison"),
    "edition": Text("Edizione del Piano", "Edition of the Plan"),
    "search": Text("Cerca un comune", "Find a municipality"),
    "search_hint": Text("Nome del comune…", "Name of the municipality…"),
    "background": Text("Sfondo OpenStreetMap", "OpenStreetMap background"),
    "background_help": Text(
        "Scarica la mappa di sfondo da openstreetmap.org. Spento, le mappe non usano la rete.",
        "Fetches the background map from openstreetmap.org. Switched off, the maps use no network.",
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
    "whole_short": Text("Città metropolitana", "Metropolitan City"),
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
        "{title}; {dated}; licenza: {licence}.",
        "{title}; {dated}; licence: {licence}.",
    ),
    "public_facts": Text("Fatti pubblici sui luoghi: {names}.", "Public facts on places: {names}."),
    "source_attribution": Text("Attribuzione: {attribution}.", "Attribution: {attribution}."),
    "data_on": Text("dati al {date}", "data on {date}"),
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
    "key_word_marked": Text(
        "Gli obiettivi delle missioni che la visione segna per la parola chiave. Delle altre missioni il segno non si "
        "legge: di {unknown} obiettivi non è noto.",
        "The goals of the missions that the vision marks for the key word. The mark of the other missions is not "
        "legible: of {unknown} goals it is not known.",
    ),
    "key_word_unknown": Text(
        "Nessun segno della visione si legge per la parola chiave: non è noto quali missioni riguardi, e nessun "
        "obiettivo è escluso.",
        "No mark of the vision is legible for the key word: which missions it concerns is not known, and no goal is "
        "left out.",
    ),
    "key_word_of": Text("Parola chiave: {name}", "Key word: {name}"),
    "level_note": Text(
        "Solo gli obiettivi in cui il livello è segnato; di altri {count} non è noto.",
        "Only goals that mark the level; of {count} more it is not known.",
    ),
    "search_goals": Text("Cerca negli obiettivi", "Search the goals"),
    "all": Text("tutte", "all"),
    "all_level": Text("tutti", "all"),
    "level_metropolitan_city": Text("Città metropolitana", "Metropolitan City"),
    "level_municipalities": Text("Comuni", "Municipalities"),
    "level_others": Text("Corpi intermedi e altri", "Intermediate bodies and others"),
    "si": Text("sì", "yes"),
    "no": Text("no", "no"),
    "non_indicato": Text("non indicato nella tabella", "not marked in the table"),
    "non_indicato_in": Text("non indicato nella tabella {edition}", "not marked in the table of {edition}"),
    "non_noto": Text("non noto", "not known"),
    "applies_to": Text("Comuni a cui si applica", "Municipalities it applies to"),
    "goals_found": Text("{count} obiettivi su {total}", "{count} goals of {total}"),
    "goal_found": Text("1 obiettivo su {total}", "1 goal of {total}"),
    "applies_si": Text("si applica", "applies"),
    "applies_no": Text("non si applica", "does not apply"),
    "applies_non_noto": Text("non noto", "not known"),
    "applies": Text("Si applica (dove)", "Applies (where)"),
    "called": Text("Coinvolto (chi)", "Involved (who)"),
    "reason": Text("Motivo", "Reason"),
    "goal_map_title": Text(
        "Comuni a cui si applica l'obiettivo {goal} dell'edizione {edition}: {title}.",
        "Municipalities that goal {goal} of edition {edition} applies to: {title}.",
    ),
    "sentence_applies": Text(
        "Si applica a {count} comuni su {total}.", "Applies to {count} of {total} municipalities."
    ),
    "sentence_unknown": Text(
        "Non è noto dove si applica: manca un dato.", "Where it applies is not known: an input is missing."
    ),
    "sentence_unlisted": Text(
        "Non è noto dove si applica: il documento non elenca i luoghi.",
        "Where it applies is not known: the document does not list the places.",
    ),
    "sentence_called": Text("Coinvolge {count} comuni.", "Involves {count} municipalities."),
    "sentence_called_one": Text("Coinvolge un comune.", "Involves one municipality."),
    "sentence_si_document": Text(
        "Il livello dei Comuni è indicato nella tabella del documento.",
        "The level of the municipalities is marked in the document's table.",
    ),
    "sentence_si_inherited": Text(
        "Che i Comuni siano coinvolti è ereditato dall'edizione {edition}: questo documento non ha colonne dei "
        "livelli.",
        "That municipalities are involved is inherited from edition {edition}: this document has no columns of levels.",
    ),
    "sentence_si_from_text": Text(
        "Che i Comuni siano coinvolti lo dice il testo dell'obiettivo.",
        "That municipalities are involved is said by the goal's own text.",
    ),
    "sentence_non_indicato_document": Text(
        "Il livello dei Comuni non è indicato nella tabella del documento.",
        "The level of the municipalities is not marked in the document's table.",
    ),
    "sentence_non_indicato_inherited": Text(
        "Questo documento non ha colonne dei livelli: il livello dei Comuni è ereditato dall'edizione {edition}, dove "
        "non è indicato.",
        "This document has no columns of levels: the level of the municipalities is inherited from edition {edition}, "
        "where it is not marked.",
    ),
    "sentence_non_noto_document": Text(
        "Non è noto se coinvolge i Comuni: nella riga del documento nessun segno è leggibile.",
        "Whether it involves the municipalities is not known: no mark is legible on the document's row.",
    ),
    "sentence_non_noto_inherited": Text(
        "Non è noto se coinvolge i Comuni: questo documento non ha colonne dei livelli, e quello dell'edizione "
        "{edition}, da cui eredita, non ha segni leggibili per questo obiettivo.",
        "Whether it involves the municipalities is not known: this document has no columns of levels, and that of "
        "edition {edition}, from which it inherits, has no legible mark for this goal.",
    ),
    "sentence_non_noto_none": Text(
        "Non è noto se coinvolge i Comuni: l'obiettivo è nuovo, e questo documento non ha colonne dei livelli.",
        "Whether it involves the municipalities is not known: the goal is new, and this document has no columns of "
        "levels.",
    ),
    "levels_inherited": Text(
        "Il documento {edition} non ha colonne dei livelli: chi è coinvolto è ereditato dalla tabella {tables}, o lo "
        "dice il testo dell'obiettivo.",
        "The document of {edition} has no columns of levels: who is involved is inherited from the table of {tables}, "
        "or said by the goal's own text.",
    ),
    "mark_basis": Text("Base dei livelli", "Basis of the levels"),
    "level_basis": Text("Base del livello", "Basis of the level"),
    "basis_document": Text("tabella del documento", "the document's table"),
    "basis_inherited": Text("ereditato dall'edizione {edition}", "inherited from edition {edition}"),
    "basis_from_text": Text("testo dell'obiettivo", "the goal's own text"),
    "basis_none": Text("nessuna: obiettivo nuovo", "none: a new goal"),
    "scope": Text("Ambito", "Scope"),
    "scope_whole_area": Text("l'intero territorio metropolitano", "the whole metropolitan area"),
    "scope_every_municipality": Text("ogni comune", "every municipality"),
    "scope_unlisted": Text("luoghi che il documento non elenca", "places that the document does not list"),
    "scope_named": Text("comuni interessati per fatto pubblico", "municipalities concerned by a public fact"),
    "scope_feature": Text("comuni toccati da un elemento mappato", "municipalities that meet a mapped feature"),
    "scope_figure": Text("comuni secondo una misura", "municipalities by a figure"),
    "scope_reason": Text("Motivo dell'ambito", "Reason of the scope"),
    "scope_basis": Text("Fondamento dell'ambito", "Basis of the scope"),
    "scope_basis_document": Text("testo del documento", "text of the document"),
    "scope_basis_editorial": Text("lettura del progetto", "this project's reading"),
    "scope_said": Text("Ambito: {scope}. {reason}.", "Scope: {scope}. {reason}."),
    "focus": Text("In particolare", "In particular"),
    "focus_reason": Text("Motivo del riferimento", "Reason of the reference"),
    "focus_si": Text("nominato in particolare", "named in particular"),
    "focus_non_noto": Text("non noto se nominato in particolare", "not known whether named in particular"),
    "focus_row": Text("{name}: {reason} ({basis})", "{name}: {reason} ({basis})"),
    "focus_tip": Text("{reason}. In particolare: {focus}", "{reason}. In particular: {focus}"),
    "focus_none": Text("niente", "nothing"),
    "sentence_focus": Text(
        "Nomina in particolare: {names} (comuni: {count}).",
        "It names in particular: {names} (municipalities: {count}).",
    ),
    "sentence_focus_unknown": Text(
        "Nomina in particolare: {names} (comuni: {count}; non è noto per altri {unknown}).",
        "It names in particular: {names} (municipalities: {count}; not known for {unknown} more).",
    ),
    "measure": Text("Misura", "Measure"),
    "measure_quota_tutte_15": Text(
        "residenti con tutti i servizi essenziali entro 15 minuti a piedi",
        "residents with all essential services within 15 minutes on foot",
    ),
    "measure_value": Text(
        "{measure}: {share} nella Città metropolitana", "{measure}: {share} in the Metropolitan City"
    ),
    "measure_not_computed": Text("{measure} (non ancora calcolata)", "{measure} (not computed yet)"),
    "reference": Text("Riferimento", "Reference (in Italian)"),
    "doubtful": Text(
        "Dubbio: l'estrazione del testo ha molto probabilmente perso un segno della Città metropolitana.",
        "Doubtful: the extraction of the text very probably lost a mark of the Metropolitan City.",
    ),
    "doubtful_inherited": Text(
        "Dubbio: dalla tabella {edition}, da cui i livelli sono ereditati, l'estrazione del testo ha molto "
        "probabilmente perso un segno della Città metropolitana.",
        "Doubtful: of the table of {edition}, from which the levels are inherited, the extraction of the text very "
        "probably lost a mark of the Metropolitan City.",
    ),
    "other_editions": Text("Nelle altre edizioni", "In the other editions"),
    "link_continued": Text("continua", "continued"),
    "link_reworded": Text("riformulato", "reworded"),
    "link_changed": Text("modificato nel contenuto", "changed in content"),
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
    "marks_unknown": Text("Comuni: non noto", "Municipalities: not known"),
    "driver": Text("Driver", "Driver"),
    "units": Text("Mappa e graduatoria per", "Map and ranking by"),
    "units_comuni": Text("Comuni", "Municipalities"),
    "units_zone": Text("Zone omogenee", "Zone omogenee"),
    "units_unioni": Text("Unioni di comuni", "Unioni di comuni"),
    "units_proprie": Text("Unità proprie", "Own units"),
    "units_esagoni": Text("Esagoni", "Hexagons"),
    "nobody_lives": Text("nessun residente", "no residents"),
    "unit_comuni": Text("Comune", "Municipality"),
    "unit_zone": Text("Zona omogenea", "Zona omogenea"),
    "unit_unioni": Text("Unione di comuni", "Unione di comuni"),
    "unit_proprie": Text("Unità", "Unit"),
    "outside_own_units": Text("in nessuna unità", "in no unit"),
    "outside_units": Text("in nessuna unione", "in no unione"),
    "coverage": Text("Copertura", "Coverage"),
    "coverage_misura": Text("Indicatore", "Indicator"),
    "coverage_progetti": Text("Progetti", "Projects"),
    "coverage_importo": Text("Importo", "Amount"),
    "coverage_si_applica": Text("Obiettivi che si applicano", "Goals that apply"),
    "coverage_chiamato": Text("Obiettivi che coinvolgono i Comuni", "Goals that involve municipalities"),
    "coverage_misura_method": Text(
        "Un indicatore accanto al driver, non la sua misura: {indicator}, in percentuale con un decimale. Misura uno "
        "degli obiettivi che il driver combina; degli altri non dice niente.",
        "An indicator beside the driver, not its measure: {indicator}, as a percentage with one decimal. It measures "
        "one of the goals that the driver combines and says nothing of the others.",
    ),
    "indicator_beside": Text("Un indicatore accanto", "An indicator beside it"),
    "indicator_quota_tutte_15": Text(
        "residenti con tutti i servizi essenziali entro 15 minuti a piedi (obiettivo {goal})",
        "residents with all essential services within 15 minutes on foot (goal {goal})",
    ),
    "coverage_progetti_method": Text(
        "Progetti del registro attribuiti al driver, anche di altre edizioni in cui è lo stesso driver: in un'unità "
        "ogni progetto conta una volta. Dove non ce n'è nessuno, ma altri attendono di essere attribuiti, non è noto.",
        "Projects of the register attributed to the driver, also of other editions in which it is the same driver: "
        "each counts once in a unit. Where there is none, but others wait to be attributed, it is not known.",
    ),
    "coverage_importo_method": Text(
        "Importo noto dei progetti attribuiti al driver, diviso in parti uguali fra i comuni del progetto.",
        "Known amount of the projects attributed to the driver, in equal parts among a project's municipalities.",
    ),
    "coverage_si_applica_method": Text(
        "Quota degli obiettivi del driver che si applicano all'unità; una quota fatta solo di obiettivi non noti è "
        "non nota. Gli obiettivi di un driver sono una lettura del progetto.",
        "Share of the driver's goals that apply to the unit; a share of nothing but unknown goals is not known. "
        "Which goals a driver combines is this project's reading.",
    ),
    "coverage_chiamato_method": Text(
        "Quota degli obiettivi del driver che si applicano e coinvolgono i Comuni; quelli di cui non è noto, o il cui "
        "livello non è indicato nella tabella, sono a parte nella graduatoria.",
        "Share of the driver's goals that apply and involve the municipalities; those of which it is not known, or "
        "whose level is not marked in the table, stand apart in the ranking.",
    ),
    "driver_map_projects_title": Text(
        "{coverage}: driver {driver} ({edition}), per {units}.",
        "{coverage}: driver {driver} ({edition}), by {units}.",
    ),
    "driver_map_title": Text(
        "{coverage}, driver {driver}, per {units}, edizione {edition}.",
        "{coverage}, driver {driver}, by {units}, edition {edition}.",
    ),
    "driver_sentence_unknown": Text(
        "Non è noto per {count} {units} su {count}.", "Not known for {count} of {count} {units}."
    ),
    "driver_sentence_same": Text(
        "{value} ovunque è noto: {known} {units} su {count}.",
        "{value} wherever it is known: {known} of {count} {units}.",
    ),
    "driver_sentence_range": Text(
        "Da {low} a {high} ({highest}). È noto per {known} {units} su {count}.",
        "From {low} to {high} ({highest}). It is known for {known} of {count} {units}.",
    ),
    "driver_sentence_applies_unknown": Text(
        "Degli obiettivi del driver non è noto dove si applichi il {share}.",
        "Of the driver's goals it is not known where {share} apply.",
    ),
    "driver_sentence_called_unknown": Text(
        "Degli obiettivi del driver non è noto se coinvolga i Comuni il {share}.",
        "Of the driver's goals it is not known whether {share} involve the municipalities.",
    ),
    "driver_sentence_called_unmarked": Text(
        "Livello dei Comuni {unmarked}: {share} degli obiettivi.",
        "Level of the municipalities {unmarked}: {share} of the goals.",
    ),
    "no_drivers": Text(
        "L'edizione {edition} non ha ancora driver nelle tabelle.",
        "Edition {edition} has no drivers in the tables yet.",
    ),
    "title_basis": Text("Origine del titolo", "Origin of the title"),
    "title_basis_document": Text("documenti dell'edizione", "documents of the edition"),
    "title_basis_inherited": Text(
        "l'altra edizione: questa riassume il driver senza titolo", "the other edition: this one gives no title"
    ),
    "title_basis_editorial": Text(
        "nostra lettura: il documento riassume il driver senza titolo",
        "our reading: the document gives a summary and no title",
    ),
    "missions": Text("Missioni", "Missions"),
    "driver_no_goals": Text(
        "Nessun obiettivo è ancora collegato a questo driver.", "No goal is linked to this driver yet."
    ),
    "driver_everywhere": Text(
        "I suoi obiettivi ({count}) si applicano tutti ovunque.", "All its goals ({count}) apply everywhere."
    ),
    "driver_differs": Text(
        "Obiettivi che si applicano ovunque: {same} su {count}; non ovunque: {partly}; non è noto: {unknown}.",
        "Goals that apply everywhere: {same} of {count}; not everywhere: {partly}; not known: {unknown}.",
    ),
    "driver_goals_basis": Text("Una riga scelta apre l'obiettivo.", "A chosen row opens the goal."),
    "ranking": Text("Graduatoria", "Ranking"),
    "rank": Text("Posizione", "Rank"),
    "applies_unknown": Text("Si applica: non noto", "Applies: not known"),
    "called_unknown": Text("Coinvolge i Comuni: non noto", "Involves municipalities: not known"),
    "called_unmarked": Text("Livello dei Comuni: {unmarked}", "Level of municipalities: {unmarked}"),
    "projects": Text("Progetti", "Projects"),
    "no_register": Text(
        "Nella cartella di lavoro non c'è un registro di progetti: che cosa è attivato non è noto.",
        "The workspace holds no register of projects: what is activated is not known.",
    ),
    "projects_not_told": Text(
        "Il registro non ha progetti attribuiti che possano essere di questo driver: che cosa è attivato non è noto.",
        "The register has no attributed project that could be this driver's: what is activated is not known.",
    ),
    "projects_counted": Text("Progetti contati", "Projects counted"),
    "projects_tutte": Text("tutte le edizioni", "all editions"),
    "projects_non_nota": Text("edizione non nota", "edition not known"),
    "projects_edition": Text("edizione {edition}", "edition {edition}"),
    "projects_undated": Text(
        "Progetti del driver di edizione non nota: {count}.", "Projects of the driver of unknown edition: {count}."
    ),
    "projects_doubtful": Text(
        "Progetti con il numero {driver}, ma di edizione non nota: {count}; con quel numero le edizioni indicano "
        "driver diversi, perciò non sono né contati né esclusi.",
        "Projects with number {driver}, but of unknown edition: {count}; by that number editions mean different "
        "drivers, so they are neither counted nor ruled out.",
    ),
    "driver_elsewhere": Text(
        "Nell'edizione {edition} il numero {driver} è un altro driver ({title}): i suoi progetti non sono contati qui.",
        "In edition {edition} number {driver} is another driver ({title}): its projects are not counted here.",
    ),
    "projects_left_out": Text(
        "Progetti di edizione non nota, non contati: {count}.", "Projects of unknown edition, not counted: {count}."
    ),
    "projects_unknown": Text(
        "Non è noto se il driver ha progetti: nessuno gli è attribuito; in attesa di un driver: {waiting}.",
        "Whether the driver has projects is not known: none is attributed to it, but {waiting} wait for a driver.",
    ),
    "projects_none": Text(
        "Nessun progetto attribuito al driver, né progetti da attribuire.",
        "No project attributed to the driver, and none left to attribute.",
    ),
    "projects_sentence": Text(
        "Progetti attribuiti al driver: {count}; {amount}. In attesa di un driver: {waiting}.",
        "Projects attributed to the driver: {count}; {amount}. Waiting for a driver: {waiting}.",
    ),
    "projects_amount": Text(
        "importo noto {amount}, progetti senza importo: {missing}",
        "known amount {amount}, projects without an amount: {missing}",
    ),
    "projects_no_amount": Text("nessun importo noto", "no amount known"),
    "projects_first": Text(
        "I primi {shown} per importo; il CSV li ha tutti.", "The first {shown} by amount; the CSV holds them all."
    ),
    "projects_csv": Text("Progetti CSV", "Projects CSV"),
    "register_holds": Text("Progetti nel registro: {count} ({parts}).", "Projects in the register: {count} ({parts})."),
    "register_beside": Text(
        "Fra i risultati del {edition} il documento «{document}» conta {count} {kind}, per {amount}: non sono tutti i "
        "progetti del Piano, e il registro può averne altri.",
        "Among the results of {edition} the document “{document}” counts {count} {kind}, for {amount}: these are not "
        "all projects of the plan, and the register may have others.",
    ),
    "many_municipalities": Text("{count} comuni", "{count} municipalities"),
    "municipalities": Text("Comuni", "Municipalities"),
    "project_code": Text("Codice", "Code"),
    "project_title": Text("Titolo", "Title"),
    "project_status": Text("Stato", "Status"),
    "register": Text("Registro dei progetti", "Register of projects"),
    "register_help": Text(
        "Un registro dell'ente (CSV o XLSX) o le localizzazioni di OpenCUP. Se una riga contiene errori, non si carica "
        "niente e gli errori sono elencati uno per uno.",
        "A register of the office (CSV or XLSX) or OpenCUP's places. If a row is wrong nothing is loaded, and the "
        "faults are listed one by one.",
    ),
    "register_template": Text("Modello da riempire", "Template to fill in"),
    "register_file": Text("Registro", "Register"),
    "attribution_file": Text("Attribuzione ai driver (cup,driver)", "Attribution to drivers (cup,driver)"),
    "register_load": Text("Carica nella cartella di lavoro", "Load into the workspace"),
    "register_loaded": Text("Caricato.", "Loaded."),
    "register_refused": Text(
        "Non caricato. Errori: {count}; correggerli nel file e caricarlo di nuovo.",
        "Not loaded. Faults: {count}; mend them in the file and load it again.",
    ),
    "register_held": Text("Registro in uso: {name}.", "Register in use: {name}."),
    "register_remove": Text("Togli il registro", "Remove the register"),
    "file": Text("File", "File"),
    "row": Text("Riga", "Row"),
    "fault": Text("Errore", "Fault"),
    "before": Text("Prima", "Before"),
    "after": Text("Dopo", "After"),
    "theme": Text("Le mappe mostrano", "The maps show"),
    "theme_unioni": Text("Zone e unioni di comuni", "Zones and unioni di comuni"),
    "theme_si_applica": Text("Obiettivi che si applicano", "Goals that apply"),
    "theme_chiamato": Text("Obiettivi che coinvolgono i Comuni", "Goals that involve municipalities"),
    "tip_si_applica": Text(
        "Obiettivi che si applicano: {count}; non noti: {unknown}", "Goals that apply: {count}; not known: {unknown}"
    ),
    "tip_chiamato": Text(
        "Obiettivi che coinvolgono il comune: {count}; non noti: {unknown}",
        "Goals that involve the municipality: {count}; not known: {unknown}",
    ),
    "comparison_map_title": Text("{theme}, edizione {edition}.", "{theme}, edition {edition}."),
    "one_edition": Text(
        "Le tabelle hanno una sola edizione del Piano: non c'è un'altra con cui confrontarla.",
        "The tables hold one edition of the plan only: there is no other to compare it with.",
    ),
    "comparison_goals": Text(
        "Dall'edizione {before} alla {after}: obiettivi conservati {kept}, modificati {changed}, "
        "non ripresi {dropped}, nuovi {new}.",
        "From edition {before} to {after}: goals kept {kept}, changed {changed}, dropped {dropped}, new {new}.",
    ),
    "comparison_far": Text(
        "Dall'edizione {before} alla {after}: che cosa è diventato ogni obiettivo si dice solo fra due edizioni vicine "
        "che abbiano entrambe obiettivi.",
        "From edition {before} to {after}: what became of each goal is told only between neighbouring editions that "
        "both have goals.",
    ),
    "comparison_unions": Text(
        "Comuni che cambiano unione: {count} ({names}).", "Municipalities that change union: {count} ({names})."
    ),
    "comparison_changed": Text(
        "Comuni con un altro numero di obiettivi che si applicano o li coinvolgono: {count}.",
        "Municipalities with another number of goals that apply or involve them: {count}.",
    ),
    "comparison_side": Text(
        "{count} per comune nell'edizione {edition} (non noti: {unknown})",
        "{count} per municipality in edition {edition} (not known: {unknown})",
    ),
    "none": Text("nessuno", "none"),
    "sheet": Text("Tabella", "Table"),
    "sheet_missioni": Text("Missioni", "Missions"),
    "sheet_obiettivi": Text("Obiettivi", "Goals"),
    "sheet_comuni": Text("Comuni e unioni", "Municipalities and unioni"),
    "sheet_driver": Text("Driver", "Drivers"),
    "sheet_partenariati": Text("Partenariati", "Partnerships"),
    "sheet_missioni_note": Text(
        "Conservati: continuati o riformulati; modificati: modificati nel contenuto, ampliati, ristretti, uniti o "
        "divisi. Contati una volta sull'edizione più recente; i non ripresi su quella precedente.",
        "Kept: continued or reworded; changed: in content, extended, narrowed, merged or split. Counted once in the "
        "later edition; the dropped in the earlier one.",
    ),
    "sheet_obiettivi_note": Text(
        "I legami fra gli obiettivi sono una lettura del progetto.",
        "The links between goals are this project's reading.",
    ),
    "sheet_comuni_note": Text(
        "Prima i comuni che cambiano unione, poi quelli con un altro numero di obiettivi. Gli obiettivi non noti non "
        "sono contati come no.",
        "Municipalities that change union first, then those with another number of goals. Goals not known do not "
        "count as no.",
    ),
    "sheet_driver_note": Text(
        "I driver sono affiancati per numero; i loro obiettivi e le loro missioni sono una lettura del progetto.",
        "Drivers stand side by side by number; their goals and missions are this project's reading.",
    ),
    "sheet_partenariati_note": Text(
        "Una riga per partner, anche dove le edizioni lo chiamano con nomi diversi.",
        "One row a partner, also where the editions give it different names.",
    ),
    "named_within": Text("nominato con: {partner}", "named with: {partner}"),
    "link_note": Text("Che cosa cambia", "What changes (in Italian)"),
    "total": Text("Totale", "Total"),
    "count_kept": Text("Conservati", "Kept"),
    "count_changed": Text("Modificati", "Changed"),
    "count_dropped": Text("Non ripresi", "Dropped"),
    "count_new": Text("Nuovi", "New"),
    "count_applies": Text("Si applicano", "Apply"),
    "count_applies_unknown": Text("Si applicano: non noto", "Apply: not known"),
    "count_called": Text("Coinvolgono il comune", "Involve it"),
    "count_called_unknown": Text("Coinvolgono il comune: non noto", "Involve it: not known"),
    "link": Text("Che cosa è successo", "What became of it"),
    "partner": Text("Partner", "Partner"),
    "not_named": Text("non nominato", "not named"),
    "access_absent": Text(
        "Non c'è ancora nessun calcolo dell'accessibilità nella cartella di lavoro: per farlo servono strade e servizi "
        "di OpenStreetMap.",
        "The workspace holds no accessibility yet: to compute it, streets and services of OpenStreetMap are needed.",
    ),
    "data": Text("Scegliere i dati", "Choose the data"),
    "data_open": Text("Scegliere i dati nella pagina Città a 15 minuti", "Choose the data on the page 15-minute city"),
    "data_in_use": Text(
        "Dati in uso: **{title}**, al {date}. Cambiarli…", "Data in use: **{title}**, of {date}. Change them…"
    ),
    "data_in_use_undated": Text("Dati in uso: **{title}**. Cambiarli…", "Data in use: **{title}**. Change them…"),
    "data_served": Text(
        "I dati di questa pagina li sceglie chi gestisce il server: qui si guardano e non si cambiano.",
        "Whoever runs the server chooses the data of this page: here they are looked at and not changed.",
    ),
    "data_way": Text("Da dove", "From where"),
    "data_way_file": Text("Un estratto su questo computer", "An extract on this computer"),
    "data_way_file_caption": Text(
        "Un file OpenStreetMap che copra il territorio; niente rete.",
        "An OpenStreetMap file that covers the territory; no network.",
    ),
    "data_way_download": Text("Scaricare l'estratto", "Download the extract"),
    "data_way_download_caption": Text(
        "L'Italia nord-ovest da Geofabrik; se si interrompe, riprende.",
        "North-west Italy from Geofabrik; goes on where it was cut.",
    ),
    "data_way_municipality": Text("Un comune dal vivo", "One municipality, live"),
    "data_way_municipality_caption": Text(
        "Poche strade, subito, da Overpass; il risultato è un file.",
        "A few streets, at once, from Overpass; the result is a file.",
    ),
    "data_way_synthetic": Text("Una prova con dati sintetici", "A try-out with synthetic data"),
    "data_way_synthetic_caption": Text(
        "DATI SINTETICI: strade e servizi inventati; niente rete.",
        "SYNTHETIC DATA: invented streets and services; no network.",
    ),
    "data_path": Text("Percorso dell'estratto", "Path of the extract"),
    "data_path_help": Text(
        "Un file .osm.pbf, .osm, .osm.gz o .osm.bz2. Resta dov'è: si legge una volta, e la cartella di lavoro tiene "
        "pronto quello che serve.",
        "A .osm.pbf, .osm, .osm.gz or .osm.bz2 file. It stays where it is: it is read once, and the workspace keeps "
        "ready what is needed.",
    ),
    "data_units": Text("Unità dell'ente (facoltative)", "The office's own units (optional)"),
    "data_units_help": Text(
        "Il percorso di un file vettoriale di poligoni (Municipi, NIL…), se si vogliono i risultati anche per queste.",
        "The path of a vector file of polygons (Municipi, NIL…), where results are wanted by these too.",
    ),
    "data_no_path": Text(
        "Manca il percorso: scrivere quello di un estratto OpenStreetMap su questo computer.",
        "The path is missing: write that of an OpenStreetMap extract on this computer.",
    ),
    "data_compute": Text("Calcola", "Compute"),
    "data_uses": Text("Con l'estratto si useranno:", "Used beside the extract:"),
    "data_residents": Text("residenti: {publisher}, {title}, al {date};", "residents: {publisher}, {title}, {date};"),
    "data_census_held": Text(
        "sezioni di censimento: quelle della cartella di lavoro;", "census sections: those of the workspace;"
    ),
    "data_census_missing": Text(
        "sezioni di censimento: mancano, quindi dentro ogni comune i residenti sono distribuiti sugli edifici "
        "abitabili o sulle strade, con meno precisione (si aggiungono con `psttm-geo inputs add census`);",
        "census sections: missing, so inside each municipality residents are spread over buildings to live in or over "
        "streets, less precisely (`psttm-geo inputs add census` adds them);",
    ),
    "data_registers_held": Text(
        "registri ufficiali di servizi: quelli della cartella di lavoro;",
        "official registers of services: those of the workspace;",
    ),
    "data_registers_missing": Text(
        "registri ufficiali di servizi: mancano, quindi contano i soli servizi di OpenStreetMap "
        "(si aggiungono con `psttm-geo inputs add registers`);",
        "official registers of services: missing, so only the services of OpenStreetMap count "
        "(`psttm-geo inputs add registers` adds them);",
    ),
    "data_degurba_held": Text(
        "grado di urbanizzazione: quello della cartella di lavoro.", "degree of urbanisation: that of the workspace."
    ),
    "data_degurba_missing": Text(
        "grado di urbanizzazione: manca, quindi si calcola in via sperimentale.",
        "degree of urbanisation: missing, so it is computed, experimentally.",
    ),
    "data_replaces": Text(
        "I risultati nuovi prendono il posto di quelli di oggi ({title}), che restano finché il calcolo non è finito.",
        "The new results take the place of today's ({title}), which stay until the computation has ended.",
    ),
    "data_offer": Text(
        "**{title}** ({publisher}; licenza {licence}): circa {size}, da {server}. Niente è chiesto alla rete prima "
        "del clic.",
        "**{title}** ({publisher}; licence {licence}): about {size}, from {server}. Nothing is asked of the network "
        "before the click.",
    ),
    "data_ask_size": Text("Chiedi al server quanto pesa", "Ask the server how large it is"),
    "data_no_answer": Text(
        "{server}: {fault}. Niente è stato scaricato; riprovare, o scaricare il file altrove e indicarne il percorso.",
        "{server}: {fault}. Nothing was downloaded; try again, or download the file elsewhere and give its path.",
    ),
    "data_size": Text(
        "Pesa **{size}**; sul disco restano {free}. Va in {path}",
        "It has **{size}**; the disk has {free} left. It goes to {path}",
    ),
    "data_resumes": Text(
        "Ne sono già arrivati {done}: si riprende da lì, se il file del server è ancora lo stesso.",
        "{done} are here already: it goes on from there, if the server's file is still the same.",
    ),
    "data_download": Text("Scarica {size} e calcola", "Download {size} and compute"),
    "data_live": Text(
        "A {server} si chiedono le strade, i servizi e gli edifici del comune e di due chilometri intorno: serve la "
        "rete, e il servizio può far aspettare. Le quote pesano gli edifici abitabili, non i residenti. La pagina "
        "mostra solo il territorio intero, quindi il risultato è un GeoPackage con esagoni, quote e carenze del "
        "comune; i risultati di oggi restano come sono.",
        "{server} is asked for streets, services and buildings of the municipality and two kilometres around: this "
        "needs the network, and the service may keep one waiting. Shares weigh buildings to live in, not residents. "
        "The page shows only the whole territory, so the result is a GeoPackage with hexagons, shares and gaps of the "
        "municipality; today's results stay as they are.",
    ),
    "data_live_start": Text("Chiedi e calcola", "Ask and compute"),
    "data_no_municipality": Text("Manca il comune: sceglierne uno.", "The municipality is missing: choose one."),
    "data_synthetic": Text(
        "DATI SINTETICI: i contorni e i residenti dei comuni sono quelli veri, strade, servizi ed edifici "
        "sono inventati. Nessuna quota e nessun minuto descrive Milano, e ogni pagina lo dirà.",
        "SYNTHETIC DATA: outlines and residents of the municipalities are the real ones, streets, services and "
        "buildings are invented. No share and no minute describes Milan, and every page will say so.",
    ),
    "data_synthetic_size": Text("Quanto grande", "How large"),
    "data_junctions": Text("circa {count} incroci", "about {count} junctions"),
    "data_synthetic_start": Text("Inventa e calcola", "Invent and compute"),
    "data_synthetic_replaces": Text(
        "Sostituisci i risultati veri di oggi ({title}) con quelli inventati",
        "Replace today's real results ({title}) with invented ones",
    ),
    "data_back": Text(
        "Per tornare ai risultati veri si ricalcolano dal loro estratto, con «Un estratto su questo computer».",
        "To go back to the real results, compute them again from their extract, with “An extract on this computer”.",
    ),
    "data_task_file": Text("Calcolo da un estratto", "Computation from an extract"),
    "data_task_download": Text("Download e calcolo", "Download and computation"),
    "data_task_municipality": Text("Un comune dal vivo", "One municipality, live"),
    "data_task_synthetic": Text("Prova con dati sintetici", "Try-out with synthetic data"),
    "data_step": Text("Passo {number} di {count}: {name}", "Step {number} of {count}: {name}"),
    "data_step_download": Text("download", "download"),
    "data_step_ask": Text("domande a OpenStreetMap", "questions to OpenStreetMap"),
    "data_step_invent": Text("invenzione del territorio", "invention of the territory"),
    "data_step_compute": Text("calcolo dell'accessibilità", "computation of accessibility"),
    "data_begins": Text("In corso…", "Under way…"),
    "data_reading": Text("lettura dell'estratto: {share}", "reading the extract: {share}"),
    "data_part_of": Text("{done} di {total}", "{done} of {total}"),
    "data_parts": Text("fatte {done} parti su {total}", "{done} parts of {total} done"),
    "data_running": Text(
        "Da {since}. La pagina resta usabile, e il lavoro continua anche se la si chiude o si ricarica.",
        "For {since}. The page stays usable, and the work goes on even if it is closed or loaded again.",
    ),
    "data_cancel": Text("Annulla", "Cancel"),
    "data_stopping": Text("Si sta fermando…", "Stopping…"),
    "data_dismiss": Text("Chiudi l'avviso", "Dismiss"),
    "data_done_file": Text(
        "Calcolo finito, da {about}: i risultati sono in questa pagina.",
        "Computed from {about}: the results are on this page.",
    ),
    "data_done_download": Text(
        "Scaricato {about} e finito il calcolo: i risultati sono in questa pagina.",
        "Downloaded {about} and computed: the results are on this page.",
    ),
    "data_done_municipality": Text(
        "Calcolo finito per {about}, su quello che OpenStreetMap ne ha adesso: mappa, cifre e file qui sotto; il "
        "resto della pagina mostra ancora quello che mostrava.",
        "Computed for {about}, on what OpenStreetMap has of it now: map, figures and file below; the rest of the page "
        "still shows what it showed.",
    ),
    "data_done_synthetic": Text(
        "Prova finita: i risultati di questa pagina sono DATI SINTETICI, da {about}. Per averne di veri, «Un "
        "estratto su questo computer» o «Scaricare l'estratto».",
        "Try-out done: the results on this page are SYNTHETIC DATA, from {about}. For real ones, “An extract on this "
        "computer” or “Download the extract”.",
    ),
    "data_notices": Text("Che cosa sapere di questo calcolo", "What to know of this computation"),
    "data_weights": Text(
        "Quote e minuti pesati con gli edifici abitabili, o con le strade dove mancano: non con i residenti.",
        "Shares and minutes weighted by buildings to live in, or by streets where there are none: not by residents.",
    ),
    "data_layers": Text("Scarica il GeoPackage del comune", "Download the municipality's GeoPackage"),
    "data_cancelled": Text(
        "Annullato: {name}. I risultati di prima, se c'erano, sono rimasti come erano.{kept}",
        "Cancelled: {name}. The results from before, if there were any, are as they were.{kept}",
    ),
    "data_kept_part": Text(
        " Quello che è arrivato resta: un altro download continua da lì.",
        " What has arrived stays: another download goes on from there.",
    ),
    "data_crashed": Text(
        "Il lavoro si è interrotto senza una spiegazione (codice {code}; ultima riga: {last}).{killed} I risultati di "
        "prima, se c'erano, sono rimasti come erano.",
        "The work broke off without an explanation (code {code}; last line: {last}).{killed} The results from before, "
        "if there were any, are as they were.",
    ),
    "data_killed": Text(
        " Lo ha fermato il sistema: forse la memoria non bastava.",
        " The system stopped it: there may not have been enough memory.",
    ),
    "seconds": Text("{count} s", "{count} s"),
    "minutes_seconds": Text("{minutes} min {seconds} s", "{minutes} min {seconds} s"),
    "category": Text("Servizi", "Services"),
    "profile": Text("Chi cammina", "Who walks"),
    "reach": Text("Che cosa", "What"),
    "reach_quota": Text("Entro 15 minuti", "Within 15 minutes"),
    "reach_minuti": Text("Minuti in media", "Minutes on average"),
    "reach_quota_method": Text(
        "Residenti che arrivano a piedi al servizio più vicino entro 15 minuti, su quelli dell'unità nell'area coperta "
        "dall'estratto. Chi non abita vicino a una strada nota, o non ha posizione, non è contato fra chi arriva; la "
        "quota di chi non è noto, o è fuori dall'estratto, sta a parte.",
        "Residents who walk to the nearest service within 15 minutes, of those of the unit in the area that the "
        "extract covers. Who lives near no known street, or has no known place, is not counted among those who do; the "
        "share of those not known, or outside the extract, stands beside.",
    ),
    "reach_minuti_method": Text(
        "Minuti a piedi fino al servizio più vicino, media dei residenti connessi; chi non arriva entro 100 minuti "
        "conta 100.",
        "Minutes on foot to the nearest service, mean of connected residents; who does not arrive within 100 minutes "
        "counts 100.",
    ),
    "all_essential": Text("Tutte le essenziali", "All essential ones"),
    "essential_note": Text(
        "Con l'asterisco le categorie essenziali. Di una categoria senza servizi nei dati non è noto niente, e nemmeno "
        "di tutte insieme.",
        "An asterisk marks essential categories. Nothing is known of a category without services in the data, nor of "
        "all together.",
    ),
    "access_map_title": Text(
        "{reach}: {category}; {profile}; per {units}.", "{reach}: {category}; {profile}; by {units}."
    ),
    "access_sentence": Text(
        "Città metropolitana, {profile}: {share} dei residenti arriva entro 15 minuti ({category}); in media "
        "{minutes}. Residenti non noti, perché fuori dall'estratto, lontani dalle strade o senza posizione: {unknown}.",
        "Metropolitan City, {profile}: {share} of residents arrive within 15 minutes ({category}); {minutes} on "
        "average. Residents not known, being outside the extract, far from streets or without a position: {unknown}.",
    ),
    "access_sentence_unknown": Text(
        "Città metropolitana, {profile} ({category}): quota e minuti non noti. Residenti non noti, perché fuori "
        "dall'estratto, lontani dalle strade o senza posizione: {unknown}.",
        "Metropolitan City, {profile} ({category}): share and minutes not known. Residents not known, being outside "
        "the extract, far from streets or without a position: {unknown}.",
    ),
    "access_near_end": Text(
        "Vicino al margine dell'estratto, oltre il quale può esserci un servizio più vicino: {people} residenti, i cui "
        "tempi sono un limite superiore.",
        "Near the end of the extract, where a nearer service may stand beyond: {people} residents, whose times are "
        "upper bounds.",
    ),
    "by_category": Text("Per categoria", "By category"),
    "by_age": Text("Per età", "By age"),
    "by_degurba": Text("Per grado di urbanizzazione", "By degree of urbanisation"),
    "degurba": Text("Classe", "Class"),
    "experimental": Text("sperimentale", "experimental"),
    "split_by_age_only": Text("Non noto.", "Not known."),
    "all_ages": Text("tutte le età", "all ages"),
    "not_known_share": Text("Non noto", "Not known"),
    "gaps": Text("Che cosa manca", "What is lacking"),
    "gaps_essential": Text("Che cosa manca, fra le categorie essenziali", "What is lacking, of essential categories"),
    "gaps_none": Text("Nessuna carenza.", "Nothing is lacking."),
    "gaps_none_known": Text("Nessuna carenza nota.", "Nothing is known to be lacking."),
    "gaps_unknown": Text(
        "Carenze non note: l'estratto non ne dice abbastanza.",
        "What is lacking is not known: the extract does not say enough of it.",
    ),
    "gaps_unknown_categories": Text(
        "Non noto per queste categorie: {names}.", "Not known for these categories: {names}."
    ),
    "gaps_unknown_towns": Text(
        "Comuni di cui non è noto nulla: {count}.", "Municipalities of which nothing is known: {count}."
    ),
    "gaps_unknown_residents": Text(
        "Residenti di cui non è noto: {count}.", "Residents of whom it is not known: {count}."
    ),
    "gaps_note": Text(
        "Per ogni comune e categoria, i residenti oltre 15 minuti e i loro minuti in media, dalla carenza più grave. "
        "Righe mostrate: {shown} di {count}; tutte nel layer carenze_comuni del GeoPackage, per esagono in carenze.",
        "For each municipality and category, residents beyond 15 minutes and their minutes on average, gravest first. "
        "Rows shown: {shown} of {count}; all in the layer carenze_comuni of the GeoPackage, by hexagon in carenze.",
    ),
    "less_than_one": Text("meno di 1", "less than 1"),
    "residents_beyond": Text("Residenti oltre 15 minuti", "Residents beyond 15 minutes"),
    "access_sources": Text("Da dove vengono queste cifre", "Where these figures come from"),
    "access_method": Text(
        "Tempi esatti al decimo di secondo lungo le strade di OpenStreetMap, dalle posizioni dei residenti agli "
        "accessi dei "
        "servizi; velocità e fonti in profiles.csv, categorie in services.csv.",
        "Times exact to a tenth of a second along the streets of OpenStreetMap, from where residents live to the "
        "accesses "
        "of services; speeds and their sources in profiles.csv, categories in services.csv.",
    ),
    "access_limits": Text(
        "Limiti: pendenze, semafori, orari e capienza dei servizi non sono contati; i residenti di una sezione "
        "stanno in un "
        "punto.",
        "Limits: slopes, traffic lights, opening hours and capacity are not counted; residents of a census "
        "section stand "
        "at one point.",
    ),
    "around": Text("Da un punto", "From a point"),
    "around_title": Text(
        "Fin dove si arriva a piedi in 5, 10 e 15 minuti dal punto {point}; {profile}.",
        "How far one walks in 5, 10 and 15 minutes from the point {point}; {profile}.",
    ),
    "around_point": Text("Punto (latitudine, longitudine)", "Point (latitude, longitude)"),
    "around_hint": Text(
        "Un clic sulla mappa disegna fin dove si arriva a piedi in 5, 10 e 15 minuti, e dice quanti residenti e quali "
        "servizi ci sono. Il punto si può anche scrivere qui.",
        "A click on the map draws how far one walks in 5, 10 and 15 minutes, and tells how many residents and which "
        "services are there. The point can be written here, too.",
    ),
    "around_clear": Text("Togli il punto", "Clear the point"),
    "around_unreadable": Text(
        "«{text}» non è un punto; scrivere latitudine e longitudine in gradi, ad esempio 45.4642, 9.19.",
        "“{text}” is no point; write latitude and longitude in degrees, such as 45.4642, 9.19.",
    ),
    "around_loading": Text(
        "Strade e residenti si stanno caricando: una volta sola, poi la risposta è immediata.",
        "Streets and residents are being loaded: only once, then answers are immediate.",
    ),
    "around_within": Text("entro {minutes} minuti", "within {minutes} minutes"),
    "around_inside": Text(
        "entro {minutes} minuti: {residents} residenti", "within {minutes} minutes: {residents} residents"
    ),
    "around_residents": Text("residenti entro {minutes} minuti", "residents within {minutes} minutes"),
    "around_sentence": Text(
        "{marked}{profile}: categorie essenziali raggiunte entro 15 minuti: {count} su {total}.",
        "{marked}{profile}: essential categories reached within 15 minutes: {count} of {total}.",
    ),
    "around_lacking": Text("Non si raggiungono: {names}.", "Not reached: {names}."),
    "around_not_known": Text("Non è noto di: {names}.", "Not known of: {names}."),
    "around_nearest": Text("Il più vicino", "The nearest"),
    "around_number": Text("{minutes} min", "{minutes} min"),
    "around_beyond": Text("oltre {minutes} min", "over {minutes} min"),
    "around_method": Text(
        "Residenti e servizi sono contati con il tempo a piedi lungo le strade, come in tutta la pagina: chi abita "
        "poco lontano da una strada è contato anche se il disegno non lo comprende.",
        "Residents and services are counted by the walk along streets, as everywhere on this page: who lives a little "
        "way off a street is counted also where the drawing leaves the place out.",
    ),
    "around_walker": Text(
        "Chi cammina: {profile}, {speed} m/s in piano. Da un punto si va con un passo solo: se non se ne sceglie un "
        "altro è quello dell'adulto, anche quando il resto della pagina dà a ogni età il suo passo.",
        "Who walks: {profile}, {speed} m/s on the flat. From a point one walks at one pace: unless another is chosen "
        "it is the adult's, also where the rest of the page gives every age its pace.",
    ),
    "around_csv": Text("Servizi CSV", "Services CSV"),
    "around_gpkg": Text("Isocrone GeoPackage", "Isochrones GeoPackage"),
    "map_by": Text("Mappa per", "Map by"),
    "whatif_hint": Text(
        "Un clic sulla mappa aggiunge un servizio; un servizio si trascina dove lo si vuole, o si tocca per spostarlo "
        "o chiuderlo. Da lontano conviene prima ingrandire. Tutto si può fare anche con i campi qui sotto.",
        "A click on the map adds a service; a service is dragged to where it should be, or touched to move or close "
        "it. From afar, zoom in first. Everything can be done with the fields below, too.",
    ),
    "whatif_loading": Text(
        "Strade, servizi e residenti si stanno caricando: una volta sola, poi la risposta è immediata.",
        "Streets, services and residents are being loaded: only once, then answers are immediate.",
    ),
    "whatif_map_today": Text(
        "{category}; residenti entro 15 minuti oggi; {profile}; per {units}.",
        "{category}; residents within 15 minutes today; {profile}; by {units}.",
    ),
    "whatif_map": Text(
        "{category}; chi guadagna e chi perde un servizio entro 15 minuti; modifiche: {count}; {profile}; per {units}.",
        "{category}; who gains and who loses a service within 15 minutes; changes: {count}; {profile}; by {units}.",
    ),
    "whatif_today": Text("Oggi, entro 15 minuti: {category}", "Today, within 15 minutes: {category}"),
    "whatif_change": Text(
        "Entro 15 minuti, rispetto a oggi: {category}", "Within 15 minutes, against today: {category}"
    ),
    "whatif_gain": Text("guadagna", "gains"),
    "whatif_same": Text("come oggi", "as today"),
    "whatif_loss": Text("perde", "loses"),
    "whatif_tip": Text(
        "{net} residenti entro 15 minuti; {share}",
        "{net} residents within 15 minutes; {share}",
    ),
    "whatif_tip_hexagon": Text("{net} residenti entro 15 minuti", "{net} residents within 15 minutes"),
    "whatif_sentence": Text(
        "{marked}{category}, {profile}: residenti entro 15 minuti {gained} in più, {lost} in meno; {share}.",
        "{marked}{category}, {profile}: residents within 15 minutes {gained} more, {lost} fewer; {share}.",
    ),
    "whatif_walks": Text(
        "Residenti per cui il cammino si accorcia: {shorter}; si allunga: {longer}.",
        "Residents whose walk gets shorter: {shorter}; longer: {longer}.",
    ),
    "whatif_unknown": Text(
        "{marked}{category}, {profile}: non è noto chi guadagna e chi perde; di una categoria senza servizi non è noto "
        "niente.",
        "{marked}{category}, {profile}: who gains and who loses is not known; nothing is known of a category without "
        "services.",
    ),
    "whatif_method": Text(
        "Guadagna chi con lo scenario arriva entro 15 minuti a piedi e oggi non arriva; perde chi oggi arriva e con lo "
        "scenario non arriverebbe. Il resto è come nella pagina Città a 15 minuti.",
        "Who arrives within 15 minutes on foot and does not today gains; who does today and would not any more loses. "
        "The rest is as on the page 15-minute city.",
    ),
    "whatif_signs": Text("Segni sulla mappa", "Signs on the map"),
    "whatif_sign_today": Text("servizio di oggi", "service of today"),
    "whatif_sign_aggiungi": Text("aggiunto", "added"),
    "whatif_sign_sposta": Text("spostato", "moved"),
    "whatif_sign_chiudi": Text("chiuso", "closed"),
    "whatif_undo": Text("Annulla", "Undo"),
    "whatif_redo": Text("Ripeti", "Redo"),
    "whatif_empty": Text("Svuota", "Clear"),
    "whatif_changes": Text("Modifiche", "Changes"),
    "whatif_no_changes": Text("Nessuna modifica ancora.", "No change yet."),
    "whatif_remove": Text("Togli la modifica {number}", "Remove change {number}"),
    "whatif_change_aggiungi": Text(
        "{number}. {category}: aggiunto {name} in {place}", "{number}. {category}: {name} added at {place}"
    ),
    "whatif_change_sposta": Text(
        "{number}. {category}: spostato {name} in {place}", "{number}. {category}: {name} moved to {place}"
    ),
    "whatif_change_chiudi": Text("{number}. {category}: chiuso {name}", "{number}. {category}: {name} closed"),
    "whatif_new": Text("un nuovo servizio", "a new service"),
    "whatif_by_hand": Text("Senza la mappa", "Without the map"),
    "whatif_action": Text("Che cosa fare", "What to do"),
    "whatif_do_aggiungi": Text("Aggiungere", "Add"),
    "whatif_do_sposta": Text("Spostare", "Move"),
    "whatif_do_chiudi": Text("Chiudere", "Close"),
    "whatif_which": Text("Servizio (nome o identificativo)", "Service (name or identifier)"),
    "whatif_which_new": Text("Nome del servizio (facoltativo)", "Name of the service (optional)"),
    "whatif_where": Text("Punto (latitudine, longitudine)", "Point (latitude, longitude)"),
    "whatif_do": Text("Applica", "Apply"),
    "whatif_not_found": Text(
        "Nessun servizio «{text}» in questa categoria; scrivere il nome o l'identificativo, come nel layer servizi.",
        "No service “{text}” in this category; write its name or its identifier, as in the layer servizi.",
    ),
    "whatif_several": Text(
        "{count} servizi si chiamano «{text}»; scrivere uno di questi identificativi: {names}.",
        "{count} services are called “{text}”; write one of these identifiers: {names}.",
    ),
    "whatif_too_many": Text(
        "La pagina tiene al massimo {most} modifiche; per scenari più grandi: psttm-geo what-if.",
        "The page holds {most} changes at most; for larger scenarios: psttm-geo what-if.",
    ),
    "whatif_held": Text(
        "Lo scenario è troppo grande per l'indirizzo: scaricarlo, perché un collegamento o una nuova visita non lo "
        "hanno.",
        "The scenario is too large for the address: download it, for neither a link nor another visit has it.",
    ),
    "whatif_file": Text("File dello scenario", "File of the scenario"),
    "whatif_download": Text("Scarica lo scenario", "Download the scenario"),
    "whatif_template": Text("Modello vuoto", "Empty template"),
    "whatif_file_help": Text(
        "Una tabella CSV o XLSX con azione, categoria, servizio, nome, lon, lat: la stessa che legge psttm-geo "
        "what-if. Se una riga contiene errori, non si apre niente e gli errori sono elencati uno per uno. Il file non "
        "resta sul server.",
        "A table, CSV or XLSX, with azione, categoria, servizio, nome, lon, lat: the same that psttm-geo what-if "
        "reads. If a row is wrong nothing is opened, and the faults are listed one by one. The file does not stay on "
        "the server.",
    ),
    "whatif_file_served": Text(
        "Questo sito non accetta file: uno scenario si riapre dal suo collegamento. Quelli troppo grandi per "
        "l'indirizzo (al massimo {most} modifiche) si aprono con psttm-geo su un computer proprio.",
        "This site takes no files: a scenario is opened again from its link. Those too large for the address ({most} "
        "changes at most) are opened with psttm-geo on a computer of one's own.",
    ),
    "whatif_upload": Text("Scenario (CSV o XLSX, al massimo 1 MB)", "Scenario (CSV or XLSX, 1 MB at most)"),
    "whatif_open": Text("Apri lo scenario", "Open the scenario"),
    "whatif_opened": Text("Scenario aperto; modifiche: {count}.", "Scenario opened; changes: {count}."),
    "whatif_refused": Text(
        "Non aperto. Errori: {count}; correggerli nel file e caricarlo di nuovo.",
        "Not opened. Faults: {count}; mend them in the file and load it again.",
    ),
    "whatif_file_large": Text(
        "{size} MB, al massimo 1; ridurre il file.", "{size} MB, 1 at most; make the file smaller."
    ),
    "whatif_table": Text("Comune per comune", "Municipality by municipality"),
    "whatif_gained": Text("{name}: guadagnano", "{name}: gain"),
    "whatif_lost": Text("{name}: perdono", "{name}: lose"),
    "whatif_before": Text("{name}: oggi (%)", "{name}: today (%)"),
    "whatif_after": Text("{name}: con lo scenario (%)", "{name}: with the scenario (%)"),
    "approved_on": Text("Approvato il", "Approved on"),
    "approval_act": Text("Atto", "Act"),
    "unions": Text("Unioni di comuni", "Unioni di comuni"),
    "count_municipalities": Text("comuni", "municipalities"),
    "count_drivers": Text("Driver", "Drivers"),
    "declared_amount": Text("importo di questi interventi", "amount of these interventions"),
    "results_note": Text(
        "Fra i risultati del {edition} il documento «{document}» ({reference}) conta {count} {kind}: {note}. Non è il "
        "totale dei progetti del Piano.",
        "Among the results of {edition} the document “{document}” ({reference}) counts {count} {kind}: {note}. It is "
        "not the total of the projects of the plan.",
    ),
    "quarter_hour_share": Text(
        "residenti con tutti i servizi essenziali entro 15 minuti a piedi",
        "residents with all essential services within 15 minutes on foot",
    ),
    "vision": Text("Missioni e parole chiave", "Missions and key words"),
    "vision_note": Text(
        "● segnata nella visione; vuoto: non indicato nella tabella; ?: il segno non si legge nella tabella.",
        "● marked in the vision; blank: not marked in the table; ?: the mark is not legible in the table.",
    ),
    "vision_confirmed": Text(
        "Il documento conferma la visione dell'edizione {edition}: i segni sono quelli della sua tabella.",
        "The document confirms the vision of edition {edition}: the marks are those of its table.",
    ),
    "driver_summary": Text("Che cosa unisce", "What it combines"),
    "partnerships": Text("Intese", "Partnerships"),
    "purpose": Text("A che scopo", "To what end"),
    "source": Text("Fonte", "Source"),
    "data_of": Text("Dati al", "Data on"),
    "undated_added": Text("data non indicata; file acquisito: {date}", "date not stated; file acquired: {date}"),
    "licence_title": Text("Licenza", "Licence"),
    "attribution": Text("Attribuzione", "Attribution"),
    "address": Text("Indirizzo", "Address"),
    "layers": Text("Layer", "Layers"),
    "layer": Text("Layer", "Layer"),
    "layer_title": Text("Titolo", "Title"),
    "layer_abstract": Text("Che cosa contiene", "What it holds"),
    "rows": Text("Righe", "Rows"),
    "not_computed": Text("non c'è", "not there"),
    "service_categories": Text("Categorie di servizi", "Categories of services"),
    "essential": Text("Essenziale", "Essential"),
    "reason_of_category": Text("Perché è essenziale, o non lo è", "Why it is essential, or not"),
    "source_of_reason": Text("Fonte del motivo", "Source of the reason"),
    "indicators": Text("Indicatori di accessibilità", "Indicators of accessibility"),
    "indicator": Text("Indicatore", "Indicator"),
    "definition": Text("Definizione", "Definition (in Italian)"),
    "italian_as_in_files": Text(
        "Nomi e definizioni sono quelli del layer indicatori.",
        "Names and definitions are those of the layer indicatori.",
    ),
    "workspace": Text("Cartella di lavoro", "Workspace"),
    "workspace_empty": Text("Vuota: valgono i dati incorporati.", "Empty: the embedded data are in force."),
    "kind": Text("Tipo", "Kind"),
    "added_at": Text("Aggiunto il", "Added on"),
    "input_state": Text("Stato", "State"),
    "input_ok": Text("integro", "in order"),
    "input_missing": Text("manca", "missing"),
    "input_changed": Text("cambiato dopo la registrazione", "changed after it was registered"),
    "download_everything": Text("Scarica tutto (GeoPackage)", "Download everything (GeoPackage)"),
    "sheet_choose": Text(
        "Scegliere un comune nella ricerca qui sopra, o sulla mappa di un'altra pagina.",
        "Choose a municipality in the search above, or on the map of another page.",
    ),
    "sheet_no_union": Text("L'edizione non ha unioni di comuni.", "The edition has no unioni di comuni."),
    "sheet_of": Text("Scheda di", "Sheet of"),
    "sheet_members": Text("I suoi comuni", "Its municipalities"),
    "sheet_where": Text("Dove si applica", "Where it applies"),
    "sheet_everywhere": Text("in tutti i comuni", "in all municipalities"),
    "sheet_unknown_everywhere": Text("non noto in tutti i comuni", "not known in all municipalities"),
    "sheet_whom_comuni": Text("il comune", "the municipality"),
    "sheet_whom_zone": Text("i comuni della zona", "the municipalities of the zona"),
    "sheet_whom_unioni": Text("i comuni dell'unione", "the municipalities of the unione"),
    "sheet_print": Text(
        "La scheda si stampa su A4 con il comando Stampa del browser, tabelle intere comprese.",
        "The sheet prints on A4 with the browser's Print command, whole tables included.",
    ),
    "sheet_goals": Text("Obiettivi dell'edizione {edition}", "Goals of the edition {edition}"),
    "sheet_goals_sentence": Text(
        "{called} obiettivi su {total} coinvolgono {whom}; di {unknown} non è noto, di {unmarked} il livello dei "
        "Comuni non è indicato. Si applicano nel territorio {applies} su {total}; di {untold} non è noto.",
        "{called} goals of {total} involve {whom}; of {unknown} it is not known, of {unmarked} the level of the "
        "municipalities is not marked. {applies} of {total} apply in the territory; of {untold} it is not known.",
    ),
    "sheet_goals_sentence_one": Text(
        "1 obiettivo su {total} coinvolge {whom}; di {unknown} non è noto, di {unmarked} il livello dei Comuni non è "
        "indicato. Si applicano nel territorio {applies} su {total}; di {untold} non è noto.",
        "1 goal of {total} involves {whom}; of {unknown} it is not known, of {unmarked} the level of the "
        "municipalities is not marked. {applies} of {total} apply in the territory; of {untold} it is not known.",
    ),
    "sheet_document": Text(
        "Obiettivi del Piano strategico {edition}: {name}", "Goals of the Strategic Plan {edition}: {name}"
    ),
    "sheet_own_action_comuni": Text("Azione del comune (DUP)", "Action of the municipality (DUP)"),
    "sheet_own_action_zone": Text("Azione dei comuni (DUP)", "Action of the municipalities (DUP)"),
    "sheet_own_action_unioni": Text("Azione dell'unione (DUP)", "Action of the unione (DUP)"),
    "download_docx": Text("Obiettivi DOCX", "Goals DOCX"),
    "download_xlsx": Text("Obiettivi XLSX", "Goals XLSX"),
    "sheet_access": Text("Entro 15 minuti a piedi", "Within 15 minutes on foot"),
    "sheet_access_method": Text(
        "Residenti che arrivano a piedi al servizio più vicino entro 15 minuti; chi cammina: {profile}.",
        "Residents who walk to the nearest service within 15 minutes; who walks: {profile}.",
    ),
    "sheet_no_access": Text(
        "Non calcolata: psttm-geo access la calcola.", "Not computed: psttm-geo access computes it."
    ),
    "essential_category": Text("Categoria essenziale", "Essential category"),
    "sheet_projects": Text(
        "Sono contati i progetti di tutte le edizioni. Nel registro, qui: {count}; di edizione non nota: {undated}.",
        "Projects of all editions are counted. In the register, here: {count}; of unknown edition: {undated}.",
    ),
    "sheet_other_gaps": Text(
        "Categorie non essenziali, residenti oltre 15 minuti: {listed}.",
        "Categories that are not essential, residents beyond 15 minutes: {listed}.",
    ),
    "synthetic": Text(
        "DATI SINTETICI: la cartella di lavoro contiene dati inventati. "
        "Ambiti, servizi e accessibilità non descrivono nessun luogo.",
        "SYNTHETIC DATA: the workspace holds an invented extract. Scopes, services and accessibility describe no "
        "place.",
    ),
    "ignored": Text(
        "Parametri dell'indirizzo non riconosciuti e ignorati: {names}.",
        "Parameters of the address not recognised and ignored: {names}.",
    ),
}


def say(key: str, language: Language, **values: object) -> str:
    """Return a text in a language, its places filled."""
    return TEXTS[key].say(language).format(**values)


def mark(language: Language, *, synthetic: bool) -> str:
    """Return what stands before a title or a sentence where something is made up."""
    return marked("", language, synthetic=synthetic)


def measure_name(measure: str, language: Language) -> str:
    """Return the indicator that measures a goal or a driver in words; one that has none by its identifier."""
    key = f"measure_{measure}"
    return say(key, language) if key in TEXTS else measure


def capitalised(text: str) -> str:
    """Return a text that begins with a capital; the rest of it stays."""
    return text[:1].upper() + text[1:]


def plain(text: str) -> str:
    """Return a text that Markdown shows as it is: no link, image or emphasis comes of what a file or address holds."""
    return re.sub(r"([\\`*_\[\]()<>!|~$#])", r"\\\1", text)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """Return a number with the language's separators: 3.219.391 and 1.575,03 in Italian."""
    english = f"{value:,.{decimals}f}"
    return english if language == "en" else english.translate(str.maketrans(",.", ".,"))


def span(low: float, high: float, language: Language) -> str:
    """Return the whole numbers from `low` to `high`: 71-73, or one where they are equal."""
    if math.isnan(low):
        return say("non_noto", language)
    return number(low, language) if low == high else f"{number(low, language)}-{number(high, language)}"


def percent(share: float, language: Language) -> str:
    """Return a share (0-1) as a percentage, as :func:`psttm_geo.core.numbers.say_percent` says it."""
    return say_percent(share).say(language)


def duration(seconds: float, language: Language) -> str:
    """Return a time that has passed: 42 s, 3 min 5 s."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    if minutes:
        return say("minutes_seconds", language, minutes=number(minutes, language), seconds=rest)
    return say("seconds", language, count=rest)


def day(iso: str, language: Language) -> str:
    """Return an ISO 8601 date in words."""
    return say_date(iso).say(language)
