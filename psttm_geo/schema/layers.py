"""The contract of every layer and table of the GeoPackage; its columns are described in :mod:`.columns`."""

from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import pandas as pd

from psttm_geo.core.errors import LayerContractError, Text, UnknownNameError
from psttm_geo.schema.code_lists import CLASS_COLUMNS, GOAL_KEY, LEVEL_BASES, LEVELS
from psttm_geo.schema.columns import FAMILIES, column_named


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
        English column names as :func:`psttm_geo.schema.columns.column_named` knows them, in order.
    key
        The columns that identify a row.
    spatial
        Whether features have a geometry.
    geometry
        Its type, where they have one.
    families
        Beginnings of columns that there is one of per category: all that a table has follow the others.
    """

    name: str
    title: Text
    abstract: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    spatial: bool
    geometry: Literal["MultiPolygon", "Point"] = "MultiPolygon"
    families: tuple[str, ...] = ()

    def columns_of(self, table: pd.DataFrame) -> tuple[str, ...]:
        """Return the columns of `table` that the layer takes, in order."""
        return (*self.columns, *(name for name in table.columns if str(name).startswith(self.families)))

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
        names = {name: column_named(name).field for name in self.columns_of(table)}
        columns = [*names, table.geometry.name] if self.spatial else list(names)
        return table[columns].rename(columns=names).reset_index(drop=True)

    def fields(self, *names: str) -> list[str]:
        """Return the Italian names of columns; of all that every table of the layer has, where none is given."""
        return [column_named(name).field for name in names or self.columns]

    def field(self, name: str) -> str:
        """Return the Italian name of a column; one that the layer does not know has that name already."""
        known = name in self.columns or name.startswith(self.families)
        return column_named(name).field if known else name

    def in_english(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table that :meth:`select` made under English names again; unknown columns keep theirs."""
        return table.rename(columns={name: self.english(str(name)) for name in table.columns})

    def english(self, field: str) -> str:
        """Return the English name of a column by its Italian one; one that the layer does not know keeps it."""
        known = dict(zip(self.fields(), self.columns, strict=True))
        if field in known:
            return known[field]
        for beginning in self.families:
            before, after = FAMILIES[beginning].field.split("{}")
            if field.startswith(before) and field.endswith(after) and len(field) > len(before) + len(after):
                return beginning + field[len(before) : len(field) - len(after)]
        return field


AGE_BANDS = {
    "residents_0_14": (0, 14),
    "residents_15_64": (15, 64),
    "residents_65_74": (65, 74),
    "residents_75_over": (75, None),
}
"""Disjoint age bands in completed years, both ends included; None is open."""

RESIDENT_COUNTS = ("residents", "residents_male", "residents_female", *AGE_BANDS)

_RESIDENTS = (*RESIDENT_COUNTS, "residents_date", "density_per_km2")

_PROJECTS = ("projects", "projects_unattributed", "projects_edition_unknown")

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
    "projects_of_edition",
    "amount_of_edition_eur",
    "projects_edition_unknown",
    "projects_possible",
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
    "Copertura dei driver su {}: normativa (quote degli obiettivi), attivata (progetti del registro, di tutte le "
    "edizioni) e, accanto, un indicatore di uno dei loro obiettivi dove è calcolato; tenute distinte."
)

_ACCESS = (
    "residents",
    "share_all_15",
    "share_unknown",
    "categories_15",
    "minutes_all",
    "residents_outside",
    "residents_near_end",
    "residents_unconnected",
    "residents_isolated",
    "residents_unplaced",
)

_FAMILIES = ("minutes_to_", "share_15_")

_ACCESS_ABSTRACT = (
    "La città a 15 minuti (obiettivo 5.10) {}: minuti a piedi fino ai servizi e residenti che li raggiungono entro 15 "
    "minuti, per profilo di chi cammina, sulla rete di OpenStreetMap."
)


