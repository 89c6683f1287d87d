-- Who may keep: the highest epoch, for as long as it is heard of. See docs/adr/0007-many-collectors.md.
CREATE TABLE keepers (
  epoch UInt64,
  holder String, -- a process
  beat_at Int64 DEFAULT toUnixTimestamp64Milli(now64(3)), -- by the server's clock, the only one that counts
  is_released UInt8
) ENGINE = ReplacingMergeTree(beat_at)
ORDER BY (epoch, holder);

-- What a keeper saves is written here first, whole in one row, and into kept when no later keeper is in sight.
CREATE TABLE saves (
  epoch UInt64,
  version UInt64, -- the highest of an epoch holds
  session_ids Array(String),
  body String CODEC(ZSTD(1)) -- JSON: the rows for kept
) ENGINE = ReplacingMergeTree(version)
ORDER BY epoch
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;
