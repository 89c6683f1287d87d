-- Roll-ups in which what is asked together stands together, weeks among them: made anew from the views and sessions
-- that are stored.
DROP TABLE IF EXISTS rollups;

CREATE TABLE rollups (
  shelf LowCardinality(String), -- view, path, session, campaign, referrer, door
  level LowCardinality(String), -- what is told apart beside sites: site (nothing), device, page, page-device
  span_ms Int64,
  begins_at Int64,
  site String,
  path String,
  page_group String,
  device LowCardinality(String),
  is_bot UInt8,
  tally String CODEC(ZSTD(1)) -- JSON: what is counted, by name; [key, number, …] where there may be many
) ENGINE = ReplacingMergeTree
ORDER BY (shelf, level, span_ms, begins_at, site, path, page_group, device, is_bot)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

TRUNCATE TABLE IF EXISTS state;