def _access_layer(suffix: str, title: Text, place: str, *unit: str) -> Layer:
    """Return the contract of one of the accessibility layers, which differ in their unit alone."""
    return Layer(
        f"accessibilita_{suffix}",
        title,
        _ACCESS_ABSTRACT.format(place),
        (*unit, "profile", *_ACCESS),
        (*(name for name in unit if name != "municipality"), "profile"),
        spatial=True,
        families=_FAMILIES,
    )


_SCENARIO_FAMILIES = (
    "before_share_15_",
    "after_share_15_",
    "before_minutes_to_",
    "after_minutes_to_",
    "gainers_",
    "losers_",
)


def _scenario_layer(suffix: str, title: Text, place: str, *unit: str) -> Layer:
    """Return the contract of one of the layers of a scenario, which differ in their unit alone."""
    return Layer(
        f"scenario_{suffix}",
        title,
        f"Che cosa cambia {place} se i servizi cambiano come dice lo scenario: prima, dopo, per chi il "
        "cammino si accorcia o si allunga.",
        (*unit, "profile", "residents", "before_share_all_15", "after_share_all_15", "change_share_all_15"),
        (*(name for name in unit if name != "municipality"), "profile"),
        spatial=True,
        families=_SCENARIO_FAMILIES,
    )


