-- What Grafana's panels ask (dashboards/). Views with parameters, and projections that keep them quick over a long log.
-- A projection is computed again when parts merge. Counts are unions of places: a row that stands twice until then counts once.
-- Only the percentiles of seconds count it twice until then.

ALTER TABLE raw_log MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

-- Events of each minute and block. A place is one number; an offset leaves room for 8,192 events of a record, which is 512 KB at the most.
ALTER TABLE raw_log ADD PROJECTION IF NOT EXISTS arrivals (
    SELECT toStartOfMinute(ifNull(received, logged)), block, log_id,
           groupBitmap(`offset` * 8192 + bitAnd(`index`, 8191)),
           groupBitmapIf(`offset` * 8192 + bitAnd(`index`, 8191), well_formed),
           max(ifNull(received, logged))
    GROUP BY toStartOfMinute(ifNull(received, logged)), block, log_id
);

-- How many different events those are: what is above it was pushed more than once.
ALTER TABLE raw_log ADD PROJECTION IF NOT EXISTS identities (
    SELECT toStartOfHour(ifNull(received, logged)), block, log_id,
           groupBitmap(`offset` * 8192 + bitAnd(`index`, 8191)),
           groupBitmapIf(`offset` * 8192 + bitAnd(`index`, 8191), well_formed),
           uniqExactIf(cityHash64(source, id), well_formed)
    GROUP BY toStartOfHour(ifNull(received, logged)), block, log_id
);

-- Seconds from the door to the log and to the store.
ALTER TABLE raw_log ADD PROJECTION IF NOT EXISTS seconds (
    SELECT toStartOfMinute(ifNull(received, logged)),
           quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Milli(logged) * 1000 - toUnixTimestamp64Micro(received)) / 1e6),
           quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Micro(stored) - toUnixTimestamp64Micro(received)) / 1e6)
    GROUP BY toStartOfMinute(ifNull(received, logged))
);

-- Decisions, replies and holds are rare among reports.
ALTER TABLE raw_log ADD INDEX IF NOT EXISTS by_type type TYPE set(16) GRANULARITY 1;

-- What was stored before this migration.
ALTER TABLE raw_log MATERIALIZE PROJECTION arrivals;
ALTER TABLE raw_log MATERIALIZE PROJECTION identities;
ALTER TABLE raw_log MATERIALIZE PROJECTION seconds;
ALTER TABLE raw_log MATERIALIZE INDEX by_type;

ALTER TABLE ranking_times MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

-- Seconds from the door to the live ranking.
ALTER TABLE ranking_times ADD PROJECTION IF NOT EXISTS seconds (
    SELECT toStartOfMinute(as_of),
           quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Micro(sent) - toUnixTimestamp64Micro(as_of)) / 1e6)
    GROUP BY toStartOfMinute(as_of)
);
ALTER TABLE ranking_times MATERIALIZE PROJECTION seconds;

-- Campaigns, with the pack that was published last.
CREATE OR REPLACE VIEW grafana_campaigns AS
SELECT campaign, argMax(hash, version) AS pack, argMax(title_vi, version) AS title_vi, argMax(title_en, version) AS title_en,
       argMax(simulated, version) AS simulated
FROM packs
GROUP BY campaign
ORDER BY campaign;

-- The blocks of a campaign's newest pack, with their titles.
CREATE OR REPLACE VIEW grafana_blocks AS
SELECT concat(campaign, '/', b.id) AS block, b.title.vi AS title_vi, b.title.en AS title_en
FROM packs
ARRAY JOIN JSONExtract(body, 'blocks', 'Array(Tuple(id String, title Tuple(vi String, en String)))') AS b
WHERE campaign = {campaign:String} AND hash = (SELECT argMax(hash, version) FROM packs WHERE campaign = {campaign:String})
LIMIT 1 BY block;

-- The units of each block by the newest packs.
CREATE OR REPLACE VIEW grafana_units AS
SELECT block, unit, any(name) AS name, min(position) AS place
FROM pack_units
WHERE (block = {scope:String} OR startsWith(block, concat({scope:String}, '/')))
  AND pack IN (SELECT pack FROM grafana_campaigns)
GROUP BY block, unit
ORDER BY block, place;

-- Names of units, of any pack that named them: a unit that left the campaign keeps its name in its history.
CREATE OR REPLACE VIEW grafana_names AS
SELECT block, unit, any(name) AS name
FROM pack_units
WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/'))
GROUP BY block, unit;

-- The live ranking of a block, in board order. `interval` is the 90 % interval of the rank: it stands beside every rank.
CREATE OR REPLACE VIEW grafana_ranking AS
SELECT r.period AS period, r.as_of AS as_of, r.place AS place, r.u.unit AS unit, if(n.name = '', r.u.unit, n.name) AS name,
       r.u.rank AS rank, r.u.tied AS tied, r.u.score AS score, r.u.interval[1] AS interval_best, r.u.interval[2] AS interval_worst,
       r.u.coverage AS coverage, r.u.moved AS moved, r.u.delta AS delta, r.simulated OR r.u.simulated AS simulated, r.halted AS halted
