"""Settings from the environment (prefix ``PSTTM_``) with defaults that need no network."""

from pathlib import Path
from typing import Literal, LiteralString

from platformdirs import user_data_path
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

_EMPTY: LiteralString = (
    "vuota, attesa una cartella; indicarne una o togliere la variabile "
    "(empty, expected a folder; give one or unset the variable)"
)


class Settings(BaseSettings):
    """What an installation may set; read once per command or page, never changed while running."""

    model_config = SettingsConfigDict(env_prefix="PSTTM_", frozen=True)

    data: Path | None = Field(default=None, description="Folder of tables to use instead of the packaged `data/`.")
    workspace: Path = Field(
        default_factory=lambda: user_data_path("psttm-geo", appauthor=False),
        description="Folder of registered inputs, caches and results.",
    )
    served: bool = Field(
        default=False, description="Whether pages serve many visitors and leave the workspace as it is."
    )
    language: Literal["it", "en"] = Field(default="it", description="Language of messages.")
    geofabrik_url: str | None = Field(default=None, description="An office's mirror of Geofabrik's server.")
    istat_url: str | None = Field(default=None, description="A mirror of ISTAT's server of maps.")
    istat_demo_url: str | None = Field(default=None, description="A mirror of ISTAT's demographic server.")
    istat_data_url: str | None = Field(default=None, description="A mirror of ISTAT's server of census data.")
    lombardia_url: str | None = Field(default=None, description="A mirror of Regione Lombardia's open data.")
    italia_domani_url: str | None = Field(default=None, description="A mirror of Italia Domani's open data.")
    overpass_url: str = Field(
        default="https://overpass-api.de/api", description="Where Overpass answers, without `/interpreter`."
    )
    nominatim_url: str = Field(default="https://nominatim.openstreetmap.org", description="Where Nominatim answers.")

    @field_validator("workspace", mode="before")
    @classmethod
    def _require_workspace(cls, value: object) -> object:
        if isinstance(value, str) and not value.strip():
            raise PydanticCustomError("empty", _EMPTY)  # noqa: EM101 - the kind of the error
        return value
