-- The same from a place of a partition on: a letter is asked for by anybody, and the whole log may hold millions of events before it.
CREATE OR REPLACE VIEW read_appearances AS
SELECT r.partition AS partition, r.`offset` AS `offset`, r.`index` AS `index`, r.logged AS at, d.reason AS refused
FROM (
    SELECT partition, `offset`, `index`, min(logged) AS logged
    FROM raw_log
    WHERE block = {block:String} AND source = {source:String} AND id = {id:String}
      AND log_id IN (SELECT argMax(log_id, generation) FROM logs FINAL WHERE topic = 'campaign.events')
      AND partition = {partition:UInt32} AND `offset` >= {offset:UInt64}
    GROUP BY partition, `offset`, `index`
) AS r
LEFT JOIN (
    SELECT partition, `offset`, `index`, reason
    FROM dead_letters FINAL
    WHERE key = {block:String} AND topic = 'campaign.events'
) AS d ON r.partition = d.partition AND r.`offset` = d.`offset` AND r.`index` = d.`index`
ORDER BY partition, `offset`, `index`;
