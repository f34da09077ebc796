"""Settings from PESERTA_* variables, a .env file and flags. Each has a heading in docs/settings.md."""

import re
from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import AwareDatetime, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.domain.policy import Policy


class Settings(BaseSettings):
    """How this process runs. Numbers of the sign-up are in `Policy` and can be set the same way."""

    model_config = SettingsConfigDict(env_prefix="PESERTA_", env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(8400, ge=0, le=65535)
    smtp_port: int = Field(2525, ge=0, le=65535)
    public_url: str | None = None
    data: Path = Path("data")
    database_url: SecretStr | None = None
    database_pool: int = Field(10, ge=2, le=200)
    start_at: AwareDatetime | None = None
    seed: int | None = None
    control_token: SecretStr | None = None
    control_origins: list[str] = []
    allowed_hosts: list[str] = []
    allowed_origins: list[str] = []
    oidc_issuer: str | None = None
    smtp_server: str | None = None
    sms_url: str | None = None
    password_profile: Literal["owasp", "cheap"] = "owasp"
    max_worlds: int = Field(500, ge=1)
    max_open_worlds: int = Field(200, ge=1)
    world_idle_s: int = Field(600, ge=1)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    otp_length: int = Field(Policy().otp_length, ge=4, le=8)
    otp_ttl_s: int = Field(Policy().otp_ttl_s, ge=1)
    otp_attempts: int = Field(Policy().otp_attempts, ge=1)
    otp_resend_s: int = Field(Policy().otp_resend_s, ge=0)
    otp_sends_per_hour: int = Field(Policy().otp_sends_per_hour, ge=1)
    otp_lock_s: int = Field(Policy().otp_lock_s, ge=0)
    flow_ttl_s: int = Field(Policy().flow_ttl_s, ge=1)
    activation_ttl_s: int = Field(Policy().activation_ttl_s, ge=1)
    activation_resend_s: int = Field(Policy().activation_resend_s, ge=0)
    email_corrections: int = Field(Policy().email_corrections, ge=0)
    mismatches_per_hour: int = Field(Policy().mismatches_per_hour, ge=1)
    reset_ttl_s: int = Field(Policy().reset_ttl_s, ge=1)
    email_change_ttl_s: int = Field(Policy().email_change_ttl_s, ge=1)
    contact_cool_down_s: int = Field(Policy().contact_cool_down_s, ge=0)
    card_download_ttl_s: int = Field(Policy().card_download_ttl_s, ge=1)
    card_verification_ttl_s: int = Field(Policy().card_verification_ttl_s, ge=2)
    document_download_ttl_s: int = Field(Policy().document_download_ttl_s, ge=1)
    sign_in_failures: int = Field(Policy().sign_in_failures, ge=1)
    sign_in_lock_s: int = Field(Policy().sign_in_lock_s, ge=1)
    password_min_length: int = Field(Policy().password_min_length, ge=1)
    password_max_length: int = Field(Policy().password_max_length, ge=8, le=1024)
    password_min_score: int = Field(Policy().password_min_score, ge=0, le=4)

    @field_validator("smtp_server")
    @classmethod
    def _has_port(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\S+:\d{1,5}", value):
            raise ValueError("it names a host and a port, like 127.0.0.1:25")
        return value

    @field_validator("public_url", "oidc_issuer", "sms_url")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/]+\S*", value):
            raise ValueError("it is an address that begins with http:// or https://")
        return value

    def policy(self) -> Policy:
        """The rules of the sign-up as set."""
        return Policy(**{name: getattr(self, name) for name in Policy.__slots__ if name in type(self).model_fields})

    def starts_at(self) -> datetime | None:
        """World time at which `main` starts; None is real now."""
        return self.start_at
