-- The way of events from the door to a board, step by step (contracts/steps.py): by record and by ranking, never by event.
-- Every row may come twice: a sort key is an identity, percentiles are of waits, which are equal in copies, and counts are of one copy each.

-- `stored` is when ClickHouse inserted the event, by its own clock. It was when storage read it, half a batch before.
ALTER TABLE raw_log MODIFY COLUMN stored DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC');

-- Records that came through the door. The first writing wins. What is stored more than an hour after the door was read again: not counted.
CREATE TABLE IF NOT EXISTS record_times (
    log_id UUID,
    partition UInt32,
    `offset` UInt64,
    block String,
    events UInt32,
    door DateTime64(6, 'UTC'),
    logged DateTime64(6, 'UTC'),
    stored DateTime64(6, 'UTC') DEFAULT now64(6, 'UTC'),
    to_log_s Float64 DEFAULT (toUnixTimestamp64Micro(logged) - toUnixTimestamp64Micro(door)) / 1e6,
    to_store_s Float64 DEFAULT (toUnixTimestamp64Micro(stored) - toUnixTimestamp64Micro(door)) / 1e6,
    counted UInt32 DEFAULT if(to_store_s <= 3600, events, 0),
    stored_first UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Micro(stored)))
) ENGINE = ReplacingMergeTree(stored_first) ORDER BY (log_id, partition, `offset`)
TTL toDateTime(stored, 'UTC') + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000, deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE record_times ADD PROJECTION IF NOT EXISTS steps (
    SELECT toStartOfMinute(door), block,
           quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_log_s, events),
           quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_store_s, counted)
    GROUP BY toStartOfMinute(door), block
);

-- What each live ranking was the first to show, with the times of each stretch of the log (microseconds since 1970), and when a board had it:
-- null until an api says so; the first board counts. `came` is when the door stamped the newest of it.
CREATE TABLE IF NOT EXISTS ranking_steps (
    block String,
    cause_partition UInt32,
    cause_offset UInt64,
    cause_index UInt32,
    ranked DateTime64(6, 'UTC'),
    board Nullable(DateTime64(6, 'UTC')),
    came DateTime64(6, 'UTC'),
    offsets Array(UInt64),
    events Array(UInt32),
    door_us Array(Int64),
    logged_us Array(Int64),
    applied_us Array(Int64),
    old UInt32,
    repeats UInt32,
    corrections UInt32,
    to_applied_s Array(Float64) DEFAULT arrayMap((a, l) -> (a - l) / 1e6, applied_us, logged_us),
    to_ranked_s Array(Float64) DEFAULT arrayMap(a -> (toUnixTimestamp64Micro(ranked) - a) / 1e6, applied_us),
    seen Array(UInt32) DEFAULT if(board IS NULL, [], events),
    to_board_s Array(Float64) DEFAULT arrayMap(e -> (toUnixTimestamp64Micro(assumeNotNull(board)) - toUnixTimestamp64Micro(ranked)) / 1e6, seen),
    in_all_s Array(Float64) DEFAULT if(board IS NULL, [], arrayMap(d -> (toUnixTimestamp64Micro(assumeNotNull(board)) - d) / 1e6, door_us)),
    board_first UInt64 DEFAULT if(board IS NULL, 0, bitNot(toUInt64(toUnixTimestamp64Micro(assumeNotNull(board)))))
) ENGINE = ReplacingMergeTree(board_first) ORDER BY (block, cause_partition, cause_offset, cause_index, ranked)
TTL toDateTime(ranked, 'UTC') + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000, deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE ranking_steps ADD PROJECTION IF NOT EXISTS steps (
    SELECT toStartOfMinute(came), block,
           quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_applied_s, events),
           quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_ranked_s, events),
           quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_board_s, seen),
           quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(in_all_s, seen)
    GROUP BY toStartOfMinute(came), block
);

-- Percentiles of each step of what came at the door in each `step_s` seconds between two instants (seconds since 1970), for each block.
CREATE OR REPLACE VIEW grafana_steps_by_block AS
SELECT time, block, row.1 AS number, row.2 AS step, row.3[1] AS p50_s, row.3[2] AS p95_s, row.3[3] AS p99_s
FROM (
    SELECT toStartOfInterval(toStartOfMinute(door), toIntervalSecond({step_s:UInt32})) AS time, block,
           [(1, 'door_to_log', quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_log_s, events)),
            (6, 'door_to_stored', quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_store_s, counted))] AS rows
    FROM record_times
    WHERE toStartOfMinute(door) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time, block
    UNION ALL
    SELECT toStartOfInterval(toStartOfMinute(came), toIntervalSecond({step_s:UInt32})) AS time, block,
           [(2, 'log_to_applied', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_applied_s, events)),
            (3, 'applied_to_ranked', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_ranked_s, events)),
            (4, 'ranked_to_board', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_board_s, seen)),
            (5, 'door_to_board', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(in_all_s, seen))] AS rows
    FROM ranking_steps
    WHERE toStartOfMinute(came) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time, block
)
ARRAY JOIN rows AS row
WHERE isFinite(p95_s)
ORDER BY time, block, number;

