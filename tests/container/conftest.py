"""The image under test, built once, and one container of it for every test that changes nothing in it."""

import os
from collections.abc import Iterator

import pytest

from tests.container.docker import Container, build, docker, running, unreachable


@pytest.fixture(scope="session")
def image() -> Iterator[str]:
    """The image's id. Without an engine the tests skip; in CI, which has one, they fail."""
    if problem := unreachable():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(problem)
    image_id = build()
    yield image_id
    docker("image", "rm", image_id)


@pytest.fixture(scope="session")
def container(image: str) -> Iterator[Container]:
    with running(image) as started:
        started.becomes("healthy")
        yield started
