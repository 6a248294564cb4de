"""ClickHouse's HTTP interface over chdb, the ClickHouse engine in a wheel, so that clickhouse-connect needs no server.

    python -m deploy.embedded.clickhouse --host 127.0.0.1 --port 18123 --path var/clickhouse

For trying, teaching and tests on one machine; a deployment runs the real server.

What it supports (docs/clickhouse-http.md says how it was tried)
- Queries by GET (read only) and POST, the statement in `query=`, in the body, in both, or in form fields; `param_*`
  bound by the engine; settings as URL parameters; `database`, `default_format`, `query_id`, `session_id` with
  temporary tables and `SET`, basic and `X-ClickHouse-User`/`-Key` authentication; `role` is taken and has no effect.
- Results in every format, in lz4, zstd, br, gzip, deflate or ClickHouse's own blocks (`compress=1`). Native, TabSeparated,
  CSV, RowBinary and the JSON-lines formats stream block by block, every other one (JSON, Parquet, Arrow, Pretty ...)
  through a pipe as the engine writes it. Native is written for the client's `client_protocol_version`.
- `wait_end_of_query=1` spools the result to disk, so that an error still has its status; else the first `buffer_size`
  bytes are held for that, and of formats that are read row by row no longer than 0.5 s.
- Inserts in every input format, compressed or not, streamed into the engine; also behind WITH and through `input()`. Native comes
  to it through a file, which it decodes itself where it is lz4 and the statement stands in `query=`.
  With `insert_deduplication_token` an insert stays one block, whatever its size, so it is taken or dropped as a whole.
- External data in multipart forms, of any size; it is spooled to disk.
- ClickHouse's error codes, statuses, headers and the tagged exception in the middle of a stream.
- `system.query_log` and `system.session_log` with the ids that clients gave: the last 2,000 of each, until it ends.
- `system.processes` and `KILL QUERY WHERE query_id = ...` by those ids.
- An owner and a reader (`settings.py`). The reader may query, set settings and have temporary tables; the engine's own
  grants and `reading.py` keep it from files, URLs, other servers, variables of this process, and KILL. It may not say
  the words file, infile, outfile, python and eval, not even in a literal, but for a column with its table (`t.file`).
- Many clients: statements run in parallel, each on its own connection of the engine (reads beside 100,000-row inserts:
  p50 12 ms, p99 36 ms), and a client that is silent or does not read its answer holds no thread. When a client goes
  away its read stops, and an insert that it did not finish never happened.
- 300 MB at rest, 530 MB after 8 million rows and a big merge, given back within seconds; THIDUA_CLICKHOUSE_* in
  `settings.py` bounds it. An insert that was answered survives kill -9 (not a power cut: parts are not fsynced).

What it does not
- Server-wide things that chdb has not: replicated tables (code 225), new users, roles, quotas and row policies (514),
  settings of one's own (`SQL_...`, 115), the native protocol, TLS.
- An exact `read_rows` for a streamed SELECT: the engine tells only what it had read when it gave the last block.
- JSON, Dynamic, Variant and aggregate states in Native for protocol versions from 54454 on (code 48), where their
  ends are not known. Below that a DateTime column that stands behind one of them says no time zone.
- `queryID()` is the engine's own.
- Progress headers before the answer: they come with it, and `total_rows_to_read` is 0.
- `INTO OUTFILE` (code 358, as on a server).
- The database `default` is an Overlay that cannot exchange tables; use one of your own (Atomic).
- `file()` and the like read what this process may read, for the owner: the server binds to loopback, keep it there.
"""
