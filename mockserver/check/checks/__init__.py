"""The checks: one for each row of the fidelity table that requests can decide, a module for each area."""

from mockserver.check.checks import actions, errors, lists, operations, pages, rate_limit, restore, tokens, versions
from mockserver.check.judging import Check

CHECKS: dict[str, Check] = {
    check.row: check
    for area in (lists, restore, pages, errors, tokens, rate_limit, operations, actions, versions)
    for check in area.CHECKS.all
}
"""By the id of the row."""
