"""Names that a scenario leaves out, from faker, and the ids that the vendor derives from names."""

import re
import unicodedata
from collections.abc import Collection
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker.providers.company.en_US import Provider as Companies
    from faker.providers.lorem.en_US import Provider as Words


class FakeNames:
    """Generates names: the same ones for the same seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    @cached_property
    def _providers(self) -> "tuple[Companies, Words]":
        # only two providers: creating a whole `Faker` takes longer than filling a small store
        from faker.generator import Generator
        from faker.providers.company.en_US import Provider as Companies
        from faker.providers.lorem.en_US import Provider as Words

        generator = Generator()
        generator.seed_instance(self._seed)
        return Companies(generator), Words(generator)

    @property
    def _companies(self) -> "Companies":
        return self._providers[0]

    @property
    def _words(self) -> "Words":
        return self._providers[1]

    def project(self) -> str:
        return self._companies.catch_phrase()

    def addon(self) -> str:
        return f"{self._words.word()} {self._words.word()}".title()

    def backup(self) -> str:
        return f"{self._words.word()} backup".capitalize()

    def description(self) -> str:
        return self._words.sentence(nb_words=6)


def slug(name: str) -> str:
    """The id that the vendor derives from a name: "My App" becomes ``my-app``. Never empty."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-") or "unnamed"


def free_slug(name: str, used_ids: Collection[str]) -> str:
    """The id for a name; if it is in use, the first free one of ``my-app-2``, ``my-app-3`` and so on."""
    base = slug(name)
    free, number = base, 1
    while free in used_ids:
        number += 1
        free = f"{base}-{number}"
    return free
