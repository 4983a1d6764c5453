"""The code blocks of the pages."""

import re
from dataclasses import dataclass

_BLOCK = re.compile(
    r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A code block; ``title`` is the name of the file that it is."""

    language: str
    title: str | None
    text: str

    @property
    def words(self) -> set[str]:
        """The commands of a shell block, and all else in it."""
        return set(re.split(r"[\s;|]+", self.text))


def blocks_of(text: str) -> list[Block]:
    return [Block(found["language"], found["title"], found["text"]) for found in _BLOCK.finditer(text)]
