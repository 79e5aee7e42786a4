-- What actions switch on and off for a database.

ALTER TABLE database ADD COLUMN cdc INTEGER NOT NULL DEFAULT 0 CHECK (cdc IN (0, 1)); -- change data capture
ALTER TABLE database ADD COLUMN ct INTEGER NOT NULL DEFAULT 0 CHECK (ct IN (0, 1)); -- change tracking
ALTER TABLE database ADD COLUMN ct_days INTEGER NOT NULL DEFAULT 3 CHECK (ct_days BETWEEN 3 AND 30); -- how long it keeps changes
