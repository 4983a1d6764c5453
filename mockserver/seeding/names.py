"""Names, words and ids that a scenario leaves out: faker's, and the ids that the vendor would make of them."""

import re
import threading
import unicodedata
from collections.abc import Collection
from functools import cached_property

from faker import Faker

_kept = threading.local()


class Names:
    """Makes up names, the same ones for the same seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed

    @cached_property
    def _faker(self) -> Faker:
        # made only where a scenario leaves something out, and once: an instance takes longer than filling a small store
        if not hasattr(_kept, "faker"):
            _kept.faker = Faker("en_US")
        faker: Faker = _kept.faker
        faker.seed_instance(self._seed)
        return faker

    def project(self) -> str:
        return self._faker.catch_phrase()

    def addon(self) -> str:
        return f"{self._faker.word()} {self._faker.word()}".title()

    def backup(self) -> str:
        return f"{self._faker.word()} backup".capitalize()

    def description(self) -> str:
        return self._faker.sentence(nb_words=6)


def slug(name: str) -> str:
    """The id that the vendor makes of a name: "My App" becomes ``my-app``; never empty."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-") or "unnamed"


def free_slug(name: str, taken: Collection[str]) -> str:
    """The id made of a name; where that is taken, the first free one of ``my-app-2``, ``my-app-3`` and so on."""
    wanted = slug(name)
    found, number = wanted, 1
    while found in taken:
        number += 1
        found = f"{wanted}-{number}"
    return found
