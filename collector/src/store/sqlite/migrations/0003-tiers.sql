-- Roll-ups of days and of four weeks beside quarters of an hour, and everything in them that reports ask: made anew from
-- the views and sessions that are stored.
DROP TABLE view_rollups;
DROP TABLE session_rollups;

CREATE TABLE rollups (
  subject TEXT NOT NULL, -- view or session
  level TEXT NOT NULL, -- what is told apart beside sites: site (nothing), device, page, page-device
  span_ms INTEGER NOT NULL,
  begins_at INTEGER NOT NULL,
  site TEXT NOT NULL,
  path TEXT NOT NULL,
  page_group TEXT NOT NULL,
  device TEXT NOT NULL,
  is_bot INTEGER NOT NULL,
  tally TEXT NOT NULL, -- JSON: what is counted, by name; lengths by log bucket
  PRIMARY KEY (subject, level, span_ms, begins_at, site, path, page_group, device, is_bot)
) STRICT, WITHOUT ROWID;

DELETE FROM state WHERE name = 'rolled_up_to';

-- What reports ask of views that are not rolled up yet, without their records. In order of time, so that adding is cheap.
DROP INDEX views_by_beginning;
CREATE INDEX views_by_beginning ON views (
  began_at, path, session_id, site, page_group, device, is_bot, weight, visible_ms, engaged_ms, visible_bucket,
  engaged_bucket, threshold, view_id, via, received_at, total_ms, started_at, campaign, referrer);
CREATE INDEX views_with_timers ON views (began_at) WHERE timers <> '';
