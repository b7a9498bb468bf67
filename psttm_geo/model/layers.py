"""The contract of every layer and table of the GeoPackage: a column is described here, once.

Inside the package columns have English names; in files that leave it they have the Italian field names, titles and
descriptions written here.
"""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from psttm_geo.errors import LayerContractError, Text, UnknownNameError
from psttm_geo.model.plan import GOAL_KEY, LEVELS


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
    """

    field: str
    title: Text
    description: str


@dataclass(frozen=True)
class Layer:
    """A layer or table of the GeoPackage.

    Attributes
    ----------
    name
        Italian snake_case ASCII name in files.
    title
        For lists and legends.
    abstract
        What one feature is and how it was made, in Italian.
    columns
        English column names, keys of :data:`COLUMNS`, in order.
    key
        The columns that identify a row.
    spatial
        Whether features have a geometry.
    geometry
        Its type, where they have one.
    """

    name: str
    title: Text
    abstract: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    spatial: bool
    geometry: Literal["MultiPolygon", "Point"] = "MultiPolygon"

    def select(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the layer's columns of `table` under their Italian names, in order, with the geometry if spatial.

        Raises
        ------
        LayerContractError
            A column is missing, a key is repeated or empty, or a spatial layer has no active geometry.
        """
        missing = [name for name in self.columns if name not in table.columns]
        if missing or (self.spatial and not isinstance(table, gpd.GeoDataFrame)):
            absent = ", ".join(missing) or "geometry"
            raise LayerContractError(
                Text(
                    it=f"Layer «{self.name}»: mancano le colonne {absent}.",
                    en=f"Layer “{self.name}”: columns {absent} are missing.",
                )
            )
        keys = table[list(self.key)]
        if keys.duplicated().any() or keys.isna().any(axis=None):
            raise LayerContractError(
                Text(
                    it=f"Layer «{self.name}»: la chiave {', '.join(self.key)} è vuota o ripetuta.",
                    en=f"Layer “{self.name}”: the key {', '.join(self.key)} is empty or repeated.",
                )
            )
        names = {name: COLUMNS[name].field for name in self.columns}
        columns = [*self.columns, table.geometry.name] if self.spatial else list(self.columns)
        return table[columns].rename(columns=names).reset_index(drop=True)


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
    "edition": Column("edizione", Text("Edizione", "Edition"), "Edizione del Piano strategico triennale (PSTTM)."),
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
        "Segno del documento: si, non_indicato (cella vuota), non_noto (riga senza segni leggibili).",
    ),
    "municipalities": Column(
        "liv_comuni",
        Text("Livello: comuni", "Level: municipalities"),
        "Segno del documento: si, non_indicato (cella vuota), non_noto (riga senza segni leggibili).",
    ),
    "others": Column(
        "liv_altri",
        Text("Livello: corpi intermedi e altri", "Level: intermediate bodies and others"),
        "Segno del documento: si, non_indicato (cella vuota), non_noto (riga senza segni leggibili).",
    ),
    "mark_basis": Column(
        "liv_base",
        Text("Base dei livelli", "Basis of levels"),
        "document: dal documento; inherited: dagli obiettivi che continua; none: nessuna.",
    ),
    "doubtful": Column(
        "dubbio", Text("Dubbio", "Doubtful"), "Vero se l'estrazione del testo ha probabilmente perso un segno."
    ),
    "scope": Column(
        "ambito",
        Text("Ambito", "Scope"),
        "Regola che dice dove si applica: whole_area, every_municipality, named, feature, figure.",
    ),
    "scope_basis": Column(
        "fondamento",
        Text("Fondamento", "Basis"),
        "Su che cosa poggia la regola: document (il testo lo dice) o editorial (lettura del progetto).",
    ),
    "applies": Column(
        "si_applica", Text("Si applica", "Applies"), "Dove: si, no, non_noto. L'ambito comprende il comune."
    ),
    "called": Column(
        "chiamato",
        Text("Chiamato ad agire", "Called to act"),
        "Chi: si, no, non_indicato, non_noto. Si applica e il livello dei comuni è segnato.",
    ),
    "reason_it": Column("motivo", Text("Motivo", "Reason"), "Perché si applica o no, o che cosa manca per dirlo."),
    "basis": Column(
        "fondamento",
        Text("Fondamento", "Basis"),
        "document, editorial (regola), public_fact (elenco), feature (elementi mappati), figure, missing_input.",
    ),
    "driver": Column("driver", Text("Driver", "Driver"), "Numero del driver nell'edizione."),
    "title_basis": Column(
        "titolo_base",
        Text("Base del titolo", "Basis of the title"),
        "document, inherited (dall'altra edizione per contenuto), editorial (descrittivo, nostro).",
    ),
    "goals": Column("obiettivi", Text("Obiettivi", "Goals"), "Obiettivi che il driver combina (lettura del progetto)."),
    "applies_share": Column(
        "quota_si_applica",
        Text("Quota che si applica", "Share that applies"),
        "Parte degli obiettivi del driver che si applica all'unità, da 0 a 1.",
    ),
    "applies_unknown_share": Column(
        "quota_si_applica_non_nota",
        Text("Quota non nota (si applica)", "Unknown share (applies)"),
        "Parte degli obiettivi del driver per cui non è noto se si applichino, da 0 a 1.",
    ),
    "called_share": Column(
        "quota_chiamato",
        Text("Quota che chiama i comuni", "Share that calls municipalities"),
        "Parte degli obiettivi del driver che chiama i comuni dell'unità, da 0 a 1.",
    ),
    "called_unknown_share": Column(
        "quota_chiamato_non_nota",
        Text("Quota non nota (chiamato)", "Unknown share (called)"),
        "Parte degli obiettivi del driver per cui non è noto se chiamino i comuni, da 0 a 1.",
    ),
    "called_unmarked_share": Column(
        "quota_chiamato_non_indicata",
        Text("Quota non indicata (chiamato)", "Unmarked share (called)"),
        "Parte degli obiettivi del driver il cui livello dei comuni è una cella vuota, da 0 a 1.",
    ),
    "applies_share_residents": Column(
        "quota_si_applica_residenti",
        Text("Quota che si applica, pesata", "Share that applies, weighted"),
        "Media della quota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "applies_unknown_share_residents": Column(
        "quota_si_applica_non_nota_residenti",
        Text("Quota non nota (si applica), pesata", "Unknown share (applies), weighted"),
        "Media della quota non nota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "called_share_residents": Column(
        "quota_chiamato_residenti",
        Text("Quota che chiama, pesata", "Share that calls, weighted"),
        "Media della quota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "called_unmarked_share_residents": Column(
        "quota_chiamato_non_indicata_residenti",
        Text("Quota non indicata (chiamato), pesata", "Unmarked share (called), weighted"),
        "Media della quota non indicata dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "called_unknown_share_residents": Column(
        "quota_chiamato_non_nota_residenti",
        Text("Quota non nota (chiamato), pesata", "Unknown share (called), weighted"),
        "Media della quota non nota dei comuni, pesata con i residenti, da 0 a 1.",
    ),
    "projects": Column(
        "progetti", Text("Progetti", "Projects"), "Progetti del registro nell'unità; vuoto senza registro."
    ),
    "projects_unattributed": Column(
        "progetti_senza_driver",
        Text("Progetti senza driver", "Projects without driver"),
        "Quanti dei progetti nell'unità non sono ancora attribuiti a un driver; vuoto senza registro.",
    ),
    "amount_eur": Column(
        "importo_eur",
        Text("Importo (€)", "Amount (€)"),
        "Importo noto dei progetti, diviso in parti uguali fra i loro comuni; vuoto se di nessuno è noto.",
    ),
    "projects_without_amount": Column(
        "progetti_senza_importo",
        Text("Progetti senza importo", "Projects without amount"),
        "Quanti dei progetti nell'unità non hanno un importo noto; vuoto senza registro.",
    ),
    "goal_count": Column("n_obiettivi", Text("Obiettivi", "Goals"), "Quanti obiettivi sono stati contati."),
    "unit_kind": Column("tipo_unita", Text("Tipo di unità", "Kind of unit"), "comune, zona o unione."),
    "unit": Column("unita", Text("Unità", "Unit"), "Codice ISTAT del comune, nome della zona o dell'unione."),
    "applies_count": Column(
        "n_si_applica", Text("Si applicano", "Apply"), "Quanti obiettivi della missione si applicano all'unità."
    ),
    "applies_unknown_count": Column(
        "n_si_applica_non_noto",
        Text("Non noto se si applicano", "Not known whether they apply"),
        "Quanti obiettivi della missione non è noto se si applichino.",
    ),
    "called_count": Column(
        "n_chiamato", Text("Chiamano i comuni", "Call municipalities"), "Quanti obiettivi chiamano i comuni dell'unità."
    ),
    "called_unmarked_count": Column(
        "n_chiamato_non_indicato",
        Text("Livello comuni non indicato", "Level of municipalities not marked"),
        "Quanti obiettivi hanno la cella dei comuni vuota nella tabella.",
    ),
    "called_unknown_count": Column(
        "n_chiamato_non_noto",
        Text("Non noto se chiamano", "Not known whether they call"),
        "Quanti obiettivi non è noto se chiamino i comuni.",
    ),
    "project": Column("progetto", Text("Progetto", "Project"), "Codice del progetto (CUP)."),
    "title": Column("titolo", Text("Titolo", "Title"), "Titolo del progetto; vuoto se non noto."),
    "status": Column("stato", Text("Stato", "State"), "Stato di attuazione come nel registro."),
    "start_date": Column("data_inizio", Text("Inizio", "Start"), "Data di inizio (AAAA-MM-GG); vuota se non nota."),
    "end_date": Column("data_fine", Text("Fine", "End"), "Data di fine (AAAA-MM-GG); vuota se non nota."),
    "indicator": Column("indicatore", Text("Indicatore", "Indicator"), "Misura del driver; vuoto se non calcolata."),
    "value": Column("valore", Text("Valore", "Value"), "Valore dell'indicatore; vuoto se non calcolato."),
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
    "layer": Column("layer", Text("Layer", "Layer"), "Layer o tabella che usa la fonte."),
    "source": Column("fonte", Text("Fonte", "Source"), "Titolo ed editore della fonte."),
    "address": Column("indirizzo", Text("Indirizzo", "Address"), "Dove la fonte è pubblicata; vuoto se non noto."),
    "licence": Column("licenza", Text("Licenza", "Licence"), "Licenza come dichiarata da chi pubblica."),
    "attribution": Column("attribuzione", Text("Attribuzione", "Attribution"), "Attribuzione da riportare nel riuso."),
    "source_date": Column(
        "data",
        Text("Data di riferimento", "Reference date"),
        "Data a cui la fonte si riferisce (AAAA-MM-GG).",
    ),
    "sha256": Column("sha256", Text("SHA-256", "SHA-256"), "Impronta SHA-256 del file letto; vuota se non è un file."),
}

