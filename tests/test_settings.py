"""Settings: from options, else from the environment, else the defaults."""

import re
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.versions import Contract
from mockserver.errors import UsageError
from mockserver.settings import (
    ENVIRONMENT_PREFIX,
    LogFormat,
    LogRequests,
    Settings,
    load_settings,
    option_name,
    variable_name,
)

GOOD: dict[str, tuple[str, Any]] = {
    "host": ("::1", "::1"),
    "port": ("0", 0),
    "database": ("some/file.db", Path("some/file.db")),
    "seed": ("-7", -7),
    "scenario": ("example", "example"),
    "token": ("one,two", ("one", "two")),
    "contract": ("2026", Contract.V2026),
    "scenarios": ("folder", Path("folder")),
    "scheduled_for": ("PT2M", 120_000),
    "in_progress_for": ("1.5", 1_500),
    "aborting_for": ("0", 0),
    "no_control": ("true", True),
    "cors": ("http://localhost:3000,*", ("http://localhost:3000", "*")),
    "allow_host": ("mock.example.com,.corp.example,*", ("mock.example.com", ".corp.example", "*")),
    "rate_limit": ("3", 3),
    "enforce_rate_limit": ("yes", True),
    "log_requests": ("none", LogRequests.NONE),
    "log_format": ("json", LogFormat.JSON),
    "journal_mb": ("5", 5),
}
"""A string other than the default for each setting, and the value that it stands for."""

TOKEN_RULE = "white space or commas"  # noqa: S105 - no secret
HOST_RULE = "a suffix such as .example.com, or *"

BAD = [
    ("port", "-1", "at least 0"),
    ("port", "65536", "at most 65535"),
    ("port", "http", 'integer; got "http"'),
    ("port", "80.5", 'integer; got "80.5"'),
    ("port", "9" * 5000, f'got "{"9" * 80}…"'),
    ("seed", "x\ny", "integer"),
    ("rate_limit", "0", "at least 1"),
    ("rate_limit", "1000000001", "at most 1000000000"),
    ("enforce_rate_limit", "maybe", "true or false"),
    ("log_requests", "some", "all, failed or none"),
    ("log_format", "TEXT", "text or json"),
    ("token", "a,,b", TOKEN_RULE),
    ("cors", "localhost", 'got "localhost"'),
    ("cors", "http://a/b", 'got "http://a/b"'),
    ("allow_host", "mock.example.com:8080", HOST_RULE),
    ("allow_host", "http://mock.example.com", HOST_RULE),
    ("allow_host", "*.example.com", HOST_RULE),
    ("allow_host", ".", HOST_RULE),
    ("token", "a, b", TOKEN_RULE),
]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_name(name), raising=False)


def test_every_setting_has_a_valid_value_to_test_with() -> None:
    assert set(GOOD) == set(Settings.model_fields)


def test_every_setting_is_described_in_a_sentence() -> None:
    for field in Settings.model_fields.values():
        assert re.fullmatch(r"[A-Z].*\.", str(field.description))


def test_names_of_options_and_variables_follow_from_the_settings() -> None:
    assert (option_name("log_format"), variable_name("log_format")) == ("--log-format", "NFMOCK_LOG_FORMAT")


@pytest.mark.parametrize("name", GOOD)
def test_a_variable_sets_what_its_option_sets(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, meaning = GOOD[name]
    assert getattr(load_settings(), name) != meaning
    assert getattr(load_settings(**{name: text}), name) == meaning
    monkeypatch.setenv(variable_name(name), text)
    assert getattr(load_settings(), name) == meaning


@pytest.mark.parametrize("name", GOOD)
def test_an_option_takes_precedence_over_its_variable(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = getattr(load_settings(), name)
    monkeypatch.setenv(variable_name(name), GOOD[name][0])
    assert getattr(load_settings(**{name: Settings.model_fields[name].default}), name) == default


@pytest.mark.parametrize("name", GOOD)
def test_an_empty_variable_counts_as_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = getattr(load_settings(), name)
    monkeypatch.setenv(variable_name(name), "")
    assert getattr(load_settings(), name) == default


@pytest.mark.parametrize(("name", "text", "rule"), BAD)
def test_the_message_for_an_invalid_value_names_the_option_or_variable(
    name: str, text: str, rule: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match=re.escape(rule)) as error:
        load_settings(**{name: text})
    assert str(error.value).startswith(f"{option_name(name)} must ")
    monkeypatch.setenv(variable_name(name), text)
    with pytest.raises(UsageError, match=re.escape(rule)) as error:
        load_settings()
    assert str(error.value).startswith(f"{variable_name(name)} must ")


def test_an_empty_host_is_rejected() -> None:
    with pytest.raises(UsageError, match='--host must not be empty; got ""'):
        load_settings(host="")


def test_variables_of_other_programs_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOCKSERVER_PORT", "tcp://10.0.0.1:8080")
    monkeypatch.setenv("PORT", "1")
    assert load_settings().port == 8080
    assert ENVIRONMENT_PREFIX == "NFMOCK_"


@pytest.mark.parametrize("address", ["tcp://10.0.0.1:8080", "tcp://[fd00::1]:8080", "udp://nfmock.internal:53"])
def test_a_port_that_kubernetes_injects_for_a_service_of_our_name_is_ignored(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"SERVICE_HOST": "10.0.0.1", "SERVICE_PORT": "8080", "PORT_8080_TCP_PROTO": "tcp"}.items():
        monkeypatch.setenv(f"NFMOCK_{name}", value)
    monkeypatch.setenv("NFMOCK_PORT", address)
    assert load_settings().port == 8080
    assert load_settings(port="9000").port == 9000


@pytest.mark.parametrize("text", ["http://10.0.0.1:8080", "tcp://10.0.0.1", "tcp://:", "tcp://a b:1"])
def test_a_port_that_kubernetes_would_not_write_is_invalid(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NFMOCK_PORT", text)
    with pytest.raises(UsageError, match=r'NFMOCK_PORT must be an integer; got "'):
        load_settings()


def test_a_kubernetes_port_is_invalid_as_an_option() -> None:
    with pytest.raises(UsageError, match=r'--port must be an integer; got "tcp://10.0.0.1:8080"'):
        load_settings(port="tcp://10.0.0.1:8080")


def test_nothing_but_options_and_the_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("NFMOCK_PORT=1")
    monkeypatch.chdir(tmp_path)
    assert load_settings().port == 8080
