-- Where a unit stands on the planned paths of its criteria, in the newest edition of a period. The evaluation's body has it, so it is read there:
-- of one evaluation only, as bodies are large. No row where the pack plans no path.
CREATE OR REPLACE VIEW grafana_paths AS
SELECT p.2 AS criterion, toNullable(p.3) AS planned, p.4 AS light, p.5 AS against_path, p.6 AS against_final
FROM (
    SELECT JSONExtract(body, 'paths', 'Array(Tuple(String, String, Float64, Nullable(String), Nullable(Float64), Nullable(Float64)))') AS paths
    FROM evaluations FINAL
    WHERE block = {block:String} AND period = {period:String}
    ORDER BY edition DESC, as_of DESC, cause_offset DESC, version DESC
    LIMIT 1
)
ARRAY JOIN paths AS p
WHERE p.1 = {unit:String};
