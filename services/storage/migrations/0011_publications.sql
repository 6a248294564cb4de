-- What the office published, oldest first: of evaluations that were made, and without what scoring refused.
CREATE OR REPLACE VIEW read_publications AS
SELECT e.block AS block, e.period AS period, e.edition AS edition, e.id AS evaluation, p.principal AS principal, p.received AS at
FROM read_evaluations(block = {block:String}) AS e
INNER JOIN (
    SELECT note, principal, received
    FROM events FINAL
    WHERE block = {block:String} AND type = 'vn.thidua.evaluation.published.v1'
      AND (source, id) NOT IN (SELECT source, id FROM dead_letters FINAL WHERE key = {block:String})
) AS p ON p.note = e.id
ORDER BY at;
