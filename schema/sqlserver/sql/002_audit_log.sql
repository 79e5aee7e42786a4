-- The audit log of an instance, and what it recorded. A column of an entry that is NULL is unknown: its field is null.

ALTER TABLE instance ADD COLUMN audit_log INTEGER NOT NULL DEFAULT 0 CHECK (audit_log IN (0, 1)); -- 1: on
ALTER TABLE instance ADD COLUMN audit_since_ms INTEGER;                     -- when it was switched on last; NULL: never
ALTER TABLE instance ADD COLUMN audit_days INTEGER NOT NULL DEFAULT 0;      -- how long entries are kept; 0 while it is off
ALTER TABLE instance ADD COLUMN audit_fast_days INTEGER NOT NULL DEFAULT 0; -- how long in the storage that is read often

CREATE TABLE audit_log (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,                                    -- 1, 2, ... of the instance
    event TEXT NOT NULL,                                         -- sql_batch_completed, rpc_completed, login, ...
    app TEXT,                                                    -- the client's program and computer
    host TEXT,
    login TEXT,
    user TEXT,
    database TEXT,
    object TEXT,
    sql TEXT,
    message TEXT,
    result TEXT,
    error INTEGER,
    severity INTEGER,
    state INTEGER,
    duration INTEGER,
    cpu INTEGER,
    rows INTEGER,
    logical_reads INTEGER,
    physical_reads INTEGER,
    writes INTEGER,
    thread INTEGER,
    transaction_id INTEGER,
    PRIMARY KEY (instance, at_ms, ordinal)
) STRICT, WITHOUT ROWID;

-- What a closed log recorded is lost.
CREATE TRIGGER audit_log_closed AFTER UPDATE OF audit_log ON instance WHEN new.audit_log = 0 BEGIN
    DELETE FROM audit_log WHERE instance = new.id;
END;
