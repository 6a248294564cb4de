-- The log itself. Everything else in this database can be computed again from it.
-- Every table: written twice is written once (docs/decisions/0030-storage-tables.md). Versions are computed here, so writers cannot disagree.

-- Each time a topic is created anew it is another log; rows of the newest generation win over those of older ones.
CREATE TABLE IF NOT EXISTS logs (
    topic String,
    log_id UUID,
    generation UInt16,
    seen DateTime64(6, 'UTC'),
    seen_first UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Micro(seen)))
) ENGINE = ReplacingMergeTree(seen_first) ORDER BY (topic, log_id);

-- Every event of every record of campaign.events, readable or not. `index` -1: the record is no JSON array, `body` is all of it.
-- The first writing wins, so that `stored` stays what it was when storage reads the log again.
CREATE TABLE IF NOT EXISTS raw_log (
    log_id UUID,
    partition UInt32,
    `offset` UInt64,
    `index` Int32,
    block String,
    source String,
    id String,
    type String,
    subject String,
    time Nullable(DateTime64(6, 'UTC')),
    received Nullable(DateTime64(6, 'UTC')),
    logged DateTime64(3, 'UTC'),
    stored DateTime64(6, 'UTC'),
    well_formed Bool,
    body String CODEC(ZSTD(3)),
    stored_first UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Micro(stored)))
) ENGINE = ReplacingMergeTree(stored_first) ORDER BY (log_id, partition, `offset`, `index`)
SETTINGS non_replicated_deduplication_window = 1000;

-- Well-formed events, once each: the first place of (block, source, id) in the newest log, as the fold counts them.
CREATE TABLE IF NOT EXISTS events (
    block String,
    source String,
    id String,
    type String,
    subject String,
    time DateTime64(6, 'UTC'),
    received Nullable(DateTime64(6, 'UTC')),
    principal String,
    origin String,
    indicator String,
    period String,
    value Nullable(Float64),
    numerator Nullable(Float64),
    denominator Nullable(Float64),
    passed Nullable(Bool),
    revision UInt64,
    evidence Array(String),
    note String,
    simulated Bool,
    log_id UUID,
    generation UInt16,
    partition UInt32,
    `offset` UInt64,
    `index` Int32,
    version UInt128 DEFAULT bitShiftLeft(toUInt128(generation), 112)
        + toUInt128(bitNot(toUInt64(`offset` * 1048576 + `index`)))
) ENGINE = ReplacingMergeTree(version) ORDER BY (block, source, id)
SETTINGS non_replicated_deduplication_window = 1000;

-- What could not be applied, once for each place; the first letter about a place wins.
CREATE TABLE IF NOT EXISTS dead_letters (
    topic String,
    generation UInt16,
    partition UInt32,
    `offset` UInt64,
    `index` Int32,
    key String,
    reason String,
    detail String,
    hint String,
    source String,
    id String,
    at DateTime64(6, 'UTC'),
    body String CODEC(ZSTD(3)),
    letter_offset UInt64,
    version UInt64 DEFAULT bitNot(letter_offset)
) ENGINE = ReplacingMergeTree(version) ORDER BY (topic, generation, partition, `offset`, `index`)
SETTINGS non_replicated_deduplication_window = 1000;
