-- Packs and principals. A pack's parts follow from its hash, so they need no version.

CREATE TABLE IF NOT EXISTS packs (
    hash String,
    campaign String,
    title_vi String,
    title_en String,
    simulated Bool,
    published DateTime64(3, 'UTC'),
    body String CODEC(ZSTD(3)),
    generation UInt16,
    `offset` UInt64,
    version UInt64 DEFAULT bitShiftLeft(toUInt64(generation), 48) + `offset`
) ENGINE = ReplacingMergeTree(version) ORDER BY hash
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS pack_units (
    pack String,
    block String,
    unit String,
    name String,
    kind String,
    valid_from Nullable(Date32),
    valid_to Nullable(Date32),
    position UInt32
) ENGINE = ReplacingMergeTree ORDER BY (pack, block, unit, position)
SETTINGS non_replicated_deduplication_window = 1000;

-- Names for the arrays of a result, which are in pack order: kind is 'criterion' or 'group'; `position` counts from 1, as arrays do.
CREATE TABLE IF NOT EXISTS pack_columns (
    pack String,
    block String,
    kind String,
    position UInt32,
    id String,
    title_vi String,
    title_en String,
    indicator String,
    weight Float64
) ENGINE = ReplacingMergeTree ORDER BY (pack, block, kind, position)
SETTINGS non_replicated_deduplication_window = 1000;

-- Who may push what. The hash of the key stays in Kafka: nobody needs it here.
CREATE TABLE IF NOT EXISTS principals (
    id String,
    name String,
    campaign String,
    role String,
    origin String,
    source_prefix String,
    all_units Bool,
    units Array(String),
    issued DateTime64(6, 'UTC'),
    revoked Nullable(DateTime64(6, 'UTC')),
    generation UInt16,
    `offset` UInt64,
    version UInt64 DEFAULT bitShiftLeft(toUInt64(generation), 48) + `offset`
) ENGINE = ReplacingMergeTree(version) ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000;
