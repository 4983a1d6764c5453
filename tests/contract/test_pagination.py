import base64
import hashlib
import json
import string
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.contract.pagination import (
    BadParameterError,
    Cursor,
    Key,
    ListName,
    decode_cursor,
    encode_cursor,
    parse_once,
    parse_page,
    parse_per_page,
)
from mockserver.messages import quoted

ALPHABET = string.ascii_letters + string.digits + "-_"
FOREIGN = "+/=.~%,: \t\n\r\0éä\u0410\uff10\uff19😀"

LIST = ("restores", "default-project", "example-addon", "example-backup")
ISSUED = "WzIsMTY5MzI4NzAzMzMyNV2sYUXNvOi8fg"
POSITION = Cursor(after=(1_693_287_033_325,), page=2)

NOT_A_NUMBER = [
    "",
    "0",
    "00",
    "-0",
    "-1",
    "+1",
    "1.5",
    "1.0",
    "1,000",
    "1_0",
    "1e2",
    "0x10",
    "0b1",
    " 5",
    "5 ",
    "5\n",
    "1 0",
    "٣",
    "\uff15",
    "²",
    "1٣",
    "true",
    "null",
    "NaN",
    "Infinity",
    "five",
    "[5]",
    '"5"',
    str(2**70),
    "9" * 5_000,
]

list_names = st.lists(st.text(), max_size=4).map(tuple)
keys = st.lists(st.integers(0, 2**63 - 1) | st.text(), max_size=3).map(tuple)
cursors = st.builds(Cursor, after=keys, page=st.integers(2, 10**9 + 1))


@st.composite
def edits(draw: st.DrawFn, text: str) -> str:
    """``text`` with something inserted, deleted, replaced, swapped, repeated or encoded differently."""
    start, end = sorted(draw(st.lists(st.integers(0, len(text)), min_size=2, max_size=2)))
    char = st.sampled_from(ALPHABET + FOREIGN) | st.characters()
    return draw(
        st.sampled_from(
            [
                text[:start] + draw(char) + text[start:],
                text[:start] + text[start + 1 :],
                text[:start] + draw(char) + text[start + 1 :],
                text[:start] + text[end:],
                text[:start] + text[end:] + text[start:end],
                text[:start] + text[start:end][::-1] + text[end:],
                text[:start] + text[start:end].swapcase() + text[end:],
                text + text[start:],
                text + draw(st.text("=", min_size=1, max_size=3)),
                text.replace("-", "+").replace("_", "/"),
                draw(st.sampled_from(" \t\n")) + text + draw(st.sampled_from(" \t\n")),
                draw(st.text()),
                draw(st.text(ALPHABET)),
            ]
        )
    )


def assert_rejected(list_name: ListName, text: str) -> None:
    with pytest.raises(BadParameterError) as rejection:
        decode_cursor(list_name, text)
    assert rejection.value.parameter == "cursor"
    assert str(rejection.value) == f"cursor {rejection.value.problem}"
    assert "issued, unchanged" in rejection.value.problem
    assert rejection.value.problem.endswith(quoted(text))


@pytest.mark.parametrize(("text", "number"), [("1", 1), ("7", 7), ("99", 99), ("100", 100), ("007", 7), ("0100", 100)])
def test_per_page_goes_from_1_to_100(text: str, number: int) -> None:
    assert parse_per_page(text) == number


@pytest.mark.parametrize(
    ("text", "number"), [("1", 1), ("101", 101), ("999999999", 999_999_999), ("1000000000", 1_000_000_000)]
)
def test_page_goes_from_1_to_a_billion(text: str, number: int) -> None:
    assert parse_page(text) == number


@pytest.mark.parametrize(
    ("parse", "name", "largest", "text"),
    [(parse_per_page, "per_page", 100, text) for text in (*NOT_A_NUMBER, "101", "200", "1000")]
    + [(parse_page, "page", 10**9, text) for text in (*NOT_A_NUMBER, "1000000001", "9999999999", "10000000000")],
)
def test_any_other_number_is_rejected(parse: Callable[[str], int], name: str, largest: int, text: str) -> None:
    with pytest.raises(BadParameterError) as rejection:
        parse(text)
    assert rejection.value.parameter == name
    assert f"from 1 to {largest}," in rejection.value.problem
    assert rejection.value.problem.endswith(quoted(text))