-- The same over a block, a campaign, or all ('').
CREATE OR REPLACE VIEW grafana_steps AS
SELECT time, row.1 AS number, row.2 AS step, row.3[1] AS p50_s, row.3[2] AS p95_s, row.3[3] AS p99_s
FROM (
    SELECT toStartOfInterval(toStartOfMinute(door), toIntervalSecond({step_s:UInt32})) AS time,
           [(1, 'door_to_log', quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_log_s, events)),
            (6, 'door_to_stored', quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_store_s, counted))] AS rows
    FROM record_times
    WHERE toStartOfMinute(door) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
      AND (block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = '')
    GROUP BY time
    UNION ALL
    SELECT toStartOfInterval(toStartOfMinute(came), toIntervalSecond({step_s:UInt32})) AS time,
           [(2, 'log_to_applied', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_applied_s, events)),
            (3, 'applied_to_ranked', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_ranked_s, events)),
            (4, 'ranked_to_board', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(to_board_s, seen)),
            (5, 'door_to_board', quantilesTDigestWeightedArray(0.5, 0.95, 0.99)(in_all_s, seen))] AS rows
    FROM ranking_steps
    WHERE toStartOfMinute(came) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
      AND (block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = '')
    GROUP BY time
)
ARRAY JOIN rows AS row
WHERE isFinite(p95_s)
ORDER BY time, number;

-- What events were beside new, by time and block, between two instants: of each ranking and each refused place one copy. `old` was not
-- measured: it was read again, or waited out an hour.
CREATE OR REPLACE VIEW grafana_flow AS
SELECT time, block, kind, sum(number) AS events
FROM (
    SELECT toStartOfInterval(c.came, toIntervalSecond({step_s:UInt32})) AS time, c.block AS block, row.1 AS kind, toUInt64(row.2) AS number
    FROM (
        SELECT block, any(ranking_steps.came) AS came, any(ranking_steps.repeats) AS repeats,
               any(ranking_steps.corrections) AS corrections, any(ranking_steps.old) AS old
        FROM ranking_steps
        WHERE ranking_steps.came BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
          AND ranking_steps.repeats + ranking_steps.corrections + ranking_steps.old > 0
        GROUP BY block, cause_partition, cause_offset, cause_index, ranked
    ) AS c
    ARRAY JOIN [('repeat', c.repeats), ('correction', c.corrections), ('old', c.old)] AS row
    UNION ALL
    SELECT toStartOfInterval(at, toIntervalSecond({step_s:UInt32})) AS time, key AS block, 'dead letter' AS kind, toUInt64(1) AS number
    FROM dead_letters FINAL
    WHERE at BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
)
WHERE number > 0
GROUP BY time, block, kind
ORDER BY time, block, kind;

-- Each minute of the last `seconds`, over a block, a campaign, or all ('').
CREATE OR REPLACE VIEW read_steps AS
SELECT time AS minute, step, round(p50_s * 1000, 3) AS p50_ms, round(p95_s * 1000, 3) AS p95_ms, round(p99_s * 1000, 3) AS p99_ms
FROM grafana_steps(scope = {scope:String}, from_s = toUInt32(now()) - {seconds:UInt32}, to_s = toUInt32(now()), step_s = 60)
ORDER BY minute, number;

-- From the door into ClickHouse, of what was stored in the last `seconds`: each block, and all as the block ''.
CREATE OR REPLACE VIEW read_stored_waits AS
SELECT block, sum(counted) AS events, arrayMap(q -> round(q * 1000, 3), quantilesExactWeighted(0.5, 0.95, 0.99)(to_store_s, counted)) AS ms,
       ms[1] AS p50_ms, ms[2] AS p95_ms, ms[3] AS p99_ms
FROM record_times FINAL
WHERE stored >= now64(6) - toIntervalSecond({seconds:UInt32}) AND counted > 0
GROUP BY GROUPING SETS ((block), ())
HAVING events > 0
ORDER BY block;

-- The whole way of the events that stand at one place of the log: null where a step has not happened, or left no trace.
CREATE OR REPLACE VIEW read_way AS
SELECT r.block AS block, r.events AS events, r.door AS door, r.logged AS logged,
       fromUnixTimestamp64Micro(nullIf(s.applied_us, 0)) AS applied, if(s.applied_us = 0, NULL, s.ranked) AS ranked, s.board AS board, r.stored AS stored
FROM (SELECT * FROM record_times FINAL WHERE block = {block:String} AND `offset` = {offset:UInt64} ORDER BY door DESC LIMIT 1) AS r
LEFT JOIN (
    SELECT block, applied_us[arrayFirstIndex(o -> o >= {offset:UInt64}, offsets)] AS applied_us, ranked, board
    FROM ranking_steps FINAL
    WHERE block = {block:String} AND cause_offset >= {offset:UInt64} AND {offset:UInt64} BETWEEN offsets[1] AND offsets[-1]
    ORDER BY ranked
    LIMIT 1
) AS s ON s.block = r.block;
