-- Hours and six hours of days that may still change, too: made anew from their rows. Those of older days are made from
-- quarters of an hour.
DELETE FROM fresh_days;
