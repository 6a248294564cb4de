-- The same user as users.d/grafana.xml, for a server whose users are kept in SQL. Run as an administrator, with a password of your own:
--   clickhouse-client --param_password="$GRAFANA_CLICKHOUSE_PASSWORD" --multiquery < deploy/clickhouse/grafana_user.sql
CREATE SETTINGS PROFILE IF NOT EXISTS grafana SETTINGS
    readonly = 2 CONST,
    max_execution_time = 30 MIN 1 MAX 60,
    max_memory_usage = 2000000000 MAX 2000000000,
    max_result_rows = 200000 MAX 200000;
CREATE USER IF NOT EXISTS grafana IDENTIFIED WITH sha256_password BY {password:String} SETTINGS PROFILE 'grafana';
GRANT SELECT ON thidua.* TO grafana;
