"""Every column of the layers and tables that leave the package, described here, once.

Inside the package columns have English names; in files they have the Italian field names, titles and descriptions
written here.
"""

from dataclasses import dataclass

from psttm_geo.core.errors import Text
from psttm_geo.schema import coded_values
from psttm_geo.schema.coded_values import CodedValues


@dataclass(frozen=True)
class Column:
    """A column wherever it appears.

    Attributes
    ----------
    field
        Italian snake_case ASCII name in files.
    title
        Short heading with the unit, for tables and QGIS aliases.
    description
        What it means, one sentence in Italian.
    codes
        The codes it holds; None where it holds none, or the tables say which.
    """

    field: str
    title: Text
    description: str
    codes: CodedValues | None = None


_LEVEL = (
    "si, non_indicato (cella vuota accanto a un segno), non_noto (riga senza segni leggibili, o nessuna riga); da dove "
    "viene lo dice la base del livello."
)

_LEVEL_BASIS = (
    "document: segno della tabella del documento; inherited: ereditato dagli obiettivi che continua; from_text: il "
    "testo dell'obiettivo nomina il livello; none: nessuna."
)

COLUMNS = {
    "municipality_code": Column(
        "pro_com_t",
        Text("Codice ISTAT", "ISTAT code"),
        "Codice ISTAT del comune, sei caratteri con gli zeri.",
    ),
    "municipality": Column("comune", Text("Comune", "Municipality"), "Denominazione del comune come la scrive ISTAT."),
    "cadastral_code": Column(
        "cod_catastale",
        Text("Codice catastale", "Cadastral code"),
        "Codice catastale (Belfiore) del comune; vuoto se non noto.",
    ),
    "zone": Column(
        "zona",
        Text("Zona omogenea", "Zona omogenea"),
        "Zona omogenea della Città metropolitana; Milano è a sé.",
    ),
    "union": Column(
        "unione",
        Text("Unione di comuni", "Unione di comuni"),
        "Unione di comuni nell'edizione; vuota se il comune non è in un'unione.",
    ),
    "edition": Column(
        "edizione",
        Text("Edizione", "Edition"),
        "Edizione del Piano strategico triennale (PSTTM); vuota in un progetto di cui il registro non la indica.",
    ),
    "municipality_count": Column(
        "n_comuni", Text("Comuni", "Municipalities"), "Numero di comuni dell'unità territoriale."
    ),
    "area_km2": Column(
        "area_km2",
        Text("Superficie (km²)", "Area (km²)"),
        "Superficie calcolata sulla geometria in EPSG:32632, in chilometri quadrati.",
    ),
    "residents": Column("residenti", Text("Residenti", "Residents"), "Popolazione residente alla data indicata."),
    "residents_male": Column(
        "residenti_maschi", Text("Residenti maschi", "Male residents"), "Popolazione residente maschile."
    ),
    "residents_female": Column(
        "residenti_femmine", Text("Residenti femmine", "Female residents"), "Popolazione residente femminile."
    ),
    "residents_0_14": Column(
        "residenti_0_14", Text("Residenti 0-14", "Residents 0-14"), "Residenti da 0 a 14 anni compiuti."
    ),
    "residents_15_64": Column(
        "residenti_15_64", Text("Residenti 15-64", "Residents 15-64"), "Residenti da 15 a 64 anni compiuti."
    ),
    "residents_65_74": Column(
        "residenti_65_74", Text("Residenti 65-74", "Residents 65-74"), "Residenti da 65 a 74 anni compiuti."
    ),
    "residents_75_over": Column(
        "residenti_75_piu", Text("Residenti 75 e più", "Residents 75 and over"), "Residenti di 75 anni e più."
    ),
    "residents_date": Column(
        "residenti_al",
        Text("Residenti al", "Residents on"),
        "Data a cui si riferisce la popolazione residente (AAAA-MM-GG).",
    ),
    "density_per_km2": Column(
        "densita_ab_km2",
        Text("Densità (ab./km²)", "Density (per km²)"),
        "Residenti per chilometro quadrato di superficie territoriale.",
    ),
    "urbanisation": Column(
        "degurba",
        Text("Grado di urbanizzazione", "Degree of Urbanisation"),
        "Livello 1: 1 città, 2 piccole città e sobborghi, 3 zone rurali; vuoto se non noto.",
    ),
    "urbanisation_2": Column(
        "degurba_2",
        Text("Grado di urbanizzazione, livello 2", "Degree of Urbanisation, level 2"),
        "30 città, 23 e 22 piccola città densa e semidensa, 21 sobborgo o area periurbana, 13 villaggio, 12 e 11 area "
        "rurale dispersa e per lo più disabitata; vuoto se non noto.",
    ),
    "urbanisation_basis": Column(
        "degurba_base",
        Text("Base del grado di urbanizzazione", "Basis of the Degree of Urbanisation"),
        "file: tabella di ISTAT o Eurostat; experimental: calcolo sperimentale di psttm-geo sulla griglia di 1 km; "
        "vuoto se non noto.",
    ),
    "mission": Column("missione", Text("Missione", "Mission"), "Numero della missione nell'edizione."),
    "number": Column("numero", Text("Numero", "Number"), "Numero dell'obiettivo nella missione."),
    "title_it": Column("titolo", Text("Titolo", "Title"), "Titolo breve, parole nostre fedeli al documento."),
    "title_en": Column("titolo_en", Text("Titolo in inglese", "Title in English"), "Lo stesso titolo in inglese."),
    "reference": Column("riferimento", Text("Riferimento", "Reference"), "Passo del documento."),
    "measure": Column(
        "misura", Text("Misura", "Measure"), "Indicatore che misura l'obiettivo; vuoto se nessuno è stato scelto."
    ),
    "metropolitan_city": Column(
        "liv_citta_metropolitana",
        Text("Livello: Città metropolitana", "Level: Metropolitan City"),
        _LEVEL,
        coded_values.MARKS,
    ),
    "municipalities": Column(
        "liv_comuni",
        Text("Livello: comuni", "Level: municipalities"),
        _LEVEL,
        coded_values.MARKS,
    ),
    "others": Column(
        "liv_altri",
        Text("Livello: corpi intermedi e altri", "Level: intermediate bodies and others"),
        _LEVEL,
        coded_values.MARKS,
    ),
    "mark_basis": Column(
        "liv_base",
        Text("Base dei livelli", "Basis of levels"),
        "document: tabella del documento; inherited: ereditati dagli obiettivi che continua, perché il documento non "
        "ha colonne; from_text: il testo dell'obiettivo nomina almeno un livello; none: nessuna.",
        coded_values.MARK_BASES,
    ),
    "mark_edition": Column(
        "liv_edizione",
        Text("Edizione della tabella dei livelli", "Edition of the table of levels"),
        "Edizione del documento la cui tabella ha i livelli: quella dell'obiettivo, o quella da cui eredita; vuoto se "
        "nessuna.",
    ),
    "metropolitan_city_basis": Column(
        "liv_citta_metropolitana_base",
        Text("Base del livello: Città metropolitana", "Basis of the level: Metropolitan City"),
        _LEVEL_BASIS,
        coded_values.MARK_BASES,
    ),
    "municipalities_basis": Column(
        "liv_comuni_base",
        Text("Base del livello: comuni", "Basis of the level: municipalities"),
        _LEVEL_BASIS,
        coded_values.MARK_BASES,
    ),
    "others_basis": Column(
        "liv_altri_base",
        Text("Base del livello: corpi intermedi e altri", "Basis of the level: intermediate bodies and others"),
        _LEVEL_BASIS,
        coded_values.MARK_BASES,
    ),
    "text_passage": Column(
        "liv_passo",
        Text("Passo del testo che nomina i livelli", "Passage of the text that names levels"),
        "Che cosa dice il testo dell'obiettivo, con le righe del documento; vuoto se non nomina livelli.",
    ),
    "doubtful": Column(
        "dubbio",
        Text("Dubbio", "Doubtful"),
        "Vero se dalla tabella da cui vengono i livelli l'estrazione del testo ha probabilmente perso un segno.",
    ),
    "scope": Column(
        "ambito",
        Text("Ambito", "Scope"),
        "Regola che dice dove si applica: whole_area, every_municipality, unlisted (il documento non elenca i luoghi), "
        "named, feature, figure.",
        coded_values.SCOPE_KINDS,
    ),
    "scope_basis": Column(
        "fondamento",
        Text("Fondamento", "Basis"),
        "Su che cosa poggia la regola: document (il testo lo dice) o editorial (lettura del progetto).",
        coded_values.SCOPE_BASES,
    ),
    "scope_reason_it": Column(
        "ambito_motivo", Text("Motivo dell'ambito", "Reason of the scope"), "Perché l'ambito è quello, in breve."
    ),
    "focus_it": Column(
        "in_particolare",
        Text("In particolare", "In particular"),
        "Che cosa l'obiettivo nomina in particolare, accanto all'ambito; vuoto se niente.",
    ),
    "focus": Column(
        "riferimento_particolare",
        Text("Riferimento particolare", "Named in particular"),
        "L'obiettivo nomina il comune in particolare, accanto all'ambito: si, no, non_noto (manca un dato o l'elenco).",
        coded_values.FOCUSES,
    ),
    "focus_reason_it": Column(
        "riferimento_motivo",
        Text("Motivo del riferimento", "Reason of the reference"),
        "Che cosa è nominato in particolare e perché il comune vi rientra o no; vuoto se non è nominato niente.",
    ),
    "applies": Column(
        "si_applica",
        Text("Si applica", "Applies"),
        "Dove: si, no, non_noto. L'ambito comprende il comune.",
        coded_values.ANSWERS,
    ),
    "called": Column(
        "chiamato",
        Text("Coinvolto", "Involved"),
        "Chi: si, no, non_indicato, non_noto. Si applica, e il livello dei comuni è «si» secondo la sua base (tabella "
        "del documento, ereditato, testo dell'obiettivo).",
        coded_values.CALLS,
    ),
    "reason_it": Column("motivo", Text("Motivo", "Reason"), "Perché si applica o no, o che cosa manca per dirlo."),
    "basis": Column(
        "fondamento",
        Text("Fondamento", "Basis"),
        "document, editorial (regola), public_fact (elenco), feature (elementi mappati), figure, missing_input.",
        coded_values.ANSWER_BASES,
    ),
    "driver": Column(
        "driver",
        Text("Driver", "Driver"),
        "Numero del driver nell'edizione. Di un progetto di edizione non nota: il driver che tutte le edizioni "
        "indicano con quel numero; dubbio se ne indicano di diversi.",
    ),
    "title_basis": Column(
        "titolo_base",
        Text("Base del titolo", "Basis of the title"),
        "document, inherited (dall'altra edizione per contenuto), editorial (descrittivo, nostro).",
        coded_values.TITLE_BASES,
    ),
    "goals": Column("obiettivi", Text("Obiettivi", "Goals"), "Obiettivi che il driver combina (lettura del progetto)."),
    "applies_share": Column(
        "quota_si_applica",
        Text("Quota degli obiettivi che si applica", "Share of goals that apply"),
        "Parte degli obiettivi del driver che si applica all'unità, da 0 a 1.",
    ),
    "applies_unknown_share": Column(
        "quota_si_applica_non_nota",
        Text("Quota non nota (si applica)", "Unknown share (applies)"),
        "Parte degli obiettivi del driver per cui non è noto se si applichino, da 0 a 1.",
    ),
    "called_share": Column(
        "quota_chiamato",
        Text("Quota che coinvolge i comuni", "Share that involves municipalities"),
        "Parte degli obiettivi del driver che coinvolge i comuni dell'unità, da 0 a 1.",
    ),
    "called_unknown_share": Column(
        "quota_chiamato_non_nota",
        Text("Quota non nota (coinvolge)", "Unknown share (involves)"),
        "Parte degli obiettivi del driver per cui non è noto se coinvolgano i comuni, da 0 a 1.",
    ),
    "called_unmarked_share": Column(
        "quota_chiamato_non_indicata",
        Text("Quota non indicata nella tabella (coinvolge)", "Share not marked in the table (involves)"),
        "Parte degli obiettivi del driver il cui livello dei comuni non è indicato nella tabella da cui viene, da 0 a "
        "1.",
    ),
    "applies_share_residents": Column(
        "quota_si_applica_residenti",
        Text("Quota degli obiettivi che si applica, pesata", "Share of goals that apply, weighted"),
        "Media della quota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "applies_unknown_share_residents": Column(
        "quota_si_applica_non_nota_residenti",
        Text("Quota non nota (si applica), pesata", "Unknown share (applies), weighted"),
        "Media della quota non nota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "called_share_residents": Column(
        "quota_chiamato_residenti",
        Text("Quota che coinvolge, pesata", "Share that involves, weighted"),
        "Media della quota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "called_unmarked_share_residents": Column(
        "quota_chiamato_non_indicata_residenti",
        Text(
            "Quota non indicata nella tabella (coinvolge), pesata", "Share not marked in the table (involves), weighted"
        ),
        "Media della quota non indicata nella tabella dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "called_unknown_share_residents": Column(
        "quota_chiamato_non_nota_residenti",
        Text("Quota non nota (coinvolge), pesata", "Unknown share (involves), weighted"),
        "Media della quota non nota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "projects": Column(
        "progetti",
        Text("Progetti, tutte le edizioni", "Projects, all editions"),
        "Progetti del registro nell'unità, ognuno una volta, di tutte le edizioni e di edizione non nota (in una "
        "consegna calcolata per una sola edizione: di quella e di edizione non nota). Nei layer dei driver sono quelli "
        "del driver, gli stessi nelle righe di ogni edizione in cui il numero indica lo stesso driver: non sommare "
        "righe di edizioni diverse. Vuoto senza registro, o se non è noto.",
    ),
    "projects_of_edition": Column(
        "progetti_edizione",
        Text("Progetti dell'edizione della riga", "Projects of the row's edition"),
        "Quanti dei progetti il registro attribuisce all'edizione della riga: si possono sommare fra edizioni. Vuoto "
        "senza registro, o se non è noto.",
    ),
    "amount_of_edition_eur": Column(
        "importo_edizione_eur",
        Text("Importo dell'edizione della riga (€)", "Amount of the row's edition (€)"),
        "Importo noto dei progetti che il registro attribuisce all'edizione della riga, diviso in parti uguali fra i "
        "loro comuni: si può sommare fra edizioni. Vuoto se non è noto.",
    ),
    "projects_edition_unknown": Column(
        "progetti_edizione_non_nota",
        Text("Progetti di edizione non nota", "Projects of unknown edition"),
        "Quanti dei progetti sono di un'edizione che il registro non indica; vuoto senza registro, o se non è noto.",
    ),
    "projects_possible": Column(
        "progetti_driver_dubbio",
        Text("Progetti di driver dubbio", "Projects of doubtful driver"),
        "Progetti di edizione non nota con il numero del driver, dove le edizioni indicano con quel numero driver "
        "diversi: non contati fra i progetti, né esclusi. Vuoto senza registro.",
    ),
    "projects_unattributed": Column(
        "progetti_senza_driver",
        Text("Progetti senza driver", "Projects without driver"),
        "Quanti dei progetti nell'unità non sono ancora attribuiti a un driver; vuoto senza registro.",
    ),
    "amount_eur": Column(
        "importo_eur",
        Text("Importo (€)", "Amount (€)"),
        "Importo noto dei progetti, diviso in parti uguali fra i loro comuni; nei layer dei driver, dei progetti di "
        "tutte le edizioni. Vuoto se di nessuno è noto.",
    ),
    "projects_without_amount": Column(
        "progetti_senza_importo",
        Text("Progetti senza importo", "Projects without amount"),
        "Quanti dei progetti nell'unità non hanno un importo noto; vuoto senza registro.",
    ),
    "goal_count": Column("n_obiettivi", Text("Obiettivi", "Goals"), "Quanti obiettivi sono stati contati."),
    "unit_kind": Column(
        "tipo_unita", Text("Tipo di unità", "Kind of unit"), "Che cosa è l'unità.", coded_values.UNIT_KINDS
    ),
    "unit": Column(
        "unita",
        Text("Unità", "Unit"),
        "Codice ISTAT del comune, nome della zona, dell'unione, della classe o dell'unità propria.",
    ),
    "applies_count": Column(
        "n_si_applica", Text("Si applicano", "Apply"), "Quanti obiettivi della missione si applicano all'unità."
    ),
    "applies_unknown_count": Column(
        "n_si_applica_non_noto",
        Text("Non noto se si applicano", "Not known whether they apply"),
        "Quanti obiettivi della missione non è noto se si applichino.",
    ),
    "called_count": Column(
        "n_chiamato",
        Text("Coinvolgono i comuni", "Involve municipalities"),
        "Quanti obiettivi coinvolgono i comuni dell'unità.",
    ),
    "called_unmarked_count": Column(
        "n_chiamato_non_indicato",
        Text("Livello comuni non indicato nella tabella", "Level of municipalities not marked in the table"),
        "Di quanti obiettivi il livello dei comuni non è indicato nella tabella da cui viene.",
    ),
    "called_unknown_count": Column(
        "n_chiamato_non_noto",
        Text("Non noto se coinvolgono", "Not known whether they involve"),
        "Quanti obiettivi non è noto se coinvolgano i comuni.",
    ),
    "project": Column("progetto", Text("Progetto", "Project"), "Codice del progetto (CUP)."),
    "title": Column("titolo", Text("Titolo", "Title"), "Titolo del progetto; vuoto se non noto."),
    "status": Column("stato", Text("Stato", "State"), "Stato di attuazione come nel registro."),
    "start_date": Column("data_inizio", Text("Inizio", "Start"), "Data di inizio (AAAA-MM-GG); vuota se non nota."),
    "end_date": Column("data_fine", Text("Fine", "End"), "Data di fine (AAAA-MM-GG); vuota se non nota."),
    "indicator": Column(
        "indicatore",
        Text("Indicatore", "Indicator"),
        "Indicatore calcolato accanto al driver: misura uno dei suoi obiettivi, non il driver; vuoto se non calcolato.",
    ),
    "value": Column(
        "valore", Text("Valore", "Value"), "Valore dell'indicatore, quota da 0 a 1; vuoto se non calcolato."
    ),
    "category": Column(
        "categoria", Text("Categoria", "Category"), "Categoria di servizi, come nella tabella services.csv."
    ),
    "service": Column(
        "servizio",
        Text("Servizio", "Service"),
        "Identificativo nella categoria: oggetto OSM, codice del registro o numero di riga.",
    ),
    "service_name": Column("nome", Text("Nome", "Name"), "Nome del servizio; vuoto se non noto."),
    "osm_id": Column(
        "osm_id", Text("Oggetto OSM", "OSM object"), "n, w o r e numero dell'oggetto OSM; vuoto se di un registro."
    ),
    "register": Column("registro", Text("Nel registro", "In the register"), "Servizi dei registri nel comune."),
    "not_placed": Column(
        "senza_posizione", Text("Senza posizione", "Without a place"), "Di quelli dei registri, senza un punto usabile."
    ),
    "osm": Column("osm", Text("In OSM", "In OSM"), "Servizi di OpenStreetMap nel comune."),
    "both": Column(
        "in_entrambi", Text("In entrambi", "In both"), "Servizi dei registri trovati anche in OpenStreetMap."
    ),
    "register_only": Column(
        "solo_registro", Text("Solo nel registro", "Register only"), "Servizi che OpenStreetMap non ha."
    ),
    "osm_only": Column("solo_osm", Text("Solo in OSM", "OSM only"), "Servizi che i registri non hanno."),
    "osm_dropped": Column(
        "osm_non_usati",
        Text("OSM non usati", "OSM not used"),
        "Di quelli solo in OSM, non usati perché il registro è completo o il livello della scuola non è noto.",
    ),
    "osm_name": Column(
        "nome_osm", Text("Nome in OSM", "Name in OSM"), "Nome del confine in OpenStreetMap; vuoto se manca."
    ),
    "osm_code": Column(
        "codice_osm", Text("Codice in OSM", "Code in OSM"), "ref:ISTAT del confine in OpenStreetMap; vuoto se manca."
    ),
    "matched_by": Column(
        "abbinamento",
        Text("Abbinamento", "Matched by"),
        "Come è stato riconosciuto: codice, nome, sovrapposizione; vuoto se in OSM manca.",
        coded_values.MATCHES,
    ),
    "iou": Column(
        "iou",
        Text("Sovrapposizione (IoU)", "Overlap (IoU)"),
        "Area comune ai due confini divisa per l'area della loro unione, da 0 a 1; vuoto se in OSM manca.",
    ),
    "largest_distance_m": Column(
        "scarto_massimo_m",
        Text("Scarto massimo (m)", "Largest distance (m)"),
        "La più grande distanza fra i due contorni (Hausdorff), in metri; vuoto se in OSM manca.",
    ),
    "area_difference_km2": Column(
        "differenza_km2",
        Text("Differenza di superficie (km²)", "Difference of area (km²)"),
        "Superficie in OSM meno superficie di ISTAT; vuoto se in OSM manca.",
    ),
    "part_count": Column("n_parti", Text("Parti", "Parts"), "Da quante parti è fatto il confine di ISTAT."),
    "osm_part_count": Column(
        "n_parti_osm",
        Text("Parti in OSM", "Parts in OSM"),
        "Da quante parti è fatto il confine in OSM; vuoto se manca.",
    ),
    "outcome": Column(
        "esito",
        Text("Esito", "Outcome"),
        "uguale, spostato, rinominato, ricodificato, senza_codice, parti_diverse, mancante; più d'uno con la virgola.",
    ),
    "doubt_it": Column(
        "nota",
        Text("Nota", "Note"),
        "Su che cosa poggia un abbinamento incerto; vuoto se il codice e il luogo tornano.",
    ),
    "profile": Column(
        "profilo",
        Text("Profilo", "Profile"),
        "Chi cammina, come in profiles.csv; per_eta: ogni fascia d'età con il suo profilo.",
    ),
    "age_band": Column(
        "fascia_eta",
        Text("Fascia d'età", "Age band"),
        "0_14, 15_64, 65_74, 75_piu o totale (tutte le età).",
        coded_values.AGE_BANDS,
    ),
    "threshold_min": Column(
        "soglia_min", Text("Soglia (min)", "Threshold (min)"), "Minuti a piedi; vuoto se l'indicatore non ha soglia."
    ),
    "access_indicator": Column(
        "indicatore", Text("Indicatore", "Indicator"), "Nome dell'indicatore, con la soglia se ne ha una."
    ),
    "access_value": Column("valore", Text("Valore", "Value"), "Valore dell'indicatore; vuoto se non noto."),
    "method": Column("metodo", Text("Metodo", "Method"), "Come è calcolato, in breve."),
    "edition_or_all": Column(
        "edizione",
        Text("Edizione", "Edition"),
        "Edizione del Piano per le unioni di comuni; vuota per le unità uguali in tutte.",
    ),
    "hexagon": Column("esagono", Text("Esagono H3", "H3 hexagon"), "Cella H3 di risoluzione 9."),
    "own_unit": Column("unita", Text("Unità", "Unit"), "Nome dell'unità nel file dell'ente."),
    "share_all_15": Column(
        "quota_tutte_15",
        Text("Tutte le essenziali entro 15 minuti", "All essentials within 15 minutes"),
        "Parte dei residenti nell'area coperta dall'estratto che raggiunge tutte le categorie essenziali entro 15 "
        "minuti, da 0 a 1; vuota se non nota, o se l'estratto copre meno dell'80 % dei residenti.",
    ),
    "share_unknown": Column(
        "quota_non_nota",
        Text("Quota non nota", "Unknown share"),
        "Parte dei residenti fuori dall'estratto, lontana da ogni strada o senza posizione, da 0 a 1: di loro non si "
        "sa.",
    ),
    "minutes_all": Column(
        "minuti_tutte",
        Text("Minuti: la più lontana delle essenziali", "Minutes: the farthest essential"),
        "Minuti a piedi fino alla più lontana delle categorie essenziali, media dei residenti connessi (chi non arriva "
        "entro 100 conta 100); vuoto se non noto.",
    ),
    "categories_15": Column(
        "categorie_15",
        Text("Categorie essenziali entro 15 minuti", "Essential categories within 15 minutes"),
        "Quante categorie essenziali un residente raggiunge entro 15 minuti, in media; vuoto se non noto.",
    ),
    "residents_outside": Column(
        "residenti_fuori_estratto",
        Text("Residenti fuori dall'estratto", "Residents outside the extract"),
        "Residenti fuori dall'area coperta dall'estratto di OpenStreetMap, di cui non si sa; dove non è noto dove "
        "abitano, in proporzione alla superficie del comune.",
    ),
    "residents_near_end": Column(
        "residenti_al_margine",
        Text("Residenti al margine dell'estratto", "Residents near the end of the extract"),
        "Residenti per i quali, in linea d'aria, l'estratto finisce entro 15 minuti e prima della più lontana delle "
        "categorie essenziali: oltre può esserci un servizio più vicino, e i loro tempi sono un limite superiore.",
    ),
    "residents_unconnected": Column(
        "residenti_non_connessi",
        Text("Residenti non connessi", "Residents not connected"),
        "Residenti a più di 250 m da ogni strada percorribile dal profilo.",
    ),
    "residents_unplaced": Column(
        "residenti_senza_posizione",
        Text("Residenti senza posizione", "Residents without a place"),
        "Residenti che non si sa dove mettere: nel comune non ci sono né sezioni né strade.",
    ),
    "residents_isolated": Column(
        "residenti_isolati",
        Text("Residenti su reti isolate", "Residents on isolated networks"),
        "Residenti su pezzi di rete staccati e lunghi meno di 1 km, senza altre strade entro 250 m, forse per un "
        "difetto della mappa.",
    ),
    "residents_beyond": Column(
        "residenti",
        Text("Residenti oltre 15 minuti", "Residents beyond 15 minutes"),
        "Residenti che non raggiungono la categoria entro 15 minuti.",
    ),
    "gap_minutes": Column(
        "minuti",
        Text("Minuti", "Minutes"),
        "Minuti a piedi di questi residenti, in media; chi non arriva entro 100 minuti conta 100.",
    ),
    "rank": Column("posto", Text("Posto", "Rank"), "Posto nella graduatoria, da 1."),
    "action": Column("azione", Text("Azione", "Action"), "aggiungi, sposta o chiudi."),
    "before_share_all_15": Column(
        "quota_tutte_15_prima",
        Text("Tutte le essenziali entro 15 minuti, prima", "All essentials within 15 minutes, before"),
        "Parte dei residenti che raggiunge tutte le categorie essenziali entro 15 minuti oggi; vuota se non nota.",
    ),
    "after_share_all_15": Column(
        "quota_tutte_15_dopo",
        Text("Tutte le essenziali entro 15 minuti, dopo", "All essentials within 15 minutes, after"),
        "La stessa quota nello scenario; vuota se non nota.",
    ),
    "change_share_all_15": Column(
        "quota_tutte_15_variazione",
        Text("Variazione della quota", "Change of the share"),
        "Quota nello scenario meno quota di oggi; vuota se una delle due non è nota.",
    ),
    "minutes": Column("minuti", Text("Minuti", "Minutes"), "Soglia dell'isocrona, minuti a piedi."),
    "origin": Column(
        "origine", Text("Origine", "Origin"), "Da dove: un luogo; o verso dove: una categoria di servizi."
    ),
    "layer": Column("layer", Text("Layer", "Layer"), "Layer o tabella che usa la fonte."),
    "source": Column("fonte", Text("Fonte", "Source"), "Titolo ed editore della fonte."),
    "address": Column("indirizzo", Text("Indirizzo", "Address"), "Dove la fonte è pubblicata; vuoto se non noto."),
    "licence": Column("licenza", Text("Licenza", "Licence"), "Licenza come dichiarata da chi pubblica."),
    "attribution": Column("attribuzione", Text("Attribuzione", "Attribution"), "Attribuzione da riportare nel riuso."),
    "source_date": Column(
        "data",
        Text("Data di riferimento", "Reference date"),
        "Data a cui la fonte si riferisce (AAAA-MM-GG); vuota se la fonte non la indica.",
    ),
    "added_on": Column(
        "acquisita_il",
        Text("Acquisita il", "Acquired on"),
        "Giorno in cui il file dell'ente è stato registrato nella cartella di lavoro (AAAA-MM-GG): vale come data "
        "della fonte che non ne indica una; vuota per le altre fonti.",
    ),
    "sha256": Column("sha256", Text("SHA-256", "SHA-256"), "Impronta SHA-256 del file letto; vuota se non è un file."),
}

