"""`python -m deploy.kafka`: applies the table of ACLs. Who runs it is a super user, by the certificate that the settings name."""

import sys

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from deploy.kafka.acls import grants
from deploy.kafka.reconcile import Refused, reconcile
from services.contracts.kafka import kafka_security
from services.contracts.settings import ServiceSettings, read_settings


def main() -> int:
    """0 when the broker's ACLs are those of the table, 1 when they could not be applied."""
    settings = read_settings(ServiceSettings)
    try:
        admin = KafkaAdminClient(bootstrap_servers=settings.kafka_servers(), **kafka_security(settings))
        changes = reconcile(admin, grants())
        admin.close()
    except (KafkaError, Refused, OSError) as error:
        print(f"not applied: {error!r}", file=sys.stderr)
        return 1
    for line in (
        *(f"created {one}" for one in changes.created),
        *(f"deleted {one}" for one in changes.deleted),
    ):
        print(line)
    print(f"{len(changes.created)} created, {len(changes.deleted)} deleted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