LAYERS = {
    layer.name: layer
    for layer in (
        Layer(
            "comuni",
            Text("Comuni", "Municipalities"),
            "I comuni della Città metropolitana di Milano con zona omogenea, superficie, residenti, progetti e grado "
            "di urbanizzazione (se noto).",
            (
                "municipality_code",
                "municipality",
                "cadastral_code",
                "zone",
                "area_km2",
                *_RESIDENTS,
                *_PROJECTS,
                *CLASS_COLUMNS,
            ),
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
            "Gli obiettivi di ogni edizione; la geometria è l'unione dei comuni a cui si applicano, assente se non è "
            "noto per nessuno. I livelli sono segni della tabella del documento, ereditati dove il documento non ne "
            "ha, o nominati dal testo dell'obiettivo: lo dice la base di ciascuno.",
            (
                *GOAL_KEY,
                "title_it",
                "title_en",
                "reference",
                "measure",
                *LEVELS,
                "mark_basis",
                "mark_edition",
                *LEVEL_BASES,
                "text_passage",
                "doubtful",
                "scope",
                "scope_basis",
                "scope_reason_it",
                "focus_it",
            ),
            tuple(GOAL_KEY),
            spatial=True,
        ),
        Layer(
            "obiettivi_comuni",
            Text("Obiettivi e comuni", "Goals and municipalities"),
            "Per ogni obiettivo e comune: se si applica (dove), se il comune è coinvolto (chi) e se è nominato "
            "in particolare.",
            (
                *GOAL_KEY,
                "municipality_code",
                "applies",
                "called",
                "basis",
                "reason_it",
                "focus",
                "focus_reason_it",
            ),
            (*GOAL_KEY, "municipality_code"),
            spatial=False,
        ),
        Layer(
            "obiettivi_conteggi",
            Text("Obiettivi per unità", "Goals by unit"),
            "Quanti obiettivi di ogni missione si applicano a ogni unità, e quanti coinvolgono i suoi comuni.",
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
            "I progetti del registro dell'ente o di OpenCUP; l'edizione è vuota se il registro non la indica, il "
            "driver se non attribuito.",
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
        _access_layer(
            "comuni",
            Text("Accessibilità nei comuni", "Accessibility in municipalities"),
            "nei comuni",
            "municipality_code",
            "municipality",
        ),
        _access_layer(
            "zone", Text("Accessibilità nelle zone omogenee", "Accessibility in zone omogenee"), "nelle zone", "zone"
        ),
        _access_layer(
            "unioni",
            Text("Accessibilità nelle unioni di comuni", "Accessibility in unioni di comuni"),
            "nelle unioni",
            "edition",
            "union",
        ),
        _access_layer(
            "citta_metropolitana",
            Text("Accessibilità nella Città metropolitana", "Accessibility in the Metropolitan City"),
            "nell'intero territorio",
            "unit",
        ),
        _access_layer(
            "esagoni", Text("Accessibilità negli esagoni", "Accessibility in hexagons"), "negli esagoni H3", "hexagon"
        ),
        _access_layer(
            "unita", Text("Accessibilità nelle unità proprie", "Accessibility in own units"), "nelle unità", "own_unit"
        ),
        Layer(
            "indicatori",
            Text("Indicatori", "Indicators"),
            "Ogni indicatore di accessibilità di ogni unità, per profilo, fascia d'età e categoria; gli esagoni hanno "
            "solo il loro layer.",
            (
                "unit_kind",
                "edition_or_all",
                "unit",
                "profile",
                "age_band",
                "category",
                "threshold_min",
                "access_indicator",
                "access_value",
                "method",
                "residents_date",
            ),
            ("unit_kind", "edition_or_all", "unit", "profile", "age_band", "category", "access_indicator"),
            spatial=False,
        ),
        Layer(
            "carenze",
            Text("Carenze", "Gaps"),
            "Dove i residenti non raggiungono una categoria entro 15 minuti: quanti sono e quanto camminano; dal più "
            "grave. Il comune è quello in cui abita la maggior parte di loro.",
            ("hexagon", "category", "profile", "residents_beyond", "gap_minutes", "municipality_code", "zone"),
            ("hexagon", "category", "profile"),
            spatial=True,
        ),
        Layer(
            "carenze_comuni",
            Text("Carenze dei comuni", "Gaps of municipalities"),
            "Ogni categoria che a qualche residente di un comune manca entro 15 minuti, per profilo, da quella che "
            "riguarda più residenti; un comune o una categoria di cui non è noto non ha righe.",
            ("municipality_code", "profile", "rank", "category", "residents_beyond", "gap_minutes"),
            ("municipality_code", "profile", "rank"),
            spatial=False,
        ),
        Layer(
            "isocrone",
            Text("Isocrone", "Isochrones"),
            "Fin dove si arriva a piedi da un luogo, o da dove si arriva ai servizi di una categoria, entro ogni "
            "soglia, per il profilo di chi cammina indicato in ogni riga (adulto, se non se ne chiede un altro); ogni "
            "soglia comprende le minori.",
            ("origin", "category", "profile", "minutes"),
            ("origin", "profile", "minutes"),
            spatial=True,
        ),
        _scenario_layer(
            "comuni",
            Text("Scenario nei comuni", "Scenario in municipalities"),
            "nei comuni",
            "municipality_code",
            "municipality",
        ),
        _scenario_layer(
            "zone", Text("Scenario nelle zone omogenee", "Scenario in zone omogenee"), "nelle zone", "zone"
        ),
        _scenario_layer(
            "unioni",
            Text("Scenario nelle unioni di comuni", "Scenario in unioni di comuni"),
            "nelle unioni",
            "edition",
            "union",
        ),
        _scenario_layer(
            "citta_metropolitana",
            Text("Scenario nella Città metropolitana", "Scenario in the Metropolitan City"),
            "nell'intero territorio",
            "unit",
        ),
        _scenario_layer(
            "esagoni",
            Text("Scenario negli esagoni", "Scenario in hexagons"),
            "negli esagoni H3 in cui il cammino di qualcuno cambia",
            "hexagon",
        ),
        _scenario_layer(
            "unita", Text("Scenario nelle unità proprie", "Scenario in own units"), "nelle unità", "own_unit"
        ),
        Layer(
            "scenario_servizi",
            Text("Servizi dello scenario", "Services of the scenario"),
            "I servizi che lo scenario aggiunge, sposta o chiude; di quelli spostati, dove vanno.",
            ("number", "action", "category", "service", "service_name"),
            ("number",),
            spatial=True,
            geometry="Point",
        ),
        Layer(
            "fonti",
            Text("Fonti", "Sources"),
            "Le fonti usate da ogni layer, con licenza, attribuzione, data e impronta.",
            ("layer", "source", "address", "licence", "attribution", "source_date", "added_on", "sha256"),
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