AGE_BANDS = {
    "residents_0_14": (0, 14),
    "residents_15_64": (15, 64),
    "residents_65_74": (65, 74),
    "residents_75_over": (75, None),
}
"""Disjoint age bands in completed years, both ends included; None is open."""

RESIDENT_COUNTS = ("residents", "residents_male", "residents_female", *AGE_BANDS)

_RESIDENTS = (*RESIDENT_COUNTS, "residents_date", "density_per_km2")

_PROJECTS = ("projects", "projects_unattributed")

_UNIT = ("municipality_count", "area_km2", *_RESIDENTS, *_PROJECTS)

_COVERAGE = (
    "goal_count",
    "applies_share",
    "applies_unknown_share",
    "called_share",
    "called_unmarked_share",
    "called_unknown_share",
    "projects",
    "amount_eur",
    "projects_without_amount",
    "indicator",
    "value",
)

_WEIGHTED = (
    "applies_share_residents",
    "applies_unknown_share_residents",
    "called_share_residents",
    "called_unmarked_share_residents",
    "called_unknown_share_residents",
)

_DRIVER_ABSTRACT = (
    "Copertura dei driver su {}: normativa (quote degli obiettivi), attivata (progetti del registro) e misurata "
    "(indicatore), tenute distinte."
)

LAYERS = {
    layer.name: layer
    for layer in (
        Layer(
            "comuni",
            Text("Comuni", "Municipalities"),
            "I comuni della Città metropolitana di Milano con zona omogenea, superficie, residenti e progetti.",
            ("municipality_code", "municipality", "cadastral_code", "zone", "area_km2", *_RESIDENTS, *_PROJECTS),
            ("municipality_code",),
            spatial=True,
        ),
        Layer(
            "zone_omogenee",
            Text("Zone omogenee", "Zone omogenee"),
            "Le sette zone omogenee e Milano, unione dei confini dei loro comuni.",
            ("zone", *_UNIT),
            ("zone",),
            spatial=True,
        ),
        Layer(
            "unioni_comuni",
            Text("Unioni di comuni", "Unioni di comuni"),
            "Le unioni di comuni di ogni edizione del Piano: un'unione può stare in più zone omogenee.",
            ("edition", "union", *_UNIT),
            ("edition", "union"),
            spatial=True,
        ),
        Layer(
            "citta_metropolitana",
            Text("Città metropolitana", "Metropolitan City"),
            "Il territorio della Città metropolitana di Milano, compresa l'exclave di San Colombano al Lambro.",
            _UNIT,
            ("municipality_count",),
            spatial=True,
        ),
        Layer(
            "appartenenze",
            Text("Appartenenze", "Memberships"),
            "Zona omogenea e unione di ogni comune in ogni edizione del Piano.",
            ("edition", "municipality_code", "zone", "union"),
            ("edition", "municipality_code"),
            spatial=False,
        ),
        Layer(
            "obiettivi",
            Text("Obiettivi", "Goals"),
            "Gli obiettivi di ogni edizione; la geometria è l'unione dei comuni a cui si applicano, "
            "assente se non è noto per nessuno.",
            (
                *GOAL_KEY,
                "title_it",
                "title_en",
                "reference",
                "measure",
                *LEVELS,
                "mark_basis",
                "doubtful",
                "scope",
                "scope_basis",
            ),
            tuple(GOAL_KEY),
            spatial=True,
        ),
        Layer(
            "obiettivi_comuni",
            Text("Obiettivi e comuni", "Goals and municipalities"),
            "Per ogni obiettivo e comune: se si applica (dove) e se il comune è chiamato ad agire (chi).",
            (*GOAL_KEY, "municipality_code", "applies", "called", "basis", "reason_it"),
            (*GOAL_KEY, "municipality_code"),
            spatial=False,
        ),
        Layer(
            "obiettivi_conteggi",
            Text("Obiettivi per unità", "Goals by unit"),
            "Quanti obiettivi di ogni missione si applicano a ogni unità, e quanti chiamano i suoi comuni.",
            (
                "edition",
                "unit_kind",
                "unit",
                "mission",
                "goal_count",
                "applies_count",
                "applies_unknown_count",
                "called_count",
                "called_unmarked_count",
                "called_unknown_count",
            ),
            ("edition", "unit_kind", "unit", "mission"),
            spatial=False,
        ),
        Layer(
            "driver",
            Text("Driver", "Drivers"),
            "I driver di ogni edizione.",
            ("edition", "driver", "title_it", "title_en", "title_basis", "goals"),
            ("edition", "driver"),
            spatial=False,
        ),
        Layer(
            "driver_comuni",
            Text("Driver nei comuni", "Drivers in municipalities"),
            _DRIVER_ABSTRACT.format("ogni comune"),
            ("edition", "driver", "municipality_code", "municipality", *_COVERAGE),
            ("edition", "driver", "municipality_code"),
            spatial=True,
        ),
        Layer(
            "driver_zone",
            Text("Driver nelle zone omogenee", "Drivers in zone omogenee"),
            _DRIVER_ABSTRACT.format("ogni zona omogenea"),
            ("edition", "driver", "zone", *_COVERAGE, *_WEIGHTED),
            ("edition", "driver", "zone"),
            spatial=True,
        ),
        Layer(
            "driver_unioni",
            Text("Driver nelle unioni di comuni", "Drivers in unioni di comuni"),
            _DRIVER_ABSTRACT.format("ogni unione, nella sua edizione"),
            ("edition", "driver", "union", *_COVERAGE, *_WEIGHTED),
            ("edition", "driver", "union"),
            spatial=True,
        ),
        Layer(
            "progetti",
            Text("Progetti", "Projects"),
            "I progetti del registro dell'ente o di OpenCUP; il driver è vuoto se non attribuito.",
            (
                "project",
                "title",
                "edition",
                "driver",
                "mission",
                "amount_eur",
                "status",
                "start_date",
                "end_date",
                "municipality_count",
            ),
            ("project",),
            spatial=False,
        ),
        Layer(
            "progetti_comuni",
            Text("Progetti e comuni", "Projects and municipalities"),
            "I comuni di ogni progetto, con la parte dell'importo che tocca a ciascuno (parti uguali).",
            ("project", "municipality_code", "amount_eur"),
            ("project", "municipality_code"),
            spatial=False,
        ),
        Layer(
            "servizi",
            Text("Servizi", "Services"),
            "I servizi quotidiani del territorio e dintorni, da OpenStreetMap e dai registri, contati una volta.",
            ("category", "service", "service_name", "source", "osm_id", "municipality_code"),
            ("category", "service"),
            spatial=True,
            geometry="Point",
        ),
        Layer(
            "servizi_confronto",
            Text("Confronto dei servizi", "Comparison of services"),
            "Che cosa hanno i registri ufficiali e che cosa OpenStreetMap, per comune e categoria.",
            (
                "municipality_code",
                "category",
                "register",
                "not_placed",
                "osm",
                "both",
                "register_only",
                "osm_only",
                "osm_dropped",
            ),
            ("municipality_code", "category"),
            spatial=False,
        ),
        Layer(
            "confini_confronto",
            Text("Confronto dei confini", "Comparison of boundaries"),
            "I confini comunali di OpenStreetMap a confronto con quelli di ISTAT; la geometria è quella di ISTAT.",
            (
                "municipality_code",
                "municipality",
                "osm_name",
                "osm_code",
                "matched_by",
                "iou",
                "largest_distance_m",
                "area_difference_km2",
                "part_count",
                "osm_part_count",
                "outcome",
                "doubt_it",
            ),
            ("municipality_code",),
            spatial=True,
        ),
        Layer(
            "fonti",
            Text("Fonti", "Sources"),
            "Le fonti usate da ogni layer, con licenza, attribuzione, data e impronta.",
            ("layer", "source", "address", "licence", "attribution", "source_date", "sha256"),
            ("layer", "source"),
            spatial=False,
        ),
    )
}


def layer_named(name: str) -> Layer:
    """Return the contract of a layer by its Italian name.

    Raises
    ------
    UnknownNameError
        There is no such layer.
    """
    if name not in LAYERS:
        known = ", ".join(LAYERS)
        raise UnknownNameError(
            Text(
                it=f"Il layer «{name}» non esiste; quelli disponibili sono: {known}.",
                en=f"There is no layer “{name}”; the layers are: {known}.",
            )
        )
    return LAYERS[name]
