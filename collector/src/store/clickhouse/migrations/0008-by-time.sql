-- Sessions once more, in the order of time, for whoever asks for those of some days: by their ids they are spread over the
-- whole table. What a merge leaves out is left out here, too.
ALTER TABLE kept MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE kept ADD PROJECTION IF NOT EXISTS by_time (
  SELECT kind, started_at, id_hash, version, session_id, site, user_id, visitor_id, person, ended_at, last_activity_at,
         duration_ms, total_ms, visible_ms, engaged_ms, duration_bucket, visible_bucket, engaged_bucket, sampling_rate,
         weight, status, end_reason, view_count, entry_path, exit_path, page_group, referrer, campaign, device, is_bot,
         skew_ms, breaks, tenths
  ORDER BY kind, started_at
);

ALTER TABLE kept MATERIALIZE PROJECTION by_time SETTINGS mutations_sync = 1;
