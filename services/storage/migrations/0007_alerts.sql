-- What alerting did. No person and no address stands in an alert, so none stands here.

-- Each step of each alert: one message to one role by one channel about the flags of one occasion.
CREATE TABLE IF NOT EXISTS alert_steps (
    block String,
    id String,
    generation UInt16,
    number UInt32,
    evaluation String,
    occasion String,
    role String,
    channel String,
    part UInt32,
    step String,
    attempts UInt32,
    at DateTime64(6, 'UTC'),
    flags Array(String),
    units Array(String),
    kinds Array(String),
    states Array(String),
    reason String,
    retry_at Nullable(DateTime64(6, 'UTC')),
    simulated Bool,
    body String CODEC(ZSTD(3)),
    `offset` UInt64
) ENGINE = ReplacingMergeTree(`offset`) ORDER BY (block, id, generation, number)
SETTINGS non_replicated_deduplication_window = 1000;

-- Newest step of each alert of a block or a campaign, newest first.
CREATE OR REPLACE VIEW read_alerts AS
SELECT block, id, evaluation, occasion, role, channel, part, step, number, attempts, at, flags, units, kinds, states, reason, retry_at, simulated
FROM (
    SELECT * FROM alert_steps FINAL
    WHERE block = {scope:String} OR startsWith(block, concat({scope:String}, '/')) OR {scope:String} = ''
    ORDER BY generation DESC, number DESC
    LIMIT 1 BY block, id
) ORDER BY at DESC, id;

-- All steps of one alert, oldest first.
CREATE OR REPLACE VIEW read_alert_steps AS
SELECT block, id, evaluation, occasion, role, channel, part, step, number, attempts, at, flags, units, kinds, states, reason, retry_at, simulated
FROM alert_steps FINAL
WHERE id = {id:String}
ORDER BY generation, number;
