"""The settings of a server: one model, the source of the options, the environment variables and docs/settings.md."""

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from mockserver.contract.versions import Contract
from mockserver.durations import Duration
from mockserver.errors import UsageError
from mockserver.messages import describe, quoted
from mockserver.rate_limit import MAX_REQUESTS, REQUESTS_PER_WINDOW

ENVIRONMENT_PREFIX = "NFMOCK_"


class LogRequests(StrEnum):
    """Which requests are logged."""

    ALL = "all"
    FAILED = "failed"
    NONE = "none"


class LogFormat(StrEnum):
    """The format of the log."""

    TEXT = "text"
    JSON = "json"


def _valid_token(text: str) -> str:
    if not re.fullmatch(r"[^\s,]+", text):
        raise ValueError("must not be empty or contain white space or commas")
    return text


def _valid_origin(text: str) -> str:
    if not re.fullmatch(r"\*|https?://[^\s,/]+", text):
        raise ValueError("must be a web origin, such as http://localhost:3000, or * for all")
    return text


def _valid_host_name(text: str) -> str:
    if not re.fullmatch(r"\*|\.?[\w-]+(\.[\w-]+)*\.?", text, re.ASCII):
        raise ValueError("must be a host name without a port, a suffix such as .example.com, or * for any")
    return text


class _Environment(EnvSettingsSource):
    """The environment, without the ``NFMOCK_PORT`` that Kubernetes sets for a service called ``nfmock``."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        value, key, is_complex = super().get_field_value(field, field_name)
        is_injected = field_name == "port" and re.fullmatch(r"(tcp|udp|sctp)://\S+:\d+", value or "")
        return (None if is_injected else value), key, is_complex


class Settings(BaseSettings):
    """Every setting of a server. An option takes precedence over its environment variable."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, env_ignore_empty=True, frozen=True)

    host: Annotated[str, Field(min_length=1, description="The address to listen on; 0.0.0.0 for all interfaces.")] = (
        "127.0.0.1"
    )
    port: Annotated[int, Field(ge=0, le=65535, description="The port to listen on; 0 for any free port.")] = 8080
    database: Annotated[
        Path | None,
        Field(description="A file to keep the data in. By default it is kept in memory and lost when the server ends."),
    ] = None
    seed: Annotated[int, Field(description="The seed of generated data: another seed generates other restores.")] = 1
    scenario: Annotated[
        str, Field(description="The scenario to fill a new database with; see `mockserver scenarios`.")
    ] = "default"
    scenarios: Annotated[
        Path | None, Field(description="A folder with your own scenarios, in addition to the built-in ones.")
    ] = None
    token: Annotated[
        tuple[Annotated[str, AfterValidator(_valid_token)], ...],
        NoDecode,
        Field(description="Accept only this token; repeatable. By default any token is accepted."),
    ] = ()
    contract: Annotated[
        Contract,
        Field(description="The version of the vendor's API to follow: 2024 or 2026; a project may choose its own."),
    ] = Contract.V2024
    scheduled_for: Duration = Field(
        default="PT5S",
        validate_default=True,
        description="How long a restore that a client starts is scheduled; ISO 8601 or seconds.",
    )
    in_progress_for: Duration = Field(
        default="PT1M", validate_default=True, description="How long such a restore is then in progress."
    )
    aborting_for: Duration = Field(
        default="PT10S", validate_default=True, description="How long a restore that a client aborts is aborting."
    )
    rate_limit: Annotated[
        int,
        Field(ge=1, le=MAX_REQUESTS, description="How many requests a token has per hour; a project may set its own."),
    ] = REQUESTS_PER_WINDOW
    enforce_rate_limit: Annotated[
        bool, Field(description="Respond with 429 once a token has used up its requests; they are always counted.")
    ] = False
    journal_mb: Annotated[
        int, Field(ge=1, le=100_000, description="The maximum size of the journals of all projects together, in MB.")
    ] = 16
    no_control: Annotated[bool, Field(description="Disable the control plane under /_mock.")] = False
    cors: Annotated[
        tuple[Annotated[str, AfterValidator(_valid_origin)], ...],
        NoDecode,
        Field(description="A web origin whose pages may use the API; repeatable. * allows all origins."),
    ] = ()
    allow_host: Annotated[
        tuple[Annotated[str, AfterValidator(_valid_host_name)], ...],
        NoDecode,
        Field(
            description="Accept this host name for the control plane, besides names that nobody can register; "
            "repeatable. .example.com allows all names under it, * any name."
        ),
    ] = ()
    log_requests: Annotated[LogRequests, Field(description="Which requests to log: all, failed or none.")] = (
        LogRequests.FAILED
    )
    log_format: Annotated[
        LogFormat, Field(description="The format of the log: text, or json for one JSON object per line.")
    ] = LogFormat.TEXT

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, then the environment: no setting comes from a file."""
        return init_settings, _Environment(settings_cls)

    @field_validator("token", "cors", "allow_host", mode="before")
    @classmethod
    def _separated_by_commas(cls, value: Any) -> Any:
        return tuple(value.split(",")) if isinstance(value, str) else value


def option_name(field: str) -> str:
    """The name of a setting on the command line, such as ``--log-format``."""
    return "--" + field.replace("_", "-")


def variable_name(field: str) -> str:
    """The name of a setting in the environment, such as ``NFMOCK_LOG_FORMAT``."""
    return ENVIRONMENT_PREFIX + field.upper()


def default_text(field: str) -> str:
    """A setting's default as a user would type it; empty if it has none."""
    default = Settings.model_fields[field].default
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default in (None, ()) else str(default)


def load_settings(**options: Any) -> Settings:
    """Settings from the options, else the environment, else the defaults; raises UsageError for an invalid value."""
    try:
        return Settings(**options)
    except ValidationError as failure:
        first = failure.errors(include_url=False)[0]
        field = str(first["loc"][0])
        name = option_name(field) if field in options else variable_name(field)
        raise UsageError(f"{name} {describe(first)}; got {quoted(str(first['input']))}") from None
