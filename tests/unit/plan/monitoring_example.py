"""SINTETICO: the register of an invented office, which keeps every table; nothing in it is of any real office."""

from psttm_geo.plan.monitoring_tables import csv_text, written_names

ROWS = {
    "agreements": [
        {
            "codice": "SINTETICO-I1",
            "tipo": "Intesa",
            "partner": "Ente inventato <b>Adda</b>",
            "oggetto": "Mobilità ciclabile, tratto inventato",
            "zone": "Sud Est; Adda Martesana",
            "edizione": "2025-2027",
            "stato": "Firmato",
            "data_firma": "04/03/2026",
            "data_scadenza": "2028-12-31",
        },
        {
            "codice": "SINTETICO-I2",
            "tipo": "patto",
            "partner": "Consorzio inventato",
            "oggetto": "Efficienza energetica",
            "comuni": "San Donato Milanese; Vermezzo",
            "stato": "in corso",
        },
        {
            "codice": "SINTETICO-I3",
            "tipo": "protocollo",
            "partner": "Agenzia inventata",
            "oggetto": "Scaduto",
            "zone": "Sud Est",
            "data_scadenza": "2026-01-31",
        },
    ],
    "dup_links": [
        {
            "ente": "CM",
            "triennio": "2026-2028",
            "obiettivo_strategico": "SINTETICO 1",
            "missione_bilancio": "08",
            "programma_bilancio": "01",
            "edizione": "2025-2027",
            "obiettivo": "5.10",
            "relazione": "attua",
        },
        {
            "ente": "Rozzano",
            "triennio": "2026/2028",
            "obiettivo_strategico": "SINTETICO 2",
            "obiettivo_operativo": "2.1",
            "missione_bilancio": "12",
            "edizione": "2025-2027",
            "obiettivo": "5.1",
            "relazione": "Concorre",
            "atto": "DCC inventata 1/2026",
        },
    ],
    "milestones": [
        {
            "codice": "SINTETICO-M1",
            "edizione": "2025-2027",
            "obiettivo": "5.10",
            "tipo": "target",
            "descrizione": "Residenti entro 15 minuti",
            "unita": "%",
            "valore_iniziale": "70",
            "valore_obiettivo": "75,5",
            "scadenza": "T2 2026",
        },
        {
            "codice": "SINTETICO-M2",
            "edizione": "2025-2027",
            "driver": "2",
            "tipo": "milestone",
            "descrizione": "Studio approvato",
            "scadenza": "2026-T4",
        },
        {
            "codice": "SINTETICO-M3",
            "edizione": "2025-2027",
            "obiettivo": "1.1",
            "tipo": "milestone",
            "descrizione": "Già fatto",
            "scadenza": "1° trimestre 2026",
            "data": "2026-02-10",
        },
        {
            "codice": "SINTETICO-M4",
            "edizione": "2025-2027",
            "obiettivo": "1.1",
            "tipo": "milestone",
            "descrizione": "Lontano",
            "scadenza": "2027-T4",
        },
    ],
    "indicators": [
        {
            "codice": "SINTETICO-K1",
            "sistema": "BES",
            "nome": "Verde urbano inventato",
            "natura": "stock",
            "unita": "m2 per abitante",
            "livello_minimo": "comune",
            "edizione": "2025-2027",
            "obiettivo": "2.1",
        }
    ],
    "observations": [
        {"indicatore": "SINTETICO-K1", "luogo": "015189", "valore": "18,4", "data": "2025-12-31", "fonte": "inventata"},
        {
            "indicatore": "SINTETICO-K1",
            "luogo": "zona Sud Est",
            "valore": "n.d.",
            "data": "2025-12-31",
            "fonte": "inventata",
        },
        {
            "indicatore": "SINTETICO-K1",
            "luogo": "Città metropolitana",
            "valore": "0",
            "data": "2025-12-31",
            "fonte": "inventata",
        },
    ],
    "updates": [
        {
            "data": "2026-01-15",
            "edizione": "2025-2027",
            "tabella": "goals",
            "chiave": "5.10",
            "campo": "note",
            "prima": "",
            "dopo": "SINTETICO: prima nota",
            "atto": "decreto inventato 1/2026",
        },
        {
            "data": "2026-06-15",
            "edizione": "2025-2027",
            "tabella": "goals",
            "chiave": "5.10",
            "campo": "note",
            "prima": "SINTETICO: prima nota",
            "dopo": "SINTETICO: seconda nota",
            "atto": "decreto inventato 2/2026",
        },
    ],
}
"""The cells of each table that are not blank."""


def cells(table: str, *rows: dict[str, str]) -> list[list[str]]:
    """Return the header of a table and rows below it."""
    names = written_names(table)
    return [names, *([row.get(name, "") for name in names] for row in rows)]


def text(table: str, *rows: dict[str, str]) -> str:
    """Return a table as CSV: by default the one of the example."""
    return csv_text(cells(table, *(rows or ROWS[table])))