FROM (
    SELECT period, as_of, simulated, halted, place, u
    FROM (
        SELECT period, as_of, simulated, JSONExtractBool(body, 'halted') AS halted,
               JSONExtract(body, 'units', 'Array(Tuple(unit String, rank Nullable(UInt32), tied Bool, score Nullable(Float64), coverage Float64, interval Array(Nullable(UInt32)), moved Nullable(Int32), delta Nullable(Float64), simulated Bool))') AS units
        FROM rankings FINAL
        WHERE block = {block:String}
    )
    ARRAY JOIN units AS u, arrayEnumerate(units) AS place
) AS r
LEFT JOIN (SELECT unit, name FROM grafana_names(scope = {block:String})) AS n ON n.unit = r.u.unit
ORDER BY place;

-- Newest editions of a block (as read_newest_evaluations, without what the audit wants), with the last day of their period:
-- the axis of time on which evaluations stand (contracts/periods.py).
CREATE OR REPLACE VIEW grafana_evaluations AS
SELECT id, sha256, period, edition, as_of, pack, units, ranked, simulated,
       toUInt16(extract(period, '(\\d{4})(?:-.*)?$')) AS year,
       toUInt8OrZero(extract(period, '-[HQW]?(\\d{1,2})')) AS part,
       toDateTime64(multiIf(
           match(period, '-H'), toLastDayOfMonth(makeDate32(year, part * 6, 1)),
           match(period, '-Q'), toLastDayOfMonth(makeDate32(year, part * 3, 1)),
           match(period, '-W'), toStartOfWeek(makeDate32(year, 1, 4), 1) + part * 7 - 1,
           match(period, '-\\d{2}-\\d{2}$'), makeDate32(year, part, toUInt8OrZero(extract(period, '-(\\d{2})$'))),
           part > 0, toLastDayOfMonth(makeDate32(year, part, 1)),
           makeDate32(year, 12, 31)), 0, 'UTC') AS ends
FROM (
    SELECT * FROM (
        SELECT id, sha256, period, edition, as_of, pack, units, ranked, simulated, cause_offset
        FROM evaluations FINAL
        WHERE block = {block:String}
        ORDER BY version DESC
        LIMIT 1 BY id
    )
    ORDER BY edition DESC, as_of DESC, cause_offset DESC
    LIMIT 1 BY period
);

-- Every unit in the newest edition of each period of a block.
CREATE OR REPLACE VIEW grafana_history AS
SELECT e.period AS period, e.ends AS ends, e.as_of AS as_of, e.edition AS edition, u.unit AS unit, if(n.name = '', u.unit, n.name) AS name,
       u.rank AS rank, e.ranked AS of, u.tied AS tied, u.score AS score, u.coverage AS coverage, u.interval_best AS interval_best,
       u.interval_worst AS interval_worst, u.moved AS moved, u.delta AS delta, e.simulated OR u.simulated AS simulated,
       u.position AS place
FROM grafana_evaluations(block = {block:String}) AS e
INNER JOIN (SELECT * FROM evaluation_units FINAL WHERE block = {block:String}) AS u ON u.evaluation = e.id AND u.sha256 = e.sha256
LEFT JOIN (SELECT unit, name FROM grafana_names(scope = {block:String})) AS n ON n.unit = u.unit
ORDER BY as_of, period, place;

-- The live ranking of a block over time: each unit's last place in each `step_s` seconds between two instants (seconds since 1970).
CREATE OR REPLACE VIEW grafana_live AS
SELECT h.time AS time, h.unit AS unit, if(n.name = '', h.unit, n.name) AS name, h.last.1 AS rank, h.last.2 AS score, h.last.3 AS coverage,
       h.last.4 AS interval_best, h.last.5 AS interval_worst, h.last.6 AS simulated
FROM (
    SELECT toStartOfInterval(minute, toIntervalSecond({step_s:UInt32})) AS time, unit,
           argMax((rank, score, coverage, interval_best, interval_worst, simulated), (minute, version)) AS last
    FROM ranking_history
    WHERE block = {block:String} AND minute BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time, unit
) AS h
LEFT JOIN (SELECT unit, name FROM grafana_names(scope = {block:String})) AS n ON n.unit = h.unit
ORDER BY time, unit;

-- Points of each top-level group, in 0..1, of every unit in the newest edition of each period.
CREATE OR REPLACE VIEW grafana_groups AS
SELECT e.period AS period, e.ends AS ends, e.as_of AS as_of, u.unit AS unit, if(n.name = '', u.unit, n.name) AS name, u.group_position AS position,
       g.title_vi AS title_vi, g.title_en AS title_en, u.group_score AS score, u.simulated AS simulated, u.position AS place
