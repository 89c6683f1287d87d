-- Each length of roll-ups by itself: those of quarters of an hour are nearly all of them, and stand between the others no
-- more. Copied as in 0007.
CREATE TABLE tier_rollups (
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
PARTITION BY span_ms
ORDER BY (shelf, level, span_ms, begins_at, site, path, page_group, device, is_bot)
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO tier_rollups SELECT * FROM fine_rollups;

TRUNCATE TABLE fine_rollups;
