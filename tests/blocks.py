"""Reads the code blocks of Markdown pages."""

import re
from dataclasses import dataclass

_BLOCK = re.compile(
    r'^```(?P<language>\w*)(?: title="(?P<title>[^"]+)")?\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A code block; ``title`` is the name of its file, if it has one."""

    language: str
    title: str | None
    text: str

    @property
    def words(self) -> set[str]:
        """The words of a shell block, commands among them."""
        return set(re.split(r"[\s;|]+", self.text))


def blocks_of(text: str) -> list[Block]:
    return [Block(match["language"], match["title"], match["text"]) for match in _BLOCK.finditer(text)]
