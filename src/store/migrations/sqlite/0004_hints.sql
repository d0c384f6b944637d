-- When the wallet last proved that something happened to an attempt without proving what: its looks begin anew from then.

ALTER TABLE attempts ADD COLUMN hinted_at INTEGER;
