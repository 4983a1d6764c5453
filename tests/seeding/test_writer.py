"""Writing scenarios into a store."""

import itertools
from collections import Counter
from typing import Any

import pytest
from sqlmodel import Session, select

from mockserver.contract.lifecycle import Timeline
from mockserver.seeding.restores import RestoreProvider
from mockserver.seeding.scenario import AddonPart, BackupPart, GeneratedRestores, ProjectPart, Scenario
from mockserver.store import open_store
from mockserver.store.queries import BackupPath
from mockserver.store.tables import Addon, Backup, Project, Restore
from tests.support import EXAMPLE, RunningServer, fill_with, restores_in, running_server, scenario_named

Restores = dict[str, list[tuple[int, Timeline]]]

THREE = GeneratedRestores(count=3)


def filled(scenario: Scenario, seed: int = 1) -> Restores:
    """The restores of each backup of a scenario, by the ids in its path."""
    store = open_store(None, lambda session: fill_with(session, scenario, seed))
    with store.writing() as session:
        restores = {
            "/".join(ids): restores_in(store, BackupPath(*ids))
            for ids in session.exec(
                select(Project.id, Addon.id, Backup.id).where(
                    Addon.project_key == Project.key, Backup.addon_key == Addon.key
                )
            )
        }
    store.close()
    return restores


def scenario_of(*backups: BackupPart) -> Scenario:
    addon = AddonPart(id="a", description="", backups=backups)
    return Scenario(help="x", projects=(ProjectPart(id="p", description="", addons=(addon,)),))


def test_the_same_seed_gives_the_same_rows_and_another_seed_different_ones() -> None:
    default = scenario_named("default")
    assert filled(default) == filled(default)
    assert filled(default)["staging/orders/nightly"] != filled(default, 2)["staging/orders/nightly"]


def test_identical_backups_hold_different_restores() -> None:
    one, other = filled(scenario_of(BackupPart(restores=THREE), BackupPart(restores=THREE))).values()
    assert one != other


def test_adding_a_backup_changes_no_other() -> None:
    first = BackupPart(id="first", restores=THREE)
    before = filled(scenario_of(first))
    after = filled(scenario_of(first, BackupPart(id="second", restores=THREE)))
    assert after["p/a/first"] == before["p/a/first"]


def test_changing_a_backup_changes_no_other() -> None:
    second = BackupPart(id="second", restores=THREE)
    before = filled(scenario_of(BackupPart(id="first", restores=THREE), second))
    after = filled(scenario_of(BackupPart(id="first"), second))
    assert after["p/a/second"] == before["p/a/second"]


def test_ids_derived_from_names_avoid_those_in_the_file() -> None:
    backups = (BackupPart(name="My Backup"), BackupPart(name="My backup!"), BackupPart(id="my-backup"))
    assert sorted(filled(scenario_of(*backups))) == ["p/a/my-backup", "p/a/my-backup-2", "p/a/my-backup-3"]


def test_fields_that_a_file_leaves_out_are_generated_and_the_others_are_kept() -> None:
    def rows(session: Session, table: Any) -> list[Any]:
        return list(session.exec(select(table)))

    named = AddonPart(name="Our Addon", description="", type="redis", backups=(BackupPart(), BackupPart(id="b")))
    scenario = Scenario(help="x", projects=(ProjectPart(addons=(AddonPart(), named)), ProjectPart(id="p", name="P")))
    store = open_store(None, lambda session: fill_with(session, scenario))
    with store.writing() as session:
        generated, written = rows(session, Project)
        assert all((generated.id, generated.name, generated.description, written.description))
        assert (written.id, written.name) == ("p", "P")
        generated, written = rows(session, Addon)
        assert all((generated.id, generated.name, generated.description))
        assert generated.type == "postgresql"
        assert (written.id, written.name, written.description, written.type) == ("our-addon", "Our Addon", "", "redis")
        generated, written = rows(session, Backup)
        assert all((generated.id, generated.name))
        assert (written.id, written.name) == ("b", "b")
    store.close()


