"""The table of ACLs agrees with DESIGN 4 and with the services: each topic's writers, each consumer's group, and nothing beside them."""

from collections.abc import Callable
from typing import Any

import pytest
from kafka.admin import ACL, ACLFilter

from deploy.kafka.acls import ACCESS, SUPER_USERS, Grant, grants
from deploy.kafka.reconcile import Refused, reconcile
from services.alerting.settings import AlertingSettings
from services.api.fold import FOLLOWED
from services.contracts.checkpoints import CONFIRMED_GROUP
from services.contracts.topics import ALERTS, CHECKPOINTS, PEOPLE, STORED_TOPICS, TOPICS
from services.scoring.faust_app import MEMBERS_GROUP
from services.storage.settings import StorageSettings

WRITERS = {
    "campaign.events": {"ingest", "scoring", "office"},
    "campaign.packs": {"office"},
    "campaign.principals": {"office"},
    "campaign.people": {"office"},
    "campaign.rankings": {"scoring"},
    "campaign.evaluations": {"scoring"},
    "campaign.flags": {"scoring"},
    "campaign.alerts": {"alerting", "office"},
    "campaign.dead-letters": {"scoring", "storage"},
    "campaign.sightings": {"api"},
    "campaign.checkpoints": {"scoring"},
}


def holders(operation: str, name: str) -> set[str]:
    return {grant.principal for grant in grants() if (grant.operation, grant.name) == (operation, name)}


@pytest.mark.parametrize("topic", [topic.name for topic in TOPICS])
def test_a_topic_is_written_by_whom_the_design_names_and_by_nobody_else(topic: str) -> None:
    assert holders("WRITE", topic) == WRITERS[topic]


def test_every_topic_is_created_by_the_deploy_step_and_by_no_service() -> None:
    assert [holders("CREATE", topic.name) for topic in TOPICS] == [{"deploy"}] * len(TOPICS)


def test_no_grant_names_a_topic_that_is_not_in_the_contracts() -> None:
    assert {grant.name for grant in grants() if grant.resource == "TOPIC"} == {t.name for t in TOPICS}


def test_people_are_read_by_who_tells_them_and_by_who_keeps_them_only() -> None:
    assert holders("READ", PEOPLE.name) == {"alerting", "office"}


def test_each_service_reads_what_its_code_reads() -> None:
    assert ACCESS["storage"].reads == STORED_TOPICS
    assert {topic.name for topic in ACCESS["api"].reads} == {topic.name for topic in FOLLOWED}
    assert ALERTS in ACCESS["alerting"].reads


def test_groups_are_those_that_the_services_use() -> None:
    assert set(ACCESS["scoring"].groups) == {MEMBERS_GROUP, CONFIRMED_GROUP}
    assert ACCESS["storage"].groups == (StorageSettings().storage_group,)
    assert ACCESS["alerting"].groups == (AlertingSettings().alerting_group,)


def test_only_the_cache_of_the_fold_can_be_emptied_and_by_the_office_alone() -> None:
    """`thidua checkpoints list` and `delete`: every other topic is the truth, or is read by somebody."""
    deleting = {(grant.principal, grant.name) for grant in grants() if grant.operation == "DELETE"}
    assert deleting == {("office", CHECKPOINTS.name)}


def test_the_office_may_see_how_far_scoring_and_storage_are_which_an_audit_asks() -> None:
    for group in (CONFIRMED_GROUP, StorageSettings().storage_group):
        assert holders("DESCRIBE", group) == {"office", "api"}


def test_no_service_is_a_super_user_and_no_grant_is_for_everybody() -> None:
    assert set(ACCESS).isdisjoint(SUPER_USERS)
    assert all(grant.principal.isalpha() and grant.name != "*" for grant in grants())


class FakeAdmin:
    """A broker's ACLs in memory. `refuses` makes creation fail."""

    def __init__(self, *, refuses: bool = False) -> None:
        self.held: list[ACL] = []
        self.refuses = refuses

    def describe_acls(self, _filter: ACLFilter) -> tuple[list[ACL], Any]:
        return list(self.held), None

    def create_acls(self, acls: list[ACL]) -> dict[str, list[Any]]:
        if self.refuses:
            return {"succeeded": [], "failed": [PermissionError for _ in acls]}
        self.held.extend(acls)
        return {"succeeded": acls, "failed": []}

    def delete_acls(self, filters: list[ACLFilter]) -> None:
        said: Callable[[Any], tuple[Any, ...]] = lambda one: (one.principal, one.operation)  # noqa: E731
        gone = {said(one) for one in filters}
        self.held = [acl for acl in self.held if said(acl) not in gone]


def test_applying_again_changes_nothing() -> None:
    admin = FakeAdmin()
    first = reconcile(admin, grants())
    assert (len(first.created), first.deleted) == (len(set(grants())), [])
    assert reconcile(admin, grants()) == ([], [])


def test_what_the_table_lost_is_deleted() -> None:
    admin = FakeAdmin()
    reconcile(admin, [Grant("ingest", "WRITE", "TOPIC", "a"), Grant("intruder", "READ", "TOPIC", "a")])
    changes = reconcile(admin, [Grant("ingest", "WRITE", "TOPIC", "a")])
    assert changes.created == []
    assert ["User:intruder" in one for one in changes.deleted] == [True]
    assert [acl.principal for acl in admin.held] == ["User:ingest"]


def test_a_refusal_is_no_success() -> None:
    with pytest.raises(Refused):
        reconcile(FakeAdmin(refuses=True), grants())
