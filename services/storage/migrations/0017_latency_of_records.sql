-- Seconds to the log and to the store are asked of the records: an event of one request waited as long as the others of it. The projection of
-- `raw_log` that held them took a digest of every event, at each insert and at each merge.

-- Percentiles of the seconds from the door to each step, for each `step_s` seconds between two instants (seconds since 1970).
CREATE OR REPLACE VIEW grafana_latency AS
SELECT time, row.1 AS step, row.2[1] AS p50_s, row.2[2] AS p95_s, row.2[3] AS p99_s
FROM (
    SELECT toStartOfInterval(toStartOfMinute(door), toIntervalSecond({step_s:UInt32})) AS time,
           [('logged', quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_log_s, events)),
            ('stored', quantilesTDigestWeighted(0.5, 0.95, 0.99)(to_store_s, counted))] AS rows
    FROM record_times
    WHERE toStartOfMinute(door) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time
    UNION ALL
    SELECT toStartOfInterval(toStartOfMinute(as_of), toIntervalSecond({step_s:UInt32})) AS time,
           [('ranked', quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Micro(sent) - toUnixTimestamp64Micro(as_of)) / 1e6))] AS rows
    FROM ranking_times
    WHERE toStartOfMinute(as_of) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time
)
ARRAY JOIN rows AS row
WHERE isFinite(p95_s)
ORDER BY time, step;

ALTER TABLE raw_log DROP PROJECTION IF EXISTS seconds;
