from pathlib import Path

import pytest

from psttm_geo.core.settings import Settings


def test_the_environment_sets_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PSTTM_DATA", str(tmp_path))
    monkeypatch.setenv("PSTTM_WORKSPACE", str(tmp_path / "work"))
    monkeypatch.setenv("PSTTM_SERVED", "true")
    monkeypatch.setenv("PSTTM_LANGUAGE", "en")
    names = ("geofabrik", "istat", "istat_demo", "istat_data", "lombardia", "italia_domani", "overpass", "nominatim")
    servers = [f"{name}_url" for name in names]
    for server in servers:
        monkeypatch.setenv(f"PSTTM_{server.upper()}", f"http://127.0.0.1/{server}")
    assert Settings().model_dump() == {
        "data": tmp_path,
        "workspace": tmp_path / "work",
        "served": True,
        "language": "en",
        **{server: f"http://127.0.0.1/{server}" for server in servers},
    }


def test_without_environment_messages_are_italian_and_data_the_packaged_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PSTTM_WORKSPACE")
    settings = Settings()
    assert settings.language == "it"
    assert settings.data is None
    assert settings.workspace.name == "psttm-geo"
