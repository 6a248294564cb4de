"""`SHOW CREATE TABLE system.…`: the engine has no statement for the tables that it is made of, so one is written."""

import re

from deploy.embedded.clickhouse.names import quoted

_ASKED = re.compile(
    rb"\s*SHOW\s+CREATE\s+(?:TABLE\s+)?(?:`system`|system)\s*\.\s*`?(\w+)`?\s*(?:FORMAT\s+\w+\s*)?$", re.I
)


def statement_of_system_table(sql: bytes) -> bytes | None:
    """A query that gives what `sql` asks for, or None when `sql` does not ask for a system table. It gives no row
    for a table that is not there."""
    asked = _ASKED.match(sql)
    if asked is None:
        return None
    table = quoted(asked[1].decode())
    return (
        "SELECT concat('CREATE TABLE system.', table, '\\n(\\n', arrayStringConcat(groupArray(concat('    `', name, '` ', "
        "type)), ',\\n'), '\\n)\\nENGINE = ', any(engine)) AS statement FROM system.columns "
        "INNER JOIN (SELECT name AS table, engine FROM system.tables WHERE database = 'system') AS tables USING (table) "
        f"WHERE database = 'system' AND table = {table} GROUP BY table"
    ).encode()
