-- The named reads: all that other services may ask. `services.contracts.stored` holds their parameters and rows.
-- A filter stands inside, next to FINAL, because it is not pushed through LIMIT BY.

CREATE OR REPLACE VIEW reports AS
SELECT block, subject AS unit, indicator, period, value, numerator, denominator, passed, revision, origin, principal, source, id,
       time, received, simulated, log_id, partition, `offset`, `index`
FROM events FINAL
WHERE type = 'vn.thidua.report.v1';

-- Evaluations of a block, one row for an id: the first copy in the newest log. `bodies` above 1 is a fault that the audit explains.
CREATE OR REPLACE VIEW read_evaluations AS
SELECT e.block AS block, e.id AS id, e.period AS period, e.edition AS edition, e.as_of AS as_of, e.pack AS pack, e.engine AS engine,
       e.cause_partition AS cause_partition, e.cause_offset AS cause_offset, e.cause_index AS cause_index, e.events AS events,
       e.chain AS chain, e.units AS units, e.ranked AS ranked, e.simulated AS simulated, e.sha256 AS sha256, e.bodies AS bodies
FROM (
    SELECT * EXCEPT (body), count() OVER (PARTITION BY id, generation) AS bodies
    FROM evaluations FINAL
    WHERE block = {block:String}
    ORDER BY version DESC
    LIMIT 1 BY id
) AS e
ORDER BY as_of, period, edition;

-- The newest edition of each period of a block.
CREATE OR REPLACE VIEW read_newest_evaluations AS
SELECT * FROM (
    SELECT * FROM read_evaluations(block = {block:String}) ORDER BY edition DESC, as_of DESC, cause_offset DESC LIMIT 1 BY period
) ORDER BY as_of, period;

-- Every body of an evaluation as it stands in Kafka; the first row is the one that counts.
CREATE OR REPLACE VIEW read_evaluation_bodies AS
SELECT block, sha256, body, log_id, partition, `offset`
FROM evaluations FINAL
WHERE id = {id:String}
ORDER BY version DESC;

-- Every copy of every evaluation of a block, with its place in campaign.evaluations.
CREATE OR REPLACE VIEW read_evaluation_copies AS
SELECT id, sha256, log_id, partition, `offset`, logged, sent
FROM evaluation_copies FINAL
WHERE block = {block:String}
ORDER BY id, generation, `offset`;

-- Evaluations whose copies in one log differ: always empty, or something is wrong.
CREATE OR REPLACE VIEW differing_evaluations AS
SELECT block, id, generation, uniqExact(sha256) AS bodies, groupArray(`offset`) AS offsets
FROM evaluation_copies FINAL
GROUP BY block, id, generation
HAVING bodies > 1;

-- The units of an evaluation, in board order.
CREATE OR REPLACE VIEW read_evaluation_units AS
SELECT unit, rank, tied, score, coverage, interval_best, interval_worst, moved, delta, simulated, groups
FROM evaluation_units FINAL
WHERE evaluation = {id:String}
  AND sha256 = (SELECT argMax(sha256, version) FROM evaluations WHERE id = {id:String})
ORDER BY position;

-- One unit's criteria in an evaluation, with their names from the pack.
CREATE OR REPLACE VIEW read_evaluation_criteria AS
SELECT c.position AS position, p.id AS criterion, p.title_vi AS title_vi, p.title_en AS title_en, p.indicator AS indicator,
       p.weight AS weight, c.state AS state, c.actual AS actual, c.score AS score, c.period AS period, c.origin AS origin,
       c.source AS source, c.id AS id
FROM (
    SELECT * FROM evaluation_criteria FINAL
    WHERE evaluation = {id:String} AND unit = {unit:String}
      AND sha256 = (SELECT argMax(sha256, version) FROM evaluations WHERE id = {id:String})
) AS c
LEFT JOIN (
    SELECT * FROM pack_columns FINAL
    WHERE kind = 'criterion' AND pack = (SELECT argMax(pack, version) FROM evaluations WHERE id = {id:String})
) AS p ON p.block = c.block AND p.position = c.position
ORDER BY position;

-- Unit, score and rank of the newest edition of each period of a block.
CREATE OR REPLACE VIEW read_newest_scores AS
SELECT e.period AS period, e.edition AS edition, e.id AS evaluation, u.unit AS unit, u.score AS score, u.rank AS rank
FROM read_newest_evaluations(block = {block:String}) AS e
INNER JOIN (SELECT * FROM evaluation_units FINAL WHERE block = {block:String}) AS u
    ON u.evaluation = e.id AND u.sha256 = e.sha256
ORDER BY e.as_of, period, u.position;