@given(st.text(string.digits, max_size=12) | st.text(string.digits + string.whitespace + "+-.eE_x٣", max_size=12))
def test_a_number_is_ascii_digits_within_the_bounds(text: str) -> None:
    is_number = bool(text) and all(char in string.digits for char in text)
    for parse, largest in ((parse_per_page, 100), (parse_page, 10**9)):
        if is_number and 1 <= int(text) <= largest:
            assert parse(text) == int(text)
        else:
            with pytest.raises(BadParameterError):
                parse(text)


@pytest.mark.parametrize("parse", [parse_per_page, parse_page])
def test_a_number_with_anything_but_digits_is_rejected(parse: Callable[[str], int]) -> None:
    for char in set(string.printable + FOREIGN) - set(string.digits):
        for text in (f"{char}5", f"5{char}", f"5{char}5", char):
            with pytest.raises(BadParameterError):
                parse(text)


@pytest.mark.parametrize("parse", [parse_per_page, parse_page])
def test_leading_zeros_are_ignored(parse: Callable[[str], int]) -> None:
    assert parse("0" * 5_000 + "42") == 42


@pytest.mark.parametrize("parameter", ["per_page", "page", "cursor"])
def test_a_parameter_that_is_passed_once_has_that_value(parameter: str) -> None:
    assert parse_once(parameter, ["0"]) == "0"


@pytest.mark.parametrize(
    ("parameter", "rule"),
    [("per_page", "from 1 to 100,"), ("page", "from 1 to 1000000000,"), ("cursor", "issued, unchanged,")],
)
def test_an_empty_parameter_is_rejected(parameter: str, rule: str) -> None:
    with pytest.raises(BadParameterError, match=f"^{parameter} must be .*{rule}.* or left out") as rejection:
        parse_once(parameter, [""])
    assert rejection.value.parameter == parameter


@pytest.mark.parametrize(
    ("values", "got"),
    [
        (["1", "2"], '2 values: "1", "2"'),
        (["1", "1", "1"], '3 values: "1", "1", "1"'),
        (["", ""], '2 values: "", ""'),
    ],
)
def test_a_repeated_parameter_is_rejected_even_with_the_same_value(values: list[str], got: str) -> None:
    with pytest.raises(BadParameterError) as rejection:
        parse_once("page", values)
    assert rejection.value.parameter == "page"
    assert rejection.value.problem.endswith(f"once; got {got}")


def test_a_message_quotes_at_most_80_characters_of_a_value() -> None:
    assert quoted("a" * 80) == '"' + "a" * 80 + '"'
    assert quoted("a" * 81) == '"' + "a" * 80 + '…"'
    assert quoted("abc", 2) == '"ab…"'


def test_a_cursor_stays_the_same_from_release_to_release() -> None:
    assert encode_cursor(LIST, POSITION) == ISSUED
    assert decode_cursor(LIST, ISSUED) == POSITION


@given(list_names, cursors)
def test_a_cursor_leads_to_its_position(list_name: ListName, cursor: Cursor) -> None:
    assert decode_cursor(list_name, encode_cursor(list_name, cursor)) == cursor


@given(list_names, cursors)
def test_a_cursor_needs_no_escapes_in_a_url(list_name: ListName, cursor: Cursor) -> None:
    text = encode_cursor(list_name, cursor)
    assert text
    assert set(text) <= set(ALPHABET)


@given(list_names, cursors)
def test_the_same_position_always_has_the_same_cursor(list_name: ListName, cursor: Cursor) -> None:
    assert encode_cursor(list_name, cursor) == encode_cursor(list_name, cursor)


@given(list_names, cursors, cursors)
def test_different_positions_have_different_cursors(list_name: ListName, one: Cursor, other: Cursor) -> None:
    assume(one != other)
    assert encode_cursor(list_name, one) != encode_cursor(list_name, other)


