-- A number for the id of a row, the same in all its versions: versions of some rows are told from all others quickly.
ALTER TABLE kept ADD COLUMN IF NOT EXISTS id_hash UInt64 MATERIALIZED cityHash64(id);
ALTER TABLE kept MATERIALIZE COLUMN id_hash SETTINGS mutations_sync = 1;

-- By the key: one session is found at once.
CREATE OR REPLACE VIEW sessions AS
SELECT id AS session_id, site, user_id, visitor_id, person, started_at, ended_at, last_activity_at, duration_ms, total_ms,
       visible_ms, engaged_ms, duration_bucket, visible_bucket, engaged_bucket, sampling_rate, weight, status,
       end_reason, component_name, alive_until, heartbeat_ms, view_count, entry_path, exit_path, page_group, referrer,
       campaign, device, is_bot, skew_ms, breaks, tenths
FROM kept FINAL
WHERE kind = 'session';

-- Roll-ups are long rows of which a question wants few: so many fewer are read for one. Copied, since what they were made
-- of may be gone. Whoever else does the same at once copies the same rows, of which one counts; nothing is taken away
-- before it is here.
CREATE TABLE fine_rollups (
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
SETTINGS index_granularity = 256, fsync_after_insert = 1, fsync_part_directory = 1;

INSERT INTO fine_rollups SELECT * FROM rollups;

TRUNCATE TABLE rollups;