def test_a_row_of_the_store_is_the_generated_restore() -> None:
    generated = [(5, Timeline(1, 2, 3, None, 4))]

    class Provider(RestoreProvider):
        def generated_restores(self, _: GeneratedRestores) -> Any:
            return iter(generated)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("mockserver.seeding.restores.RestoreProvider", Provider)
        store = open_store(None, lambda session: fill_with(session, scenario_of(BackupPart(id="b", restores=THREE))))
    with store.writing() as session:
        row = session.exec(select(Restore)).one()
        offsets = (row.starts_at, row.ends_at, row.abort_requested_at)
        assert (row.id, row.initiated, offsets, row.outcome) == (5, 1, (-3, -2, -1), None)
    assert restores_in(store, BackupPath("p", "a", "b")) == generated
    store.close()


def test_progress_is_reported_while_restores_are_written() -> None:
    reported: list[int] = []
    backups = (BackupPart(restores=GeneratedRestores(count=12_000)), BackupPart(restores=THREE))
    open_store(None, lambda session: fill_with(session, scenario_of(*backups), 1, reported.append)).close()
    assert reported[-1] == 12_003
    assert all(0 < later - earlier <= 5_000 for earlier, later in itertools.pairwise([0, *reported]))


def test_the_default_example_has_120_restores_of_all_statuses_on_pages_of_50_50_and_20(server: RunningServer) -> None:
    pages = [server.page(f"page={number}").json() for number in (1, 2, 3)]
    restores = [restore for page in pages for restore in page["data"]["restores"]]
    assert [page["pagination"]["count"] for page in pages] == [50, 50, 20]
    assert [page["pagination"]["hasNextPage"] for page in pages] == [True, True, False]
    assert Counter(restore["status"] for restore in restores) == {
        "completed": 90,
        "failed": 12,
        "aborted": 10,
        "not-supported": 4,
        "scheduled": 2,
        "in-progress": 1,
        "aborting": 1,
    }


@pytest.mark.parametrize(
    ("path", "number", "has_next_page"),
    [
        (("default-project", "example-addon", "no-restores"), 0, False),
        (("default-project", "example-addon", "single-restore"), 1, False),
        (("default-project", "session-cache", "one-page"), 50, False),
        (("default-project", "session-cache", "two-pages"), 100, True),
    ],
)
def test_the_default_scenario_has_a_backup_of_every_awkward_length(
    server: RunningServer, path: tuple[str, str, str], number: int, *, has_next_page: bool
) -> None:
    backup = BackupPath(*path)
    assert len(server.stored(backup)) == number
    assert server.page(backup=backup).json()["pagination"]["hasNextPage"] is has_next_page


def test_the_default_scenario_has_three_projects_with_several_addons_and_backups_each() -> None:
    backups_of = Counter(path.rpartition("/")[0] for path in filled(scenario_named("default")))
    addons_of = Counter(addon.partition("/")[0] for addon in backups_of)
    assert len(addons_of) == 3
    assert min(addons_of.values()) >= 2
    assert all(sum(n for addon, n in backups_of.items() if addon.startswith(f"{p}/")) > 2 for p in addons_of)


def test_the_example_scenario_is_the_vendors_documented_response_byte_for_byte() -> None:
    with running_server(scenario="example") as server:
        assert list(filled(scenario_named("example"))) == ["default-project/example-addon/example-backup"]
        assert server.page(backup=EXAMPLE).content == (
            b'{"data":{"restores":[{"id":1693287033325,"restoreTimestamp":"2021-01-20T11:19:54.494Z",'
            b'"status":"completed","completedAt":"2021-01-20T11:19:54.494Z"}]},'
            b'"pagination":{"hasNextPage":false,"count":1}}'
        )
