-- What scoring publishes. Compacted topics carry old values late (DESIGN 8.2), so the greatest cause wins, and among equals the later copy.

CREATE TABLE IF NOT EXISTS rankings (
    block String,
    period String,
    pack String,
    engine String,
    as_of DateTime64(6, 'UTC'),
    events UInt64,
    chain String,
    simulated Bool,
    body String CODEC(ZSTD(3)),
    cause_partition UInt32,
    cause_offset UInt64,
    cause_index UInt32,
    generation UInt16,
    `offset` UInt64,
    version UInt128 DEFAULT bitShiftLeft(toUInt128(generation), 112)
        + bitShiftLeft(toUInt128(cause_offset * 1048576 + cause_index), 48) + `offset`
) ENGINE = ReplacingMergeTree(version) ORDER BY block
SETTINGS non_replicated_deduplication_window = 1000;

-- The live ranking over time, at most one row a minute for each unit: the last cause of the minute.
CREATE TABLE IF NOT EXISTS ranking_history (
    block String,
    unit String,
    minute DateTime64(0, 'UTC'),
    period String,
    rank Nullable(UInt32),
    score Nullable(Float64),
    coverage Float64,
    interval_best Nullable(UInt32),
    interval_worst Nullable(UInt32),
    simulated Bool,
    cause_offset UInt64,
    cause_index UInt32,
    generation UInt16,
    `offset` UInt64,
    version UInt128 DEFAULT bitShiftLeft(toUInt128(generation), 112)
        + bitShiftLeft(toUInt128(cause_offset * 1048576 + cause_index), 48) + `offset`
) ENGINE = ReplacingMergeTree(version) PARTITION BY toYYYYMM(minute) ORDER BY (block, unit, minute)
TTL toDateTime(minute, 'UTC') + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- When a ranking left scoring, against the instant that its newest event was received. The first copy wins: owners send theirs again.
CREATE TABLE IF NOT EXISTS ranking_times (
    block String,
    generation UInt16,
    cause_offset UInt64,
    cause_index UInt32,
    as_of DateTime64(6, 'UTC'),
    sent DateTime64(6, 'UTC'),
    sent_first UInt64 DEFAULT bitNot(toUInt64(toUnixTimestamp64Micro(sent)))
) ENGINE = ReplacingMergeTree(sent_first) ORDER BY (block, generation, cause_offset, cause_index)
TTL toDateTime(sent, 'UTC') + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- One row for each body of an evaluation. Copies must be equal; if they are not, each stands here for the audit to find.
CREATE TABLE IF NOT EXISTS evaluations (
    block String,
    id String,
    sha256 String,
    period String,
    as_of DateTime64(6, 'UTC'),
    edition UInt64,
    pack String,
    engine String,
    events UInt64,
    chain String,
    seed UInt64,
    baseline String,
    simulated Bool,
    units UInt32,
    ranked UInt32,
    body String CODEC(ZSTD(3)),
    cause_partition UInt32,
    cause_offset UInt64,
    cause_index UInt32,
    log_id UUID,
    generation UInt16,
    partition UInt32,
    `offset` UInt64,
    version UInt128 DEFAULT bitShiftLeft(toUInt128(generation), 112) + toUInt128(bitNot(`offset`)),
    INDEX by_id id TYPE bloom_filter GRANULARITY 1
) ENGINE = ReplacingMergeTree(version) ORDER BY (block, id, sha256)
SETTINGS non_replicated_deduplication_window = 1000;

-- Every record of campaign.evaluations: where each copy stands in Kafka, and which body it has.
CREATE TABLE IF NOT EXISTS evaluation_copies (
    log_id UUID,
    partition UInt32,
    `offset` UInt64,
    block String,
    id String,
    sha256 String,
    generation UInt16,
    logged DateTime64(3, 'UTC'),
    sent Nullable(DateTime64(6, 'UTC'))
) ENGINE = ReplacingMergeTree ORDER BY (log_id, partition, `offset`)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS evaluation_units (
    block String,
    evaluation String,
    sha256 String,
    unit String,
    position UInt32,
    rank Nullable(UInt32),
    tied Bool,
    score Nullable(Float64),
    coverage Float64,
    interval_best Nullable(UInt32),
    interval_worst Nullable(UInt32),
    moved Nullable(Int32),
    delta Nullable(Float64),
    simulated Bool,
    groups Array(Nullable(Float64)),
    INDEX by_evaluation evaluation TYPE bloom_filter GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (block, evaluation, sha256, unit)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS evaluation_criteria (
    block String,
    evaluation String,
    sha256 String,
    unit String,
    position UInt32,
    state String,
    actual Nullable(Float64),
    score Nullable(Float64),
    period String,
    origin String,
    source String,
    id String,
    INDEX by_evaluation evaluation TYPE bloom_filter GRANULARITY 1
) ENGINE = ReplacingMergeTree ORDER BY (block, evaluation, sha256, unit, position)
SETTINGS non_replicated_deduplication_window = 1000;

-- Each change of each flag, however often its owner sent it again; the newest state is the one of the greatest cause.
CREATE TABLE IF NOT EXISTS flag_changes (
    block String,
    id String,
    generation UInt16,
    cause_offset UInt64,
    cause_index UInt32,
    cause_partition UInt32,
    unit String,
    kind String,
    state String,
    evaluation String,
    period String,
    since String,
    as_of DateTime64(6, 'UTC'),
    rank Nullable(UInt32),
    of UInt32,
    score Nullable(Float64),
    gap Nullable(Float64),
    coverage Float64,
    hits UInt32,
    window UInt32,
    rule String,
    pack String,
    simulated Bool,
    body String CODEC(ZSTD(3)),
    `offset` UInt64
) ENGINE = ReplacingMergeTree(`offset`) ORDER BY (block, id, generation, cause_offset, cause_index)
SETTINGS non_replicated_deduplication_window = 1000;
