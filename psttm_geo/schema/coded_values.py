"""The codes that columns hold, and what they mean: for forms, legends and the GeoPackage's own constraints."""

from collections.abc import Mapping
from dataclasses import dataclass

from psttm_geo.core.errors import Text


@dataclass(frozen=True)
class CodedValues:
    """Codes in their order.

    Attributes
    ----------
    name
        Snake_case ASCII name of the constraint in a GeoPackage.
    meanings
        Meaning by code.
    """

    name: str
    meanings: Mapping[str, Text]


_UNKNOWN = Text("non noto", "not known")

_UNMARKED = Text(
    "non indicato nella tabella da cui viene il livello", "not marked in the table that the level comes from"
)

MARKS = CodedValues("segno", {"si": Text("sì", "yes"), "non_indicato": _UNMARKED, "non_noto": _UNKNOWN})

MARK_BASES = CodedValues(
    "base_dei_livelli",
    {
        "document": Text("tabella del documento", "table of the document"),
        "inherited": Text("ereditato dagli obiettivi che continua", "inherited from the goals it continues"),
        "from_text": Text("testo dell'obiettivo", "the goal's own text"),
        "none": Text("nessuna", "none"),
    },
)

SCOPE_KINDS = CodedValues(
    "ambito",
    {
        "whole_area": Text("intero territorio metropolitano", "whole metropolitan area"),
        "every_municipality": Text("ogni comune", "every municipality"),
        "unlisted": Text("luoghi che il documento non elenca", "places that the document does not list"),
        "named": Text("comuni elencati", "listed municipalities"),
        "feature": Text("comuni toccati da un elemento mappato", "municipalities that meet a mapped feature"),
        "figure": Text("comuni secondo una misura", "municipalities by a figure"),
    },
)

SCOPE_BASES = CodedValues(
    "fondamento_dell_ambito",
    {
        "document": Text("testo del documento", "text of the document"),
        "editorial": Text("lettura del progetto", "this project's reading"),
    },
)

ANSWERS = CodedValues(
    "si_applica",
    {
        "si": Text("si applica", "applies"),
        "no": Text("non si applica", "does not apply"),
        "non_noto": _UNKNOWN,
    },
)

FOCUSES = CodedValues(
    "riferimento_particolare",
    {
        "si": Text("nominato in particolare", "named in particular"),
        "no": Text("non nominato in particolare", "not named in particular"),
        "non_noto": _UNKNOWN,
    },
)

CALLS = CodedValues(
    "chiamato",
    {
        "si": Text("coinvolto", "involved"),
        "no": Text("non coinvolto", "not involved"),
        "non_indicato": _UNMARKED,
        "non_noto": _UNKNOWN,
    },
)

ANSWER_BASES = CodedValues(
    "fondamento_della_risposta",
    {
        **SCOPE_BASES.meanings,
        "public_fact": Text("fatto pubblico", "public fact"),
        "feature": Text("elemento mappato", "mapped feature"),
        "figure": Text("misura", "figure"),
        "missing_input": Text("manca un dato", "an input is missing"),
    },
)

TITLE_BASES = CodedValues(
    "base_del_titolo",
    {
        "document": Text("documenti dell'edizione", "documents of the edition"),
        "inherited": Text("dall'altra edizione", "from the other edition"),
        "editorial": Text("descrittivo, nostro", "descriptive, our own"),
    },
)

UNIT_KINDS = CodedValues(
    "tipo_di_unita",
    {
        "comune": Text("comune", "municipality"),
        "zona": Text("zona omogenea", "zona omogenea"),
        "unione": Text("unione di comuni", "unione di comuni"),
        "citta_metropolitana": Text("città metropolitana", "metropolitan city"),
        "unita": Text("unità propria", "own unit"),
        "degurba": Text("grado di urbanizzazione", "Degree of Urbanisation"),
        "degurba_2": Text("grado di urbanizzazione, livello 2", "Degree of Urbanisation, level 2"),
    },
)

MATCHES = CodedValues(
    "abbinamento",
    {
        "codice": Text("dal codice", "by its code"),
        "nome": Text("dal nome", "by its name"),
        "sovrapposizione": Text("dalla sovrapposizione", "by overlap"),
    },
)

AGE_BANDS = CodedValues(
    "fascia_di_eta",
    {
        "totale": Text("tutte le età", "all ages"),
        "0_14": Text("0-14 anni", "0-14 years"),
        "15_64": Text("15-64 anni", "15-64 years"),
        "65_74": Text("65-74 anni", "65-74 years"),
        "75_piu": Text("75 anni e più", "75 years and over"),
    },
)
