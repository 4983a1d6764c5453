"""What a test-suite may ask for and gets to read is what the server takes and shows, name by name."""

from dataclasses import fields
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mockserver import testing
from mockserver.clock import ClockMode, ClockSetting
from mockserver.contract.lifecycle import Outcome, Status
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import Permission
from mockserver.contract.shapes import Restore
from mockserver.contract.versions import Contract
from mockserver.control.faults import RuleReading
from mockserver.control.journal import RequestReading, TriggeredFault, WalkReading
from mockserver.control.projects import NewProject
from mockserver.faults import KINDS
from mockserver.sandbox.fault_rules import Rule
from mockserver.seeding.scenario import PlannedRestore, RestoreRow
from mockserver.settings import ENVIRONMENT_PREFIX, Settings
from mockserver.testing import options, process
from mockserver.testing.project import Restores
from mockserver.testing.values import camel
from mockserver.walks.verdicts import Verdict

PARTS = ("clock", "faults", "restores")


@pytest.mark.parametrize(
    ("words", "theirs"),
    [
        (options.Contract, Contract),
        (options.Status, Status),
        (options.Outcome, Outcome),
        (options.Verdict, Verdict),
        (options.Permission, Permission),
        (get_args(options.ClockSetting.__annotations__["mode"])[0], ClockMode),
    ],
)
def test_every_word_is_one_of_the_servers(words: Any, theirs: type[StrEnum]) -> None:
    assert get_args(words) == tuple(theirs)


def test_a_rule_may_name_every_operation_that_is_of_a_project() -> None:
    assert get_args(options.Operation) == tuple(name for name in OperationName if name is not OperationName.HEALTH)


def test_every_kind_of_fault_can_be_added_with_all_of_its_fields() -> None:
    assert get_args(options.FaultKind) == tuple(KINDS)
    own = {name for kind in KINDS.values() for name in kind.model_fields} - {"kind"}
    taken = {camel(name) for name in options.FaultFields.__optional_keys__}
    assert taken == own | (Rule.model_fields.keys() - {"fault"})
    assert set(options.WHEN) == Rule.model_fields.keys() - {"fault"}


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        (options.ProjectOptions, NewProject),
        (options.RestoreRow, RestoreRow),
        (options.ClockSetting, ClockSetting),
    ],
)
def test_everything_that_can_be_asked_for_is_taken(asked: Any, model: type[BaseModel]) -> None:
    names = asked.__required_keys__ | asked.__optional_keys__
    assert {camel(name) for name in names} == model.model_fields.keys()


def test_a_restore_is_planned_with_all_that_there_is() -> None:
    checked_options = set(Restores.add.__annotations__) - {"return"}
    assert {camel(name) for name in checked_options} == PlannedRestore.model_fields.keys()


def test_a_server_takes_every_setting_but_those_of_what_the_tests_need() -> None:
    needed = {"no_control", "log_requests", "log_format"}
    assert options.ServerOptions.__optional_keys__ == Settings.model_fields.keys() - needed
    both = options.ServerOptions.__optional_keys__ | options.ProjectOptions.__optional_keys__
    assert options.ServeOptions.__optional_keys__ == both
    assert process.ENVIRONMENT_PREFIX == ENVIRONMENT_PREFIX


@pytest.mark.parametrize(
    ("reading", "shown"),
    [
        (testing.Request, RequestReading),
        (testing.TriggeredFault, TriggeredFault),
        (testing.Walk, WalkReading),
    ],
)
def test_all_that_is_shown_can_be_read(reading: Any, shown: type[BaseModel]) -> None:
    assert {camel(each.name) for each in fields(reading)} == shown.model_fields.keys()


def test_a_fault_rule_and_a_restore_can_be_read() -> None:
    assert {each.name for each in fields(testing.Fault)} == RuleReading.model_fields.keys() | {"kind"}
    assert {camel(each.name) for each in fields(testing.Restore)} == Restore.__annotations__.keys()


def test_what_a_project_is_made_of_can_be_named_in_annotations() -> None:
    parts = {getattr(testing.Project, name).fget.__annotations__["return"].__name__ for name in PARTS}
    assert parts | {"Status", "Verdict"} <= set(testing.__all__)


def test_everything_that_the_package_names_is_there_and_nothing_else() -> None:
    for name in testing.__all__:
        there = getattr(testing, name)
        assert there is getattr(options, name, None) or there.__name__ == name
    with pytest.raises(AttributeError, match=r"module 'mockserver\.testing' has no attribute 'project_of_mine'"):
        testing.project_of_mine  # noqa: B018 - it is asked for
