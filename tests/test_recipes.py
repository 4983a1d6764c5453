"""The recipes in the docs: every image, variable, port and path in them exists."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it returns Any anyway

from bench.image import HARDENED
from mockserver.settings import Settings, load_settings, variable_name
from mockserver.version import version
from tests.balancer.haproxy import ADDRESSES
from tests.delivery.support import ROOT, shown
from tests.support import RunningServer

IMAGE = "ghcr.io/your-account/northflank-mockserver"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def documents(title: str) -> list[Any]:
    return list(yaml.safe_load_all(shown()[title]))


def strings(value: Any) -> Iterator[str]:
    """Every key and every value, however deep."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    else:
        yield str(value)


def variables(value: Any) -> Iterator[tuple[str, str]]:
    """Every variable of ours and its value, in a mapping or in Kubernetes's list of names and values."""
    if isinstance(value, dict):
        yield from ((key, str(inner)) for key, inner in value.items() if str(key).startswith("NFMOCK_"))
        if str(value.get("name", "")).startswith("NFMOCK_"):
            yield value["name"], str(value["value"])
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from variables(inner)


@pytest.mark.parametrize("title", shown())
def test_a_recipe_names_the_image_that_is_published_at_this_version(title: str) -> None:
    named = {text for text in strings(documents(title)) if "mockserver:" in text and "//" not in text}

    assert named <= {f"{IMAGE}:{version()}"}
    assert named or title.startswith("compose") or "pytest" in title


@pytest.mark.parametrize("title", shown())
def test_a_recipe_sets_only_valid_settings(title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {variable_name(field) for field in Settings.model_fields}
    for name, value in variables(documents(title)):
        assert name in settings
        monkeypatch.setenv(name, value)
    load_settings()


@pytest.mark.parametrize("title", shown())
def test_a_recipe_has_the_url_that_the_server_listens_at(title: str) -> None:
    urls = [text for text in strings(documents(title)) if text.startswith("http://")]

    assert all(re.fullmatch(r"http://(mockserver|127\.0\.0\.1):8080", url) for url in urls)
    assert urls or title in {"kubernetes.yaml", "compose.haproxy.yaml"} or "pytest" in title


def test_the_probes_of_kubernetes_request_paths_that_respond(server: RunningServer) -> None:
    deployment, service = documents("kubernetes.yaml")
    [container] = deployment["spec"]["template"]["spec"]["containers"]

    for probe in ("livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["port"] == container["ports"][0]["name"]
        assert server.client.get(container[probe]["httpGet"]["path"]).status_code == 200
    assert container["ports"][0]["containerPort"] == Settings.model_fields["port"].default
    assert service["spec"]["selector"] == deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["ports"][0]["targetPort"] == container["ports"][0]["name"]


def test_kubernetes_runs_the_server_as_the_user_of_the_image() -> None:
    pod = documents("kubernetes.yaml")[0]["spec"]["template"]["spec"]

    assert f"USER {pod['securityContext']['runAsUser']}:" in DOCKERFILE
    assert pod["containers"][0]["resources"]["limits"]["memory"] == "128Mi"


def test_the_compose_file_has_all_of_the_hardening_in_the_docs() -> None:
    [service] = COMPOSE["services"].values()
    page = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")

    assert " ".join(HARDENED) in page
    assert (service["read_only"], service["cap_drop"], service["mem_limit"]) == (True, ["ALL"], "128m")
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_tests_service_depends_on_the_services_of_the_compose_file() -> None:
    [tests] = documents("compose.tests.yaml")[0]["services"].values()

    assert list(tests["depends_on"]) == list(COMPOSE["services"])
    assert Path(tests["command"][1]).name in (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")


def test_haproxy_balances_the_servers_that_its_compose_file_starts() -> None:
    services = documents("compose.haproxy.yaml")[0]["services"]
    haproxy = services.pop("haproxy")
    [alone] = COMPOSE["services"].values()

    assert [f"{name}:{Settings.model_fields['port'].default}" for name in services] == ADDRESSES
    assert list(haproxy["depends_on"]) == list(services)
    assert haproxy["volumes"][0].startswith("./haproxy.cfg:")
    assert haproxy["ports"] == alone["ports"]
    for service in services.values():
        assert service == {key: value for key, value in alone.items() if key not in {"build", "ports"}}