FAMILIES = {
    "minutes_to_": Column(
        "minuti_{}",
        Text("Minuti: {}", "Minutes: {}"),
        "Minuti a piedi fino al servizio più vicino della categoria {}, media dei residenti connessi (chi non arriva "
        "entro 100 conta 100); vuoto se non noto.",
    ),
    "share_15_": Column(
        "quota_{}_15",
        Text("Entro 15 minuti: {}", "Within 15 minutes: {}"),
        "Parte dei residenti che raggiunge la categoria {} entro 15 minuti a piedi, da 0 a 1; vuoto se non nota.",
    ),
    "before_share_15_": Column(
        "quota_{}_15_prima",
        Text("Entro 15 minuti, prima: {}", "Within 15 minutes, before: {}"),
        "Parte dei residenti che raggiunge la categoria {} entro 15 minuti oggi, da 0 a 1; vuoto se non nota.",
    ),
    "after_share_15_": Column(
        "quota_{}_15_dopo",
        Text("Entro 15 minuti, dopo: {}", "Within 15 minutes, after: {}"),
        "Parte dei residenti che raggiunge la categoria {} entro 15 minuti nello scenario; vuoto se non nota.",
    ),
    "before_minutes_to_": Column(
        "minuti_{}_prima",
        Text("Minuti, prima: {}", "Minutes, before: {}"),
        "Minuti a piedi fino alla categoria {} oggi, media dei residenti; vuoto se non noto.",
    ),
    "after_minutes_to_": Column(
        "minuti_{}_dopo",
        Text("Minuti, dopo: {}", "Minutes, after: {}"),
        "Minuti a piedi fino alla categoria {} nello scenario, media dei residenti; vuoto se non noto.",
    ),
    "gainers_": Column(
        "guadagnano_{}",
        Text("Cammino più breve: {}", "Shorter walk: {}"),
        "Residenti il cui cammino fino alla categoria {} si accorcia, anche se non passa i 15 minuti.",
    ),
    "losers_": Column(
        "perdono_{}",
        Text("Cammino più lungo: {}", "Longer walk: {}"),
        "Residenti il cui cammino fino alla categoria {} si allunga, anche se non passa i 15 minuti.",
    ),
}
"""Columns that there is one of per category of services: by the beginning of their name, which the category ends."""


def column_named(name: str) -> Column:
    """Return the description of a column, also of one of a family.

    Raises
    ------
    KeyError
        There is no such column.
    """
    for beginning, family in FAMILIES.items():
        if name.startswith(beginning):
            category = name.removeprefix(beginning)
            return Column(
                family.field.format(category),
                Text(family.title.it.format(category), family.title.en.format(category)),
                family.description.format(category),
            )
    return COLUMNS[name]
