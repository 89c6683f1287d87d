-- Roll-ups in which what is asked together stands together, weeks among them: made anew from the views and sessions
-- that are stored.
DROP TABLE rollups;

CREATE TABLE rollups (
  shelf TEXT NOT NULL, -- view, path; session, campaign, referrer, door
  level TEXT NOT NULL, -- what is told apart beside sites: site (nothing), device, page, page-device
  span_ms INTEGER NOT NULL,
  begins_at INTEGER NOT NULL,
  site TEXT NOT NULL,
  path TEXT NOT NULL,
  page_group TEXT NOT NULL,
  device TEXT NOT NULL,
  is_bot INTEGER NOT NULL,
  tally TEXT NOT NULL, -- JSON: what is counted, by name; [key, number, …] where there may be many
  PRIMARY KEY (shelf, level, span_ms, begins_at, site, path, page_group, device, is_bot)
) STRICT, WITHOUT ROWID;

DELETE FROM state WHERE name LIKE 'rolled_up_to%';

-- The steps of a session without its records.
DROP INDEX views_by_session;
CREATE INDEX views_by_session ON views (session_id, began_at, view_id, path);

-- Days that are rolled up though they may still change: whatever changes one deletes it here.
CREATE TABLE fresh_days (
  begins_at INTEGER PRIMARY KEY
) STRICT;

-- A campaign or referrer is some views among many.
CREATE INDEX views_by_campaign ON views (
  campaign, began_at, path, session_id, site, page_group, device, is_bot, weight, visible_ms, engaged_ms, visible_bucket,
  engaged_bucket, threshold, view_id) WHERE campaign <> '';
CREATE INDEX views_by_referrer ON views (
  referrer, began_at, path, session_id, site, page_group, device, is_bot, weight, visible_ms, engaged_ms, visible_bucket,
  engaged_bucket, threshold, view_id) WHERE referrer <> '';
CREATE INDEX sessions_by_campaign ON sessions (campaign, started_at) WHERE campaign <> '';
CREATE INDEX sessions_by_referrer ON sessions (referrer, started_at) WHERE referrer <> '';

-- Who came when, without the rest of the session.
DROP INDEX sessions_by_start;
CREATE INDEX sessions_by_start ON sessions (
  started_at, session_id, person, site, engaged_ms, weight, last_activity_at, duration_ms, sampling_rate);
DROP INDEX sessions_by_person;
CREATE INDEX sessions_by_person ON sessions (person, started_at, session_id, site, engaged_ms, weight, last_activity_at);
