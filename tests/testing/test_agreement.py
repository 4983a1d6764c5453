"""The types of mockserver.testing agree with those of the server, name by name."""

from dataclasses import fields
from enum import StrEnum
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from mockserver import testing
from mockserver.clock import ClockMode, ClockSetting
from mockserver.contract.broken_pages import BrokenPaging
from mockserver.contract.lifecycle import Outcome, Status
from mockserver.contract.operations import OperationName
from mockserver.contract.permissions import Permission
from mockserver.contract.shapes import Restore
from mockserver.contract.versions import Contract
from mockserver.control.faults import RuleReading
from mockserver.control.journal import RequestReading, TriggeredFault
from mockserver.control.projects import NewProject
from mockserver.control.walks import WalkReading
from mockserver.faults import KINDS
from mockserver.rate_limit import RateLimitSetting
from mockserver.sandbox.fault_rules import Rule
from mockserver.sandbox.plans import ProjectPlan
from mockserver.seeding.scenario import PlannedRestore, PlannedRow, RestoreRow
from mockserver.settings import ENVIRONMENT_PREFIX, Settings
from mockserver.testing import options, process
from mockserver.testing.parts import Restores
from mockserver.testing.values import camel
from mockserver.walks.verdicts import Verdict

PARTS = ("clock", "faults", "restores")


def names_in_json(model: type[BaseModel]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


@pytest.mark.parametrize(
    ("literal", "enum"),
    [
        (options.Contract, Contract),
        (options.Status, Status),
        (options.Outcome, Outcome),
        (options.Verdict, Verdict),
        (options.BrokenPaging, BrokenPaging),
        (options.Permission, Permission),
        (get_args(options.ClockSetting.__annotations__["mode"])[0], ClockMode),
    ],
)
def test_every_literal_lists_the_values_of_the_servers_enum(literal: Any, enum: type[StrEnum]) -> None:
    assert get_args(literal) == tuple(enum)


def test_a_fault_rule_can_match_every_operation_on_a_project() -> None:
    assert get_args(options.Operation) == tuple(name for name in OperationName if name is not OperationName.HEALTH)


def test_every_kind_of_fault_can_be_added_with_all_of_its_fields() -> None:
    assert get_args(options.FaultKind) == tuple(KINDS)
    own = {name for kind in KINDS.values() for name in kind.model_fields} - {"kind"}
    accepted = {camel(name) for name in options.FaultFields.__optional_keys__}
    when = names_in_json(Rule) - {"fault"}
    assert accepted == own | when
    assert {camel(name) for name in options.WHEN} == when


@pytest.mark.parametrize(
    ("typed_dict", "model"),
    [
        (options.ProjectOptions, NewProject),
        (options.RestoreRow, RestoreRow),
        (options.Plan, PlannedRestore),
        (options.PlannedRow, PlannedRow),
        (options.ClockSetting, ClockSetting),
        (options.RateLimit, RateLimitSetting),
    ],
)
def test_options_have_the_fields_of_the_servers_models(typed_dict: Any, model: type[BaseModel]) -> None:
    names = typed_dict.__required_keys__ | typed_dict.__optional_keys__
    assert {camel(name) for name in names} == model.model_fields.keys()


def test_an_added_restore_takes_every_field_of_a_row_and_a_plan_those_of_a_project() -> None:
    parameters = set(Restores.add.__annotations__) - {"return"}
    assert {camel(name) for name in parameters} == RestoreRow.model_fields.keys() | PlannedRow.model_fields.keys()
    assert {camel(name) for name in options.Plan.__optional_keys__} | {"times"} == ProjectPlan.model_fields.keys()


def test_a_server_takes_every_setting_except_those_that_the_helpers_depend_on() -> None:
    fixed = {"no_control", "log_requests", "log_format"}
    assert options.ServerOptions.__optional_keys__ == Settings.model_fields.keys() - fixed
    both = options.ServerOptions.__optional_keys__ | options.ProjectOptions.__optional_keys__
    assert options.ServeOptions.__optional_keys__ == both
    assert process.ENVIRONMENT_PREFIX == ENVIRONMENT_PREFIX


@pytest.mark.parametrize(
    ("model", "servers_model"),
    [
        (testing.Request, RequestReading),
        (testing.TriggeredFault, TriggeredFault),
        (testing.Walk, WalkReading),
    ],
)
def test_every_field_of_a_response_can_be_read(model: Any, servers_model: type[BaseModel]) -> None:
    assert {camel(each.name) for each in fields(model)} == servers_model.model_fields.keys()


def test_every_field_of_a_fault_rule_and_a_restore_can_be_read() -> None:
    assert {camel(each.name) for each in fields(testing.Fault)} == names_in_json(RuleReading) | {"kind"}
    assert {camel(each.name) for each in fields(testing.Restore)} == Restore.__annotations__.keys()


def test_the_parts_of_a_project_can_be_imported_for_annotations() -> None:
    parts = {getattr(testing.Project, name).fget.__annotations__["return"].__name__ for name in PARTS}
    assert parts | {"Status", "Verdict"} <= set(testing.__all__)


def test_the_package_exports_every_name_in_all_and_no_other() -> None:
    for name in testing.__all__:
        exported = getattr(testing, name)
        assert exported is getattr(options, name, None) or exported.__name__ == name
    with pytest.raises(AttributeError, match=r"module 'mockserver\.testing' has no attribute 'project_of_mine'"):
        testing.project_of_mine  # noqa: B018 - the access is the test
