-- What the counters have of a session that goes on.
ALTER TABLE sessions ADD COLUMN counted_ms REAL NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN counted_views TEXT NOT NULL DEFAULT ''; -- short ids of views, with commas

-- What happens once: alerts to deliver, sessions of other components. A closed one is kept so that it stays known.
CREATE TABLE facts (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  is_open INTEGER NOT NULL DEFAULT 1,
  session_id TEXT NOT NULL, -- whom it is about; empty: nobody
  person TEXT NOT NULL,
  body TEXT NOT NULL -- JSON
) STRICT;

CREATE INDEX open_facts ON facts (kind, at) WHERE is_open = 1;
CREATE INDEX facts_by_session ON facts (session_id);
CREATE INDEX facts_by_person ON facts (person);
