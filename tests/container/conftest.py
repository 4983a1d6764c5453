"""The image under test, built once, and one container of it for every test that changes nothing in it."""

from collections.abc import Iterator

import pytest

from tests.container.docker import Container, docker, make_image, running, unreachable
from tests.support import skip_or_fail


@pytest.fixture(scope="session")
def engine() -> None:
    """Without an engine the tests skip; in CI, which has one, they fail."""
    if problem := unreachable():
        skip_or_fail(problem)


@pytest.fixture(scope="session")
def image(engine: None) -> Iterator[str]:  # noqa: ARG001 - which it needs
    """The image's name."""
    name = make_image()
    yield name
    docker("image", "rm", name)


@pytest.fixture(scope="session")
def container(image: str) -> Iterator[Container]:
    with running(image) as started:
        started.becomes("healthy")
        yield started
