import pandas as pd

from psttm_geo.core.messages import Text
from psttm_geo.plan.records import Edition, Plan


def test_union_names_keep_the_order_of_the_document_without_repetition() -> None:
    edition = Edition("a-b", Text("t", "t"), "", "", "2023-01-01", 7, 2, None, None, "document")
    unions = pd.DataFrame({"union": ["Zeta", "Alfa", "Zeta"], "municipality_code": ["015001", "015002", "015003"]})
    assert Plan(edition, unions, *[pd.DataFrame()] * 8).union_names == ["Zeta", "Alfa"]