@given(list_names, cursors, st.data())
def test_an_edited_cursor_is_rejected(list_name: ListName, cursor: Cursor, data: st.DataObject) -> None:
    issued = encode_cursor(list_name, cursor)
    edited = data.draw(edits(issued))
    assume(edited != issued)
    assert_rejected(list_name, edited)


# three consecutive lengths: the last character has no spare bits, two, and four
@pytest.mark.parametrize("after", [(1_693_287_033_325,), (16_932_870_333_250,), (169_328_703_332_500,)])
def test_every_edit_of_one_character_is_rejected(after: tuple[int]) -> None:
    issued = encode_cursor(LIST, Cursor(after, page=2))
    for index in range(len(issued) + 1):
        before, char, after_it = issued[:index], issued[index : index + 1], issued[index + 1 :]
        edited = {
            before + after_it,
            *(before + other + rest for other in ALPHABET + FOREIGN for rest in (char + after_it, after_it)),
        }
        for text in edited - {issued}:
            assert_rejected(LIST, text)


@given(list_names, list_names, cursors)
def test_a_cursor_of_another_list_is_rejected(list_name: ListName, other: ListName, cursor: Cursor) -> None:
    assume(list_name != other)
    assert_rejected(other, encode_cursor(list_name, cursor))


@pytest.mark.parametrize(
    "other",
    [
        ("restores", "default-project", "example-addon", "another-backup"),
        ("restores", "default-project", "example-addon"),
        ("restores", "default-project", "example-addon", "example-backup", ""),
        ("restores", "default-project", "example-addonexample-backup", ""),
        ("restores", "default-projectexample-addon", "", "example-backup"),
        ("backups", "default-project", "example-addon", "example-backup"),
        (),
    ],
)
def test_a_cursor_of_a_list_with_a_similar_name_is_rejected(other: ListName) -> None:
    assert_rejected(other, ISSUED)


@pytest.mark.parametrize("text", ["", "=", "A", "AA", "AAAA", "W10", "null", "2", "1693287033325", "é", "\ud800"])
def test_anything_but_a_cursor_is_rejected(text: str) -> None:
    assert_rejected(LIST, text)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"x",
        b"1",
        b"{}",
        b"[]",
        b"[" * 5_000,
        b"\xff",
        b'["2",5]',
        b"[null,5]",
        b"[true,5]",
        b"[2.5,5]",
        b"[-5,5]",
        b"[1,5]",
        b"[1000000002,5]",
        b"[2,null]",
        b"[2,true]",
        b"[2,-1]",
        b"[2,[1]]",
        b"[2,NaN]",
        b"[2,9223372036854775808]",
        b'[2,"\\ud800"]',
    ],
)
def test_a_cursor_with_a_valid_checksum_but_no_position_is_rejected(payload: bytes) -> None:
    key = hashlib.sha256(json.dumps(LIST, separators=(",", ":")).encode()).digest()
    checksum = hashlib.blake2b(payload, digest_size=8, key=key).digest()
    assert_rejected(LIST, base64.urlsafe_b64encode(payload + checksum).rstrip(b"=").decode())


@pytest.mark.parametrize("after", [(), ("x",), (5, "x"), (5, 6)])
def test_a_cursor_with_a_key_of_another_type_is_rejected(after: Key) -> None:
    forged = encode_cursor(LIST, Cursor(after, page=2))
    with pytest.raises(BadParameterError, match="issued, unchanged"):
        decode_cursor(LIST, forged, (int,))
    assert decode_cursor(LIST, ISSUED, (int,)) == POSITION


def test_a_rejected_cursor_has_no_traceback_of_its_decoding() -> None:
    with pytest.raises(BadParameterError) as rejection:
        decode_cursor(LIST, "é")
    assert rejection.value.__suppress_context__


def test_a_cursor_is_immutable() -> None:
    with pytest.raises(FrozenInstanceError):
        POSITION.page = 3  # type: ignore[misc]
