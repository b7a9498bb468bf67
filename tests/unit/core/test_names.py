from psttm_geo.core.names import plain_name, plain_words


def test_names_are_compared_without_accents_case_and_punctuation() -> None:
    assert plain_name("CASSINA DE' PECCHI") == plain_name("Cassina  de' Pecchi") == "cassina de pecchi"
    assert plain_name("Cantù") == "cantu"
    assert plain_words("S.Carlo, n.4 - Città") == ["s", "carlo", "n", "4", "citta"]
    assert plain_words("") == []
