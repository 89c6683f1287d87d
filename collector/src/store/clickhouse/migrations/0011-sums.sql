-- Of pages, over stretches of which a tally has hundreds of numbers, ClickHouse adds up by itself what it has in columns. It
-- fills them from the tally, whoever writes that; where there are none yet it does so when they are read.
ALTER TABLE tier_rollups
  ADD COLUMN IF NOT EXISTS
    numbers Tuple(views Float64, weight Float64, visibleMs Float64, engagedMs Float64, sessions Float64) MATERIALIZED JSONExtract(
      if(shelf = 'view' AND span_ms >= 86400000, tally, '{}'),
      'Tuple(views Float64, weight Float64, visibleMs Float64, engagedMs Float64, sessions Float64)'
    ),
  ADD COLUMN IF NOT EXISTS visible Map(UInt16, Float64) MATERIALIZED mapFromArrays(
    CAST(arrayFilter((_, at) -> at % 2 = 1, JSONExtract(
      if(shelf = 'view' AND span_ms >= 86400000, tally, '{}'), 'visible', 'Array(Float64)'
    ) AS visible_pairs, arrayEnumerate(visible_pairs)), 'Array(UInt16)'),
    arrayFilter((_, at) -> at % 2 = 0, visible_pairs, arrayEnumerate(visible_pairs))
  ),
  ADD COLUMN IF NOT EXISTS engaged Map(UInt16, Float64) MATERIALIZED mapFromArrays(
    CAST(arrayFilter((_, at) -> at % 2 = 1, JSONExtract(
      if(shelf = 'view' AND span_ms >= 86400000, tally, '{}'), 'engaged', 'Array(Float64)'
    ) AS engaged_pairs, arrayEnumerate(engaged_pairs)), 'Array(UInt16)'),
    arrayFilter((_, at) -> at % 2 = 0, engaged_pairs, arrayEnumerate(engaged_pairs))
  ),
  ADD COLUMN IF NOT EXISTS next Map(LowCardinality(String), Float64) MATERIALIZED mapFromArrays(
    CAST(arrayFilter((_, at) -> at % 2 = 1, JSONExtract(
      if(shelf = 'view' AND span_ms >= 86400000, tally, '{}'), 'next', 'Array(String)'
    ) AS next_pairs, arrayEnumerate(next_pairs)), 'Array(LowCardinality(String))'),
    CAST(arrayFilter((_, at) -> at % 2 = 0, next_pairs, arrayEnumerate(next_pairs)), 'Array(Float64)')
  );

ALTER TABLE fine_fresh_rollups
  ADD COLUMN IF NOT EXISTS
    numbers Tuple(views Float64, weight Float64, visibleMs Float64, engagedMs Float64, sessions Float64) MATERIALIZED JSONExtract(
      if(shelf = 'view', tally, '{}'),
      'Tuple(views Float64, weight Float64, visibleMs Float64, engagedMs Float64, sessions Float64)'
    ),
  ADD COLUMN IF NOT EXISTS visible Map(UInt16, Float64) MATERIALIZED mapFromArrays(
    CAST(arrayFilter((_, at) -> at % 2 = 1, JSONExtract(
      if(shelf = 'view', tally, '{}'), 'visible', 'Array(Float64)'
    ) AS visible_pairs, arrayEnumerate(visible_pairs)), 'Array(UInt16)'),
    arrayFilter((_, at) -> at % 2 = 0, visible_pairs, arrayEnumerate(visible_pairs))
  ),
  ADD COLUMN IF NOT EXISTS engaged Map(UInt16, Float64) MATERIALIZED mapFromArrays(
    CAST(arrayFilter((_, at) -> at % 2 = 1, JSONExtract(
      if(shelf = 'view', tally, '{}'), 'engaged', 'Array(Float64)'
    ) AS engaged_pairs, arrayEnumerate(engaged_pairs)), 'Array(UInt16)'),
    arrayFilter((_, at) -> at % 2 = 0, engaged_pairs, arrayEnumerate(engaged_pairs))
  ),
  ADD COLUMN IF NOT EXISTS next Map(LowCardinality(String), Float64) MATERIALIZED mapFromArrays(
    CAST(arrayFilter((_, at) -> at % 2 = 1, JSONExtract(
      if(shelf = 'view', tally, '{}'), 'next', 'Array(String)'
    ) AS next_pairs, arrayEnumerate(next_pairs)), 'Array(LowCardinality(String))'),
    CAST(arrayFilter((_, at) -> at % 2 = 0, next_pairs, arrayEnumerate(next_pairs)), 'Array(Float64)')
  );

ALTER TABLE tier_rollups
  MATERIALIZE COLUMN numbers, MATERIALIZE COLUMN visible, MATERIALIZE COLUMN engaged, MATERIALIZE COLUMN next
SETTINGS mutations_sync = 1;
