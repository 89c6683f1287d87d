-- Roll-ups of days that may still change: each time that one is rolled up is a partition, and does not change any more.
CREATE TABLE fresh_rollups (
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
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which of them hold, as the keeper last saw: up to when the ingest log has nothing that changes the day, in microseconds
-- of the server's clock. docs/adr/0008-roll-ups.md
CREATE TABLE fresh_days (
  stated_at Int64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  days Array(Int64),
  generations Array(String),
  seen_to Array(Int64)
) ENGINE = MergeTree
ORDER BY stated_at
TTL toDateTime(intDiv(stated_at, 1000000)) + INTERVAL 1 DAY;

-- UTC days, by their beginning, on which something is, or was, that a look at the session would not find any more.
ALTER TABLE ingest_log ADD COLUMN IF NOT EXISTS days Array(Int64) DEFAULT [];
