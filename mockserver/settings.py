"""What can be set: one model, from which the options, the variables and docs/settings.md come."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from mockserver.contract.versions import Contract
from mockserver.durations import Duration
from mockserver.errors import UsageError
from mockserver.messages import describe, quoted

ENVIRONMENT_PREFIX = "NFMOCK_"


class LogRequests(StrEnum):
    """Which requests are logged."""

    ALL = "all"
    FAILED = "failed"
    NONE = "none"


class LogFormat(StrEnum):
    """How a line of the log is written."""

    TEXT = "text"
    JSON = "json"


def _a_token(text: str) -> str:
    if not re.fullmatch(r"[^\s,]+", text):
        raise ValueError("must not be empty, nor have white space or commas in it")
    return text


def _an_origin(text: str) -> str:
    if not re.fullmatch(r"\*|https?://[^\s,/]+", text):
        raise ValueError("must be a web origin, such as http://localhost:3000, or * for all")
    return text


def _a_host_name(text: str) -> str:
    if not re.fullmatch(r"\*|\.?[\w-]+(\.[\w-]+)*\.?", text, re.ASCII):
        raise ValueError("must be a host name without a port, a suffix such as .example.com, or * for any")
    return text


class _Environment(EnvSettingsSource):
    """The variables, without the port that Kubernetes gives to all that runs beside a service called ``nfmock``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value, key, is_complex = super().get_field_value(field, field_name)
        is_injected = field_name == "port" and re.fullmatch(r"(tcp|udp|sctp)://\S+:\d+", value or "")
        return (None if is_injected else value), key, is_complex


class Settings(BaseSettings):
    """Every setting of a server. An option wins over its environment variable."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, frozen=True)

    host: Annotated[str, Field(min_length=1, description="The address to listen on; 0.0.0.0 for all interfaces.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=0, le=65535, description="The port to listen on; 0 for any that is free.")] = 8080
    database: Annotated[
        Path | None,
        Field(description="A file to keep the data in; without it they are private, in memory, and gone at the end."),
    ] = None
    seed: Annotated[int, Field(description="Another seed gives other restores in the same scenario.")] = 1
    scenario: Annotated[str, Field(description="What to fill a new store with; see `mockserver scenarios`.")] = (
        "default"
    )
    scenarios: Annotated[
        Path | None, Field(description="A folder with scenarios of your own, found beside those that there are.")
    ] = None
    token: Annotated[
        tuple[Annotated[str, AfterValidator(_a_token)], ...],
        NoDecode,
        Field(description="A token that is good; may be repeated. Without it, any token is."),
    ] = ()
    contract: Annotated[
        Contract, Field(description="Which of the vendor's documentations holds: 2024 or 2026; a project may choose.")
    ] = Contract.V2024
    scheduled_for: Duration = Field(
        default="PT5S",
        validate_default=True,
        description="How long a restore that a client starts is scheduled: ISO 8601, or seconds.",
    )
    in_progress_for: Duration = Field(
        default="PT1M", validate_default=True, description="How long such a restore then is in progress."
    )
    aborting_for: Duration = Field(
        default="PT10S", validate_default=True, description="How long a restore that a client aborts is aborting."
    )
    enforce_rate_limit: Annotated[
        bool, Field(description="Answer 429 once a token has used up its requests; they are counted in any case.")
    ] = False
    journal_mb: Annotated[
        int, Field(ge=1, le=100_000, description="How much memory the journals of all projects take at most, in MB.")
    ] = 16
    no_control: Annotated[bool, Field(description="Switch the control plane off, which is under /_mock.")] = False
    cors: Annotated[
        tuple[Annotated[str, AfterValidator(_an_origin)], ...],
        NoDecode,
        Field(description="A web origin whose pages may call the API; may be repeated. * for all."),
    ] = ()
    allow_host: Annotated[
        tuple[Annotated[str, AfterValidator(_a_host_name)], ...],
        NoDecode,
        Field(
            description="A host name at which the control plane answers, besides those that nobody can register; "
            "repeatable. .example.com allows all names under it, * any name."
        ),
    ] = ()
    log_requests: Annotated[LogRequests, Field(description="Which requests to log: all, failed or none.")] = (
        LogRequests.FAILED
    )
    log_format: Annotated[LogFormat, Field(description="How to log: text, or json for a JSON object a line.")] = (
        LogFormat.TEXT
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - ours instead
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nothing is read from files
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, _Environment(settings_cls)

    @field_validator("token", "cors", "allow_host", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: Any) -> Any:
        return tuple(value.split(",")) if isinstance(value, str) else value


def option_name(field: str) -> str:
    """How a setting is called on the command line: ``--log-format``."""
    return "--" + field.replace("_", "-")


def variable_name(field: str) -> str:
    """How a setting is called in the environment: ``NFMOCK_LOG_FORMAT``."""
    return ENVIRONMENT_PREFIX + field.upper()


def default_text(field: str) -> str:
    """A setting's default as one would write it; empty where it has none."""
    default = Settings.model_fields[field].default
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default in (None, ()) else str(default)


def load_settings(**options: Any) -> Settings:
    """The settings from these options, else the environment, else the defaults; raises UsageError for a bad value."""
    try:
        return Settings(**options)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        field = str(first["loc"][0])
        name = option_name(field) if field in options else variable_name(field)
        raise UsageError(f"{name} {describe(first)}; got {quoted(str(first['input']))}") from None
