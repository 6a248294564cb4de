-- How sure a unit's official result is: null in evaluations from before there was such a figure.
ALTER TABLE evaluation_units
    ADD COLUMN IF NOT EXISTS median_rank Nullable(UInt32),
    ADD COLUMN IF NOT EXISTS p_top Nullable(Float64),
    ADD COLUMN IF NOT EXISTS p_bottom Nullable(Float64),
    ADD COLUMN IF NOT EXISTS score_low Nullable(Float64),
    ADD COLUMN IF NOT EXISTS score_high Nullable(Float64),
    ADD COLUMN IF NOT EXISTS shrunk Nullable(Float64);

-- The units of an evaluation, in board order.
CREATE OR REPLACE VIEW read_evaluation_units AS
SELECT unit, rank, tied, score, coverage, interval_best, interval_worst, moved, delta, simulated, groups, median_rank, p_top, p_bottom,
       score_low, score_high, shrunk
FROM evaluation_units FINAL
WHERE evaluation = {id:String}
  AND sha256 = (SELECT argMax(sha256, version) FROM evaluations WHERE id = {id:String})
ORDER BY position;
