"""The words of a report: what a value is, without the value."""

from typing import Any

import pytest

from mockserver.check import seen
from mockserver.check.seen import ABSENT
from mockserver.contract.lifecycle import Status

FORMS = [
    (ABSENT, "absent"),
    (None, "null"),
    (True, "boolean"),
    (5, "integer"),
    (0.5, "number"),
    ([], "array"),
    ({}, "object"),
    ("", "empty"),
    ("668596c647fed81696a8a82c", "24 hex digits"),
    ("2021-01-20T11:19:54.494Z", "ms timestamp"),
    ("2021-01-20T11:19:54Z", "timestamp without milliseconds"),
    ("2021-01-20T11:19:54+01:00", "other timestamp"),
    ("123e4567-e89b-12d3-a456-426614174000", "uuid"),
    ("12", "digits"),
    ("a-token_5", "letters, digits, - or _"),
    ("YQ+/==", "base64"),
    ("a b", "other string"),
]


@pytest.mark.parametrize(("value", "form"), FORMS, ids=[form for _, form in FORMS])
def test_a_value_has_a_form(value: Any, form: str) -> None:
    assert seen.form(value) == form


def test_a_string_is_a_string() -> None:
    assert seen.kind("a secret") == "string"
    with pytest.raises(TypeError):
        seen.kind(object())


@pytest.mark.parametrize(
    ("value", "keys"),
    [
        ({"id": 1, "completedAt": 2}, "id, completedAt"),
        ({}, "none"),
        ({"my-project-5": 1}, "(another key)"),
        ([], "array"),
    ],
)
def test_keys_are_shown_if_they_are_names_of_fields(value: Any, keys: str) -> None:
    assert seen.keys(value) == keys


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ([3, 2, 2], "descending"),
        (["a", "b"], "ascending"),
        ([1, 3, 2], "unsorted"),
        ([1, "a"], "not comparable"),
        ([None, None], "not comparable"),
        ([True, False], "not comparable"),
    ],
)
def test_values_have_an_order(values: list[Any], order: str) -> None:
    assert seen.order(values) == order


def test_words_of_the_contract_are_shown_and_others_are_not() -> None:
    assert seen.known("aborting", Status) == "aborting"
    assert seen.known("my-secret", Status) == "letters, digits, - or _"
    assert seen.error_id("nf-not-found") == "nf-not-found"
    assert seen.error_id("request-000001") == "letters, digits, - or _"
    assert seen.permission("ps_addons_general_read") == "ps_addons_general_read"
    assert seen.permission("secret!") == "other string"


def test_headers_are_shown_in_their_usual_form() -> None:
    assert seen.header("allow", "GET, HEAD") == "GET, HEAD"
    assert seen.header("www-authenticate", 'Bearer realm="mine"') == "other string"
    assert seen.header("x-request-id", "5") == "digits"
    assert seen.header("allow", None) == "absent"


def test_which_of_some_keys_are_present() -> None:
    assert seen.present({"id": 1, "spec": {"type": 2}}, "id", "spec.type", "name") == "id, spec.type"
