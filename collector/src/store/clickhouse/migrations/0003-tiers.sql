-- Roll-ups of days and of four weeks beside quarters of an hour, and everything in them that reports ask: made anew from
-- the views and sessions that are stored.
DROP TABLE IF EXISTS view_rollups;

DROP TABLE IF EXISTS session_rollups;

CREATE TABLE rollups (
  subject LowCardinality(String), -- view or session
  level LowCardinality(String), -- what is told apart beside sites: site (nothing), device, page, page-device
  span_ms Int64,
  begins_at Int64,
  site String,
  path String,
  page_group String,
  device LowCardinality(String),
  is_bot UInt8,
  tally String CODEC(ZSTD(1)) -- JSON: what is counted, by name; lengths by log bucket
) ENGINE = ReplacingMergeTree
ORDER BY (subject, level, span_ms, begins_at, site, path, page_group, device, is_bot)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
