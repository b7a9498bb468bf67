"""The contract of every layer and table of the GeoPackage: a column is described here, once.

Inside the package columns have English names; in files that leave it they have the Italian field names, titles and
descriptions written here.
"""

from dataclasses import dataclass

import geopandas as gpd
import pandas as pd

from psttm_geo.errors import LayerContractError, Text, UnknownNameError


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
        Whether features have a (multi)polygon.
    """

    name: str
    title: Text
    abstract: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    spatial: bool

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

_UNIT = ("municipality_count", "area_km2", *_RESIDENTS)

LAYERS = {
    layer.name: layer
    for layer in (
        Layer(
            "comuni",
            Text("Comuni", "Municipalities"),
            "I comuni della Città metropolitana di Milano con zona omogenea, superficie e residenti.",
            ("municipality_code", "municipality", "cadastral_code", "zone", "area_km2", *_RESIDENTS),
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
