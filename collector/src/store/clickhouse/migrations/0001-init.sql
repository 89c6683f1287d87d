-- One row per view in the end: merges keep the highest seq, FINAL reads only that. The key, and the value that the
-- partition is made of, are exactly as sent, so that every record of a view meets the others. Add a shard by session_id.
CREATE TABLE views (
  view_id String,
  seq UInt64,
  session_id String,
  site LowCardinality(String),
  path String,
  started_at Int64,
  began_at Int64, -- started_at, corrected for a wrong clock
  weight Float64, -- 1 / sampling rate
  total_ms Int64,
  visible_ms Int64,
  engaged_ms Int64,
  visible_bucket Int32, -- see log-buckets.ts
  engaged_bucket Int32,
  page_group String,
  referrer String,
  campaign String,
  user_id String,
  visitor_id String,
  threshold Float64,
  timers String, -- JSON
  received_at Int64,
  skew_ms Nullable(Int64),
  via LowCardinality(String),
  device LowCardinality(String),
  is_bot UInt8,
  record String CODEC(ZSTD(3)), -- JSON
  INDEX by_view view_id TYPE bloom_filter GRANULARITY 1,
  INDEX by_beginning began_at TYPE minmax GRANULARITY 1,
  INDEX by_user user_id TYPE bloom_filter GRANULARITY 4,
  INDEX by_visitor visitor_id TYPE bloom_filter GRANULARITY 4
) ENGINE = ReplacingMergeTree(seq)
PARTITION BY toYYYYMM(fromUnixTimestamp64Milli(started_at))
ORDER BY (session_id, view_id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Which sessions got records, and when: what the keeper follows. In microseconds of the server's clock.
CREATE TABLE ingest_log (
  logged_at Int64 DEFAULT toUnixTimestamp64Micro(now64(6)),
  session_id String
) ENGINE = MergeTree
ORDER BY logged_at
TTL toDateTime(intDiv(logged_at, 1000000)) + INTERVAL 7 DAY
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- What the keeper made: sessions, counters and its position, in one table so that one insert saves them all or none.
CREATE TABLE kept (
  kind LowCardinality(String), -- session, counter or position
  id String, -- of a session; of a counter its name and labels
  version UInt64, -- the highest holds
  session_id String DEFAULT '',
  seq_sum String DEFAULT '', -- of the views that it was made of: it grows with each record that is stored
  site LowCardinality(String) DEFAULT '',
  user_id Nullable(String),
  visitor_id Nullable(String),
  person String DEFAULT '', -- user id, else visitor id
  started_at Int64 DEFAULT 0,
  ended_at Int64 DEFAULT 0,
  last_activity_at Int64 DEFAULT 0,
  duration_ms Int64 DEFAULT 0,
  total_ms Int64 DEFAULT 0,
  visible_ms Int64 DEFAULT 0,
  engaged_ms Int64 DEFAULT 0,
  duration_bucket Int32 DEFAULT 0,
  visible_bucket Int32 DEFAULT 0,
  engaged_bucket Int32 DEFAULT 0,
  sampling_rate Float64 DEFAULT 1,
  weight Float64 DEFAULT 1,
  status LowCardinality(String) DEFAULT '',
  end_reason Nullable(String),
  component_name String DEFAULT '',
  alive_until Int64 DEFAULT 0,
  heartbeat_ms Int64 DEFAULT 0,
  view_count Int64 DEFAULT 0,
  entry_path String DEFAULT '',
  exit_path String DEFAULT '',
  page_group String DEFAULT '',
  referrer String DEFAULT '',
  campaign String DEFAULT '',
  device LowCardinality(String) DEFAULT '',
  is_bot UInt8 DEFAULT 0,
  skew_ms Int64 DEFAULT 0,
  breaks String DEFAULT '',
  tenths String DEFAULT '',
  name String DEFAULT '', -- of a counter
  labels String DEFAULT '',
  value Float64 DEFAULT 0
) ENGINE = ReplacingMergeTree(version)
ORDER BY (kind, id)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE VIEW sessions AS
SELECT session_id, site, user_id, visitor_id, person, started_at, ended_at, last_activity_at, duration_ms, total_ms,
       visible_ms, engaged_ms, duration_bucket, visible_bucket, engaged_bucket, sampling_rate, weight, status,
       end_reason, component_name, alive_until, heartbeat_ms, view_count, entry_path, exit_path, page_group, referrer,
       campaign, device, is_bot, skew_ms, breaks, tenths
FROM kept FINAL
WHERE kind = 'session';

-- Well-formed records that cannot be true, and why.
CREATE TABLE set_aside (
  received_at Int64,
  site String,
  reason String,
  record String
) ENGINE = MergeTree
ORDER BY received_at;

-- What became of everything that was received, in UTC quarters of an hour.
CREATE TABLE intake (
  quarter_at Int64,
  site String,
  name LowCardinality(String),
  amount Int64
) ENGINE = SummingMergeTree(amount)
ORDER BY (quarter_at, site, name);

-- What is left of views and sessions after retention.
CREATE TABLE view_rollups (
  quarter_at Int64,
  site String,
  path String,
  page_group String,
  device LowCardinality(String),
  is_bot UInt8,
  views Int64,
  weight Float64,
  visible_ms Float64, -- weighted sums
  engaged_ms Float64,
  visible String, -- JSON: weight by log bucket
  engaged String
) ENGINE = ReplacingMergeTree
ORDER BY (quarter_at, site, path, page_group, device, is_bot)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE session_rollups (
  quarter_at Int64,
  site String,
  device LowCardinality(String),
  is_bot UInt8,
  sessions Int64,
  weight Float64,
  duration_ms Float64, -- weighted sums
  visible_ms Float64,
  engaged_ms Float64,
  view_count Float64,
  duration String, -- JSON: weight by log bucket
  visible String,
  engaged String
) ENGINE = ReplacingMergeTree
ORDER BY (quarter_at, site, device, is_bot)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- Who was deleted, as hashes, for as long as late records may come.
CREATE TABLE tombstones (
  hash String,
  deleted_at Int64
) ENGINE = ReplacingMergeTree(deleted_at)
ORDER BY hash
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

CREATE TABLE state (
  name String,
  value Int64 -- the highest holds
) ENGINE = ReplacingMergeTree(value)
ORDER BY name
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
