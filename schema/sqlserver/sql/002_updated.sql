-- When an instance was changed last.
ALTER TABLE instance ADD COLUMN updated_ms INTEGER;                        -- NULL: not since its creation
