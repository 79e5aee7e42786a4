-- The backup of a flow. For each flow that is deleted, SQLite looks for backups that refer to it: without this index it reads all
-- backups, so that a reset takes time with the square of their number.
CREATE INDEX backup_by_flow ON backup (flow);
