-- What a stray notice proved, so that a person need not read the notice itself. Empty for strays of before, and where no money was proven.

ALTER TABLE strays ADD COLUMN trade_no TEXT;
ALTER TABLE strays ADD COLUMN account TEXT;
ALTER TABLE strays ADD COLUMN transaction_id TEXT;
ALTER TABLE strays ADD COLUMN amount INTEGER;
ALTER TABLE strays ADD COLUMN currency TEXT;
ALTER TABLE strays ADD COLUMN paid_at INTEGER;