FROM grafana_evaluations(block = {block:String}) AS e
INNER JOIN (
    SELECT evaluation, sha256, unit, simulated, position, group_score, group_position
    FROM evaluation_units FINAL
    ARRAY JOIN groups AS group_score, arrayEnumerate(groups) AS group_position
    WHERE block = {block:String}
) AS u ON u.evaluation = e.id AND u.sha256 = e.sha256
LEFT JOIN (SELECT * FROM pack_columns FINAL WHERE kind = 'group' AND block = {block:String}) AS g
    ON g.pack = e.pack AND g.position = u.group_position
LEFT JOIN (SELECT unit, name FROM grafana_names(scope = {block:String})) AS n ON n.unit = u.unit
ORDER BY as_of, period, place, position;

-- What each criterion of a block is measured against: the target, else the threshold, else the upper goalpost of its method.
CREATE OR REPLACE VIEW grafana_targets AS
SELECT pack, found[1] AS criterion, JSONExtractString(found[2], 'method') AS method,
       coalesce(JSONExtract(found[2], 'target', 'Nullable(Float64)'), JSONExtract(found[2], 'threshold', 'Nullable(Float64)'),
                JSONExtract(found[2], 'high', 'Nullable(Float64)')) AS target
FROM (
    SELECT hash AS pack,
           arrayFirst(b -> JSONExtractString(b, 'id') = substring({block:String}, length(campaign) + 2), JSONExtractArrayRaw(body, 'blocks')) AS block,
           arrayFirst(s -> JSONExtractString(s, 'id') = JSONExtractString(block, 'scheme'), JSONExtractArrayRaw(body, 'schemes')) AS scheme
    FROM packs
    WHERE startsWith({block:String}, concat(campaign, '/'))
    LIMIT 1 BY hash
)
ARRAY JOIN extractAllGroupsVertical(scheme, '\\{"criterion":"([^"]+)".*?"scoring":(\\{[^{}]*\\})') AS found;

-- A unit's criteria in the newest edition of each period. Missing is a state, never 0.
CREATE OR REPLACE VIEW grafana_criteria AS
SELECT e.period AS period, e.ends AS ends, e.as_of AS as_of, c.position AS position, p.id AS criterion, p.title_vi AS title_vi, p.title_en AS title_en,
       p.weight AS weight, c.state AS state, if(c.state = 'reported', c.actual, NULL) AS actual, t.target AS target, t.method AS method,
       c.score AS score, c.period AS figure_period, c.origin AS origin, c.source AS source, c.id AS event, e.simulated AS simulated
FROM grafana_evaluations(block = {block:String}) AS e
INNER JOIN (SELECT * FROM evaluation_criteria FINAL WHERE block = {block:String} AND unit = {unit:String}) AS c
    ON c.evaluation = e.id AND c.sha256 = e.sha256
LEFT JOIN (SELECT * FROM pack_columns FINAL WHERE kind = 'criterion' AND block = {block:String}) AS p
    ON p.pack = e.pack AND p.position = c.position
LEFT JOIN (SELECT * FROM grafana_targets(block = {block:String})) AS t ON t.pack = e.pack AND t.criterion = p.id
ORDER BY as_of, period, position;

-- Every change of every flag of a block or a campaign, newest first, with its unit's name.
CREATE OR REPLACE VIEW grafana_flag_changes AS
SELECT f.block AS block, f.id AS id, f.unit AS unit, if(n.name = '', f.unit, n.name) AS name, f.kind AS kind, f.state AS state,
       f.period AS period, f.since AS since, f.as_of AS as_of, f.rank AS rank, f.of AS of, f.interval[1] AS interval_best,
       f.interval[2] AS interval_worst, f.score AS score, f.gap AS gap, f.coverage AS coverage, f.hits AS hits, f.window AS window,
       f.simulated AS simulated, f.newest AS newest
FROM (
    SELECT * EXCEPT (body), JSONExtract(body, 'interval', 'Array(Nullable(UInt32))') AS interval,
           row_number() OVER (PARTITION BY block, id ORDER BY generation DESC, cause_offset DESC, cause_index DESC) = 1 AS newest
    FROM flag_changes FINAL
    WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
) AS f
LEFT JOIN (SELECT block, unit, name FROM grafana_names(scope = splitByChar('/', {scope:String})[1])) AS n
    ON n.block = f.block AND n.unit = f.unit
ORDER BY as_of DESC, id;

