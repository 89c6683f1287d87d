-- As with the others: roll-ups of days that may still change, in smaller pieces. Under names of their own, with what is said
-- of them: a keeper of the version before goes on with its own, and is believed by nobody else.
CREATE TABLE fine_fresh_rollups (
  generation String,
  made_at Int64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  shelf LowCardinality(String),
  level LowCardinality(String),
  begins_at Int64,
  site String,
  path String,
  page_group String,
  device LowCardinality(String),
  is_bot UInt8,
  tally String CODEC(ZSTD(1))
) ENGINE = MergeTree
PARTITION BY generation
ORDER BY (shelf, level, begins_at, site, path, page_group, device, is_bot)
SETTINGS index_granularity = 64, min_compress_block_size = 16384, fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE fine_fresh_days (
  stated_at Int64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  days Array(Int64),
  generations Array(String),
  seen_to Array(Int64)
) ENGINE = MergeTree
ORDER BY stated_at
TTL toDateTime(intDiv(stated_at, 1000000)) + INTERVAL 1 DAY;

TRUNCATE TABLE IF EXISTS fresh_days;

TRUNCATE TABLE IF EXISTS fresh_rollups;
