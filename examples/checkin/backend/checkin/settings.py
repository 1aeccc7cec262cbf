"""What the environment says."""

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Everything that the stage configures."""

    database_url: SecretStr
    secret_key: SecretStr
    postgres_user: str
    postgres_password: SecretStr
    api_v1_str: str = "/api/v1"
    uploads: Path = Path("/app/uploads")
    models: Path = Path("/app/models")
    datasets: Path = Path("/app/datasets")


settings = Settings()  # values come from the environment