-- Events of each minute and block, each place of the log once. Filter on `minute`.
CREATE OR REPLACE VIEW grafana_arrivals AS
SELECT toStartOfMinute(ifNull(received, logged)) AS minute, block, log_id,
       groupBitmap(`offset` * 8192 + bitAnd(`index`, 8191)) AS events,
       groupBitmapIf(`offset` * 8192 + bitAnd(`index`, 8191), well_formed) AS readable
FROM raw_log
GROUP BY minute, block, log_id;

-- The same in whole, between two instants (seconds since 1970): what came more than once, and what nobody can read.
CREATE OR REPLACE VIEW grafana_repeats AS
SELECT block, sum(places) AS events, sum(readable_places) AS readable, sum(identities) AS different,
       readable - different AS repeated, events - readable AS unreadable
FROM (
    SELECT block, log_id, groupBitmap(`offset` * 8192 + bitAnd(`index`, 8191)) AS places,
           groupBitmapIf(`offset` * 8192 + bitAnd(`index`, 8191), well_formed) AS readable_places,
           uniqExactIf(cityHash64(source, id), well_formed) AS identities
    FROM raw_log
    WHERE toStartOfHour(ifNull(received, logged)) BETWEEN toDateTime({from_s:UInt32}) - 3599 AND toDateTime({to_s:UInt32})
    GROUP BY block, log_id
)
GROUP BY block
ORDER BY block;

-- When the newest event of each block came, and which event its live ranking stands at.
CREATE OR REPLACE VIEW grafana_block_state AS
SELECT a.block AS block, a.last_event AS last_event, r.as_of AS ranked_to, r.period AS period, r.events AS events,
       greatest((toUnixTimestamp64Micro(a.last_event) - toUnixTimestamp64Micro(r.as_of)) / 1e6, 0) AS behind_s,
       r.halted AS halted, r.simulated AS simulated, r.block != '' AS ranked
FROM (
    SELECT block, max(ifNull(received, logged)) AS last_event
    FROM raw_log
    GROUP BY block, log_id, toStartOfMinute(ifNull(received, logged))
    ORDER BY last_event DESC
    LIMIT 1 BY block
) AS a
LEFT JOIN (
    SELECT block, period, as_of, events, simulated, JSONExtractBool(body, 'halted') AS halted FROM rankings FINAL
) AS r ON r.block = a.block
ORDER BY block;

-- Percentiles of the seconds from the door to each step, for each `step_s` seconds between two instants (seconds since 1970).
CREATE OR REPLACE VIEW grafana_latency AS
SELECT time, step, q[1] AS p50_s, q[2] AS p95_s, q[3] AS p99_s
FROM (
    SELECT toStartOfInterval(toStartOfMinute(ifNull(received, logged)), toIntervalSecond({step_s:UInt32})) AS time, 'logged' AS step,
           quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Milli(logged) * 1000 - toUnixTimestamp64Micro(received)) / 1e6) AS q
    FROM raw_log
    WHERE toStartOfMinute(ifNull(received, logged)) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time
    UNION ALL
    SELECT toStartOfInterval(toStartOfMinute(ifNull(received, logged)), toIntervalSecond({step_s:UInt32})) AS time, 'stored' AS step,
           quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Micro(stored) - toUnixTimestamp64Micro(received)) / 1e6) AS q
    FROM raw_log
    WHERE toStartOfMinute(ifNull(received, logged)) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time
    UNION ALL
    SELECT toStartOfInterval(toStartOfMinute(as_of), toIntervalSecond({step_s:UInt32})) AS time, 'ranked' AS step,
           quantilesTDigest(0.5, 0.95, 0.99)((toUnixTimestamp64Micro(sent) - toUnixTimestamp64Micro(as_of)) / 1e6) AS q
    FROM ranking_times
    WHERE toStartOfMinute(as_of) BETWEEN toDateTime({from_s:UInt32}) AND toDateTime({to_s:UInt32})
    GROUP BY time
)
WHERE isFinite(p95_s)
ORDER BY time, step;

-- What people said about a block or a campaign: decisions, replies, holds, adjustments, publications. `body` is the event.
CREATE OR REPLACE VIEW grafana_decisions AS
SELECT block, type, subject, time, received, source, id, JSONExtractString(body, 'data', 'reason') AS reason,
       JSONExtractString(body, 'data', 'flag') AS flag, JSONExtractString(body, 'data', 'decision') AS decision,
       JSONExtractString(body, 'data', 'text') AS text
FROM raw_log
WHERE type IN ('vn.thidua.decision.v1', 'vn.thidua.reply.v1', 'vn.thidua.hold.v1', 'vn.thidua.release.v1', 'vn.thidua.adjustment.v1',
               'vn.thidua.evaluation.published.v1', 'vn.thidua.period.closed.v1', 'vn.thidua.period.reopened.v1')
  AND (block = {scope:String} OR startsWith(block, concat({scope:String}, '/')))
ORDER BY `offset`, `index`
LIMIT 1 BY block, source, id;
