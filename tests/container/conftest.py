"""Fixtures: the image under test, built once, and a container for the tests that change nothing in it."""

from collections.abc import Iterator

import pytest

from tests.container.docker import Container, docker, engine_problem, make_image, running
from tests.support import skip_or_fail


@pytest.fixture(scope="session")
def engine() -> None:
    """Skips the tests without a Docker engine; in CI they fail instead."""
    if problem := engine_problem():
        skip_or_fail(problem)


@pytest.fixture(scope="session")
def image(engine: None) -> Iterator[str]:  # noqa: ARG001 - needs the engine
    """The name of the image."""
    name = make_image()
    yield name
    docker("image", "rm", name)


@pytest.fixture(scope="session")
def container(image: str) -> Iterator[Container]:
    with running(image) as started:
        started.wait_for_health("healthy")
        yield started
