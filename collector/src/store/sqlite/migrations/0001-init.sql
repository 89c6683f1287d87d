-- One row per view: its newest record exactly as sent, and what receiving it added.
-- The random key sits in a narrow index of its own, so that the wide rows stay in order of arrival.
CREATE TABLE views (
  view_number INTEGER PRIMARY KEY,
  view_id TEXT NOT NULL UNIQUE,
  seq INTEGER NOT NULL,
  session_id TEXT NOT NULL,
  site TEXT NOT NULL,
  path TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  total_ms INTEGER NOT NULL,
  visible_ms INTEGER NOT NULL,
  engaged_ms INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  skew_ms INTEGER, -- receipt minus the sender's clock; NULL where the envelope could not tell
  record TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX views_by_session ON views (session_id, started_at);

-- Sessions whose views changed since the keeper last looked. A new change takes a new position, never a used one.
CREATE TABLE changed_sessions (
  position INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL UNIQUE
) STRICT;

-- What the keeper made of the views. Instants are corrected for the device's skew, lengths need no correction.
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY,
  site TEXT NOT NULL,
  user_id TEXT,
  visitor_id TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  last_activity_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  total_ms INTEGER NOT NULL,
  visible_ms INTEGER NOT NULL,
  engaged_ms INTEGER NOT NULL,
  sampling_rate REAL NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('open', 'success', 'error')),
  end_reason TEXT,
  component_name TEXT NOT NULL, -- as its start was counted, so that its end is counted there too
  alive_until INTEGER NOT NULL,
  heartbeat_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_by_start ON sessions (started_at);
CREATE INDEX open_sessions ON sessions (alive_until) WHERE status = 'open';

-- Counted in the transaction of what they count, never recomputed from rows: deleting rows does not lower them.
CREATE TABLE counters (
  name TEXT NOT NULL,
  labels TEXT NOT NULL, -- JSON, keys in order
  value REAL NOT NULL,
  PRIMARY KEY (name, labels)
) STRICT, WITHOUT ROWID;
