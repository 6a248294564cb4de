"""Makes the broker's ACLs what the table says: creates what is missing and deletes what is too much. May be run again."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from deploy.kafka.acls import Grant

_EVERYTHING = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)


class Refused(Exception):  # noqa: N818 - it names what happened
    """The broker did not take an ACL. Nothing is half applied: run it again."""


class Changes(NamedTuple):
    """What was created and deleted, as text."""

    created: list[str]
    deleted: list[str]


def reconcile(admin: Any, grants: Iterable[Grant]) -> Changes:
    """`admin` is a kafka-python admin client of a super user. Creates before it deletes, so that nobody loses what is to stay.

    Raises `Refused`, and Kafka's errors when the broker does not answer or has no authorizer.
    """
    wanted = {_acl(grant) for grant in grants}
    held = set(admin.describe_acls(_EVERYTHING)[0])
    missing, extra = sorted(wanted - held, key=str), sorted(held - wanted, key=str)
    if missing and (failed := admin.create_acls(missing)["failed"]):
        raise Refused(f"{len(failed)} of {len(missing)} ACLs were refused, the first: {failed[0].__name__}")
    if extra:
        admin.delete_acls([_only(acl) for acl in extra])
    return Changes([str(acl) for acl in missing], [str(acl) for acl in extra])


def _acl(grant: Grant) -> ACL:
    return ACL(
        f"User:{grant.principal}",
        "*",
        ACLOperation[grant.operation],
        ACLPermissionType.ALLOW,
        ResourcePattern(ResourceType[grant.resource], grant.name),
    )


def _only(acl: ACL) -> ACLFilter:
    """A filter that matches this one."""
    pattern = acl.resource_pattern
    exact = ResourcePatternFilter(pattern.resource_type, pattern.resource_name, pattern.pattern_type)
    return ACLFilter(acl.principal, acl.host, acl.operation, acl.permission_type, exact)
