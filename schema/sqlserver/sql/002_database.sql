-- What actions switch on and off for a database.

ALTER TABLE database ADD COLUMN cdc INTEGER NOT NULL DEFAULT 0 CHECK (cdc IN (0, 1)); -- change data capture