-- A unit across the newest editions of its block.
CREATE OR REPLACE VIEW read_unit_history AS
SELECT e.period AS period, e.edition AS edition, e.id AS evaluation, e.as_of AS as_of, u.rank AS rank, e.ranked AS of, u.score AS score,
       u.coverage AS coverage, u.interval_best AS interval_best, u.interval_worst AS interval_worst, u.moved AS moved, u.delta AS delta,
       u.simulated AS simulated
FROM read_newest_evaluations(block = {block:String}) AS e
INNER JOIN (SELECT * FROM evaluation_units FINAL WHERE block = {block:String} AND unit = {unit:String}) AS u
    ON u.evaluation = e.id AND u.sha256 = e.sha256
ORDER BY as_of, period;

-- The newest state of each flag; `scope` is a block, or a campaign for all of its blocks.
CREATE OR REPLACE VIEW read_flags AS
SELECT block, id, unit, kind, state, evaluation, period, since, as_of, rank, of, score, gap, coverage, simulated, body
FROM (
    SELECT * FROM flag_changes FINAL
    WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/'))
    ORDER BY generation DESC, cause_offset DESC, cause_index DESC
    LIMIT 1 BY block, id
) ORDER BY as_of DESC, id;

-- All states that one flag went through, oldest first.
CREATE OR REPLACE VIEW read_flag_history AS
SELECT block, id, unit, kind, state, evaluation, period, since, as_of, rank, of, score, gap, coverage, simulated, body
FROM flag_changes FINAL
WHERE id = {id:String}
ORDER BY generation, cause_offset, cause_index;

-- The live ranking's bytes.
CREATE OR REPLACE VIEW read_ranking AS
SELECT block, period, as_of, body FROM rankings FINAL WHERE block = {block:String};

-- A unit's live place over time, a point a minute.
CREATE OR REPLACE VIEW read_ranking_history AS
SELECT minute, period, rank, score, coverage, interval_best, interval_worst
FROM ranking_history FINAL
WHERE block = {block:String} AND unit = {unit:String} AND minute >= now() - toIntervalSecond({seconds:UInt32})
ORDER BY minute;

-- Events of each block, each counted once.
CREATE OR REPLACE VIEW read_event_counts AS
SELECT block, count() AS events, countIf(type = 'vn.thidua.report.v1') AS reports, countIf(simulated) AS simulated,
       max(received) AS last_received
FROM events FINAL
WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
GROUP BY block
ORDER BY block;

-- Seconds from the door to each step, for what was received in the last `seconds`.
CREATE OR REPLACE VIEW read_freshness AS
SELECT step, count() AS events, quantileExact(0.5)(s) AS p50_s, quantileExact(0.95)(s) AS p95_s, quantileExact(0.99)(s) AS p99_s, max(s) AS max_s
FROM (
    SELECT pair.1 AS step, pair.2 AS s
    FROM raw_log FINAL
    ARRAY JOIN [
        ('logged', (toUnixTimestamp64Milli(logged) * 1000 - toUnixTimestamp64Micro(assumeNotNull(received))) / 1e6),
        ('stored', (toUnixTimestamp64Micro(stored) - toUnixTimestamp64Micro(assumeNotNull(received))) / 1e6)
    ] AS pair
    WHERE received >= now64(6) - toIntervalSecond({seconds:UInt32})
    UNION ALL
    SELECT 'ranked' AS step, (toUnixTimestamp64Micro(sent) - toUnixTimestamp64Micro(as_of)) / 1e6 AS s
    FROM ranking_times FINAL
    WHERE as_of >= now64(6) - toIntervalSecond({seconds:UInt32})
)
GROUP BY step
ORDER BY step;

-- Dead letters of a block or a campaign, newest first; '' for all.
CREATE OR REPLACE VIEW read_dead_letters AS
SELECT topic, partition, `offset`, `index`, key, reason, detail, hint, source, id, at, body
FROM dead_letters FINAL
WHERE key = {scope:String} OR startsWith(key, concat({scope:String}, '/')) OR {scope:String} = ''
ORDER BY at DESC, topic, partition, `offset`, `index`;

-- What stands in the store: rows that count, by table.
CREATE OR REPLACE VIEW read_counts AS
SELECT 'raw_log' AS name, count() AS rows FROM raw_log FINAL
UNION ALL SELECT 'events', count() FROM events FINAL
UNION ALL SELECT 'evaluations', count() FROM evaluations FINAL
UNION ALL SELECT 'evaluation_units', count() FROM evaluation_units FINAL
UNION ALL SELECT 'flag_changes', count() FROM flag_changes FINAL
UNION ALL SELECT 'dead_letters', count() FROM dead_letters FINAL
UNION ALL SELECT 'packs', count() FROM packs FINAL;
