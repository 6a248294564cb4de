-- What `thidua audit` reads: rows as they count, with every column that storage writes, times as the numbers that it wrote.

-- The logs of a topic, the newest first.
CREATE OR REPLACE VIEW audit_logs AS
SELECT topic, log_id, generation FROM logs FINAL WHERE topic = {topic:String} ORDER BY generation DESC;

-- Packs in the order of their publication.
CREATE OR REPLACE VIEW audit_packs AS
SELECT hash, body FROM packs FINAL ORDER BY generation, `offset`;

-- Some rows of a partition's log from a place on, in the order of places; of one block, or of all ('').
CREATE OR REPLACE VIEW audit_log AS
SELECT log_id, partition, `offset`, `index`, block, source, id, type, subject, toUnixTimestamp64Micro(r.time) AS time,
       toUnixTimestamp64Micro(r.received) AS received, toUnixTimestamp64Milli(r.logged) AS logged, well_formed, body
FROM raw_log AS r FINAL
WHERE log_id = {log:UUID} AND partition = {partition:UInt32}
  AND `offset` >= {offset:UInt64} AND (`offset` > {offset:UInt64} OR `index` > {index:Int32})
  AND (block = {block:String} OR {block:String} = '')
ORDER BY `offset`, `index`
LIMIT {rows:UInt32};

-- Every body of every evaluation of a block or a campaign, without the bytes; '' for all.
CREATE OR REPLACE VIEW audit_heads AS
SELECT block, id, sha256, period, engine, chain, events, cause_partition, cause_offset, cause_index, units, log_id
FROM evaluations FINAL
WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
ORDER BY block, cause_offset, cause_index, id, version DESC;

-- Evaluations that a table derived from them has rows of.
CREATE OR REPLACE VIEW audit_derived AS
SELECT DISTINCT name, block, evaluation, sha256 FROM (
    SELECT 'evaluation_units' AS name, block, evaluation, sha256 FROM evaluation_units
    WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
    UNION ALL
    SELECT 'evaluation_criteria', block, evaluation, sha256 FROM evaluation_criteria
    WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
    UNION ALL
    SELECT 'evaluation_copies', block, id, sha256 FROM evaluation_copies
    WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
) ORDER BY name, block, evaluation;

-- All that stands of some evaluations of a block.
CREATE OR REPLACE VIEW audit_evaluations AS
SELECT block, id, sha256, period, toUnixTimestamp64Micro(e.as_of) AS as_of, edition, pack, engine, events, chain, seed, baseline, simulated,
       units, ranked, body, cause_partition, cause_offset, cause_index, log_id, generation, partition, `offset`
FROM evaluations AS e FINAL
WHERE block = {block:String} AND id IN {ids:Array(String)}
ORDER BY version DESC;

CREATE OR REPLACE VIEW audit_copies AS
SELECT log_id, partition, `offset`, block, id, sha256, generation, toUnixTimestamp64Milli(c.logged) AS logged,
       toUnixTimestamp64Micro(c.sent) AS sent
FROM evaluation_copies AS c FINAL
WHERE block = {block:String} AND id IN {ids:Array(String)}
ORDER BY generation, partition, `offset`;

CREATE OR REPLACE VIEW audit_units AS
SELECT block, evaluation, sha256, unit, position, rank, tied, score, coverage, interval_best, interval_worst, moved, delta, simulated, groups,
       median_rank, p_top, p_bottom, score_low, score_high, shrunk
FROM evaluation_units FINAL
WHERE block = {block:String} AND evaluation IN {ids:Array(String)}
ORDER BY sha256, unit;

CREATE OR REPLACE VIEW audit_criteria AS
SELECT block, evaluation, sha256, unit, position, state, actual, score, period, origin, source, id
FROM evaluation_criteria FINAL
WHERE block = {block:String} AND evaluation IN {ids:Array(String)}
ORDER BY sha256, unit, position;

CREATE OR REPLACE VIEW audit_rankings AS
SELECT block, period, pack, engine, toUnixTimestamp64Micro(r.as_of) AS as_of, events, chain, simulated, body, cause_partition, cause_offset,
       cause_index, generation, `offset`
FROM rankings AS r FINAL
WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = '';
