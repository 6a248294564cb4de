"""The same migrations on a database with replicas: engines are exchanged as the statements are sent, so there is one set of files.

The database has ClickHouse's engine `Replicated`: a statement that is sent to one replica is carried out on all. Every table is replicated, since
each has its writer in storage and is read on any replica; views hold nothing. Paths and names come from the server's `default_replica_path`
and its macros.
"""

import re
from typing import Final

_ENGINE: Final = re.compile(r"\bENGINE\s*=\s*(?=(?:Replacing)?MergeTree\b)")
_DEDUPLICATION: Final = re.compile(r"\bnon_replicated_deduplication_window\b")
_CLUSTER: Final = "thidua"
"""Name in the servers' `remote_servers` (deploy/cluster/clickhouse/replication.xml)."""


def create_database(name: str, *, replicated: bool) -> str:
    """The statement that makes the database, on all replicas if there are any. `name` is a word."""
    if not replicated:
        return f"CREATE DATABASE IF NOT EXISTS {name}"
    path = f"/clickhouse/databases/{name}"
    return (
        f"CREATE DATABASE IF NOT EXISTS {name} ON CLUSTER {_CLUSTER} "
        f"ENGINE = Replicated('{path}', '{{shard}}', '{{replica}}')"
    )


def on_replicas(statement: str) -> str:
    """A migration's statement as a replicated database takes it."""
    return _DEDUPLICATION.sub(
        "replicated_deduplication_window", _ENGINE.sub("ENGINE = Replicated", statement)
    )
