"""Lints files that only run elsewhere: Dockerfiles, workflows, compose files, and the recipes in the docs."""

import re
from pathlib import Path

import pytest

from tests.delivery.support import ROOT, lint, shown

pytestmark = pytest.mark.delivery

DOCKERFILES = sorted(path for path in (ROOT, ROOT / "tests" / "container") for path in path.glob("*Dockerfile"))
WORKFLOWS = [*sorted((ROOT / ".github" / "workflows").iterdir()), ROOT / "docs" / "northflank-check.yaml"]
SCHEMAS = {
    "compose": "vendor.compose-spec",
    ".gitlab-ci": "vendor.gitlab-ci",
    ".github/workflows/": "vendor.github-workflows",
}
"""The beginning of a file's title, and the schema for such files."""

KUBERNETES = "kubernetes.yaml"
ZIZMOR = ("--offline", "--no-progress", "--strict-collection")
PEDANTIC = (*ZIZMOR, "--persona", "pedantic")


def kept(folder: Path, title: str) -> Path:
    """Saves a file of the docs, as a reader does."""
    path = folder / title
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(shown()[title], encoding="utf-8")
    return path


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_hadolint_finds_nothing_in_a_dockerfile(path: Path) -> None:
    assert not lint("hadolint", path)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_fits_the_schema_and_zizmor_finds_nothing_unsafe_in_it(path: Path) -> None:
    assert not lint("check-jsonschema", "--builtin-schema", SCHEMAS[".github/workflows/"], path)
    assert not lint("zizmor", *PEDANTIC, path)


def test_the_compose_file_fits_the_schema() -> None:
    assert not lint("check-jsonschema", "--builtin-schema", SCHEMAS["compose"], ROOT / "compose.yaml")


@pytest.mark.parametrize("title", shown())
def test_a_file_that_is_shown_fits_the_schema_of_its_kind(title: str, tmp_path: Path) -> None:
    path = kept(tmp_path, title)
    if title == KUBERNETES:
        assert not lint("kubernetes-validate", "--strict", path)
    else:
        schema = next(schema for beginning, schema in SCHEMAS.items() if title.startswith(beginning))
        assert not lint("check-jsonschema", "--builtin-schema", schema, path)


@pytest.mark.parametrize("title", [title for title in shown() if title.startswith(".github/")])
def test_zizmor_finds_nothing_unsafe_in_a_workflow_that_is_shown(title: str, tmp_path: Path) -> None:
    assert not lint("zizmor", *ZIZMOR, kept(tmp_path, title))


@pytest.mark.parametrize("tool", ["hadolint", "zizmor", "check-jsonschema", "kubernetes-validate"])
def test_each_linter_finds_what_is_wrong(tool: str, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("on: push\njobs: {a: {runs-on: x, steps: [{uses: actions/checkout@v4}, {ruin: 1}]}}\n")
    options = {"check-jsonschema": ("--builtin-schema", SCHEMAS[".github/workflows/"]), "zizmor": ZIZMOR}

    assert lint(tool, *options.get(tool, ()), wrong)


def test_every_action_is_pinned_to_a_commit_with_its_release_in_a_comment() -> None:
    texts = [path.read_text(encoding="utf-8") for path in WORKFLOWS] + list(shown().values())
    used = [line for text in texts for line in re.findall(r"uses: ([^.].+)", text)]

    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+(/[\w-]+)?@[0-9a-f]{40} # v\d+(\.\d+)+", line) for line in used)
