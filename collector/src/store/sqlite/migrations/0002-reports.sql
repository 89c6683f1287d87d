-- What reports filter and group by, in columns of its own; what receiving a record told of its sender.
ALTER TABLE views ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0; -- started_at, corrected for a wrong clock
ALTER TABLE views ADD COLUMN weight REAL NOT NULL DEFAULT 1; -- 1 / sampling rate
ALTER TABLE views ADD COLUMN visible_bucket INTEGER NOT NULL DEFAULT 0; -- see log-buckets.ts
ALTER TABLE views ADD COLUMN engaged_bucket INTEGER NOT NULL DEFAULT 0;
ALTER TABLE views ADD COLUMN page_group TEXT NOT NULL DEFAULT '';
ALTER TABLE views ADD COLUMN referrer TEXT NOT NULL DEFAULT '';
ALTER TABLE views ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE views ADD COLUMN device TEXT NOT NULL DEFAULT 'other';
ALTER TABLE views ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE views ADD COLUMN via TEXT NOT NULL DEFAULT ''; -- how the newest record came
ALTER TABLE views ADD COLUMN threshold REAL NOT NULL DEFAULT 0; -- the highest reached, in seconds
ALTER TABLE views ADD COLUMN timers TEXT NOT NULL DEFAULT ''; -- JSON

UPDATE views SET
  began_at = started_at + CASE WHEN abs(coalesce(skew_ms, 0)) > 60000 THEN skew_ms ELSE 0 END,
  weight = 1 / json_extract(record, '$.samplingRate'),
  visible_bucket = CASE WHEN visible_ms > 0 THEN 1 + floor(ln(visible_ms) / ln(1.02)) ELSE 0 END,
  engaged_bucket = CASE WHEN engaged_ms > 0 THEN 1 + floor(ln(engaged_ms) / ln(1.02)) ELSE 0 END,
  page_group = coalesce(json_extract(record, '$.pageGroup'), ''),
  referrer = coalesce(json_extract(record, '$.referrerHost'), ''),
  campaign = coalesce(json_extract(record, '$.utm.campaign'), ''),
  threshold = coalesce((SELECT max(value) FROM json_each(record, '$.thresholds')), 0),
  timers = coalesce(json_extract(record, '$.timers'), '');

CREATE INDEX views_by_beginning ON views (began_at);

ALTER TABLE sessions ADD COLUMN person TEXT NOT NULL DEFAULT ''; -- user id, else visitor id
ALTER TABLE sessions ADD COLUMN weight REAL NOT NULL DEFAULT 1;
ALTER TABLE sessions ADD COLUMN duration_bucket INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN visible_bucket INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN engaged_bucket INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN view_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN entry_path TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN exit_path TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN page_group TEXT NOT NULL DEFAULT ''; -- of its first view, as the next four
ALTER TABLE sessions ADD COLUMN referrer TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT 'other';
ALTER TABLE sessions ADD COLUMN is_bot INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN skew_ms INTEGER NOT NULL DEFAULT 0; -- by which its instants were corrected
ALTER TABLE sessions ADD COLUMN breaks TEXT NOT NULL DEFAULT '[]'; -- JSON: [[kind, fromMs, lengthMs], …]
ALTER TABLE sessions ADD COLUMN tenths TEXT NOT NULL DEFAULT '[]'; -- JSON: engaged ms in each tenth of its duration

CREATE INDEX sessions_by_person ON sessions (person, started_at);

-- Every user and visitor id that a session told, so that what is known of somebody can be found and deleted.
CREATE TABLE people (
  id TEXT NOT NULL,
  session_id TEXT NOT NULL,
  PRIMARY KEY (id, session_id)
) STRICT, WITHOUT ROWID;

-- Earlier sessions get their new columns from the keeper, which measures them anew; what it counted stays counted.
ALTER TABLE changed_sessions ADD COLUMN is_remeasure INTEGER NOT NULL DEFAULT 0;
INSERT OR IGNORE INTO changed_sessions (session_id, is_remeasure) SELECT session_id, 1 FROM sessions;

-- Well-formed records that cannot be true, and why. They are in no report, and go after some days.
CREATE TABLE set_aside (
  received_at INTEGER NOT NULL,
  site TEXT NOT NULL,
  reason TEXT NOT NULL,
  record TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX set_aside_by_receipt ON set_aside (received_at);

-- What became of everything that was received, for the report on data quality: in UTC quarters of an hour.
CREATE TABLE intake (
  quarter_at INTEGER NOT NULL,
  site TEXT NOT NULL,
  name TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (quarter_at, site, name)
) STRICT, WITHOUT ROWID;

-- What is left of views and sessions after retention: counts and histograms by UTC quarter of an hour.
CREATE TABLE view_rollups (
  quarter_at INTEGER NOT NULL,
  site TEXT NOT NULL,
  path TEXT NOT NULL,
  page_group TEXT NOT NULL,
  device TEXT NOT NULL,
  is_bot INTEGER NOT NULL,
  views INTEGER NOT NULL,
  weight REAL NOT NULL,
  visible_ms REAL NOT NULL, -- weighted sums
  engaged_ms REAL NOT NULL,
  visible TEXT NOT NULL, -- JSON: weight by log bucket
  engaged TEXT NOT NULL,
  PRIMARY KEY (quarter_at, site, path, page_group, device, is_bot)
) STRICT, WITHOUT ROWID;

CREATE TABLE session_rollups (
  quarter_at INTEGER NOT NULL,
  site TEXT NOT NULL,
  device TEXT NOT NULL,
  is_bot INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  weight REAL NOT NULL,
  duration_ms REAL NOT NULL, -- weighted sums
  visible_ms REAL NOT NULL,
  engaged_ms REAL NOT NULL,
  view_count REAL NOT NULL,
  duration TEXT NOT NULL, -- JSON: weight by log bucket
  visible TEXT NOT NULL,
  engaged TEXT NOT NULL,
  PRIMARY KEY (quarter_at, site, device, is_bot)
) STRICT, WITHOUT ROWID;

-- Who was deleted, as hashes, for as long as late records may come.
CREATE TABLE tombstones (
  hash TEXT PRIMARY KEY,
  deleted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
