-- What the counters have of a session that goes on.
ALTER TABLE kept ADD COLUMN IF NOT EXISTS counted_ms Float64 DEFAULT 0;
ALTER TABLE kept ADD COLUMN IF NOT EXISTS counted_views String DEFAULT ''; -- short ids of views, with commas

-- Of a fact, which is a row of this table, too: what happens once.
ALTER TABLE kept ADD COLUMN IF NOT EXISTS fact_kind LowCardinality(String) DEFAULT '';
ALTER TABLE kept ADD COLUMN IF NOT EXISTS at Int64 DEFAULT 0;
ALTER TABLE kept ADD COLUMN IF NOT EXISTS is_open UInt8 DEFAULT 0;
ALTER TABLE kept ADD COLUMN IF NOT EXISTS body String DEFAULT ''; -- JSON
