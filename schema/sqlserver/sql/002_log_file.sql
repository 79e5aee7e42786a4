-- From how many milliseconds on events are recorded; 0: they are not.
ALTER TABLE instance ADD COLUMN slow_ms INTEGER NOT NULL DEFAULT 0 CHECK (slow_ms >= 0);
ALTER TABLE instance ADD COLUMN blocked_ms INTEGER NOT NULL DEFAULT 0 CHECK (blocked_ms >= 0);

-- The files of the slow log, and those of extended events. Their content is made when it is downloaded.
CREATE TABLE log_file (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    kind INTEGER NOT NULL CHECK (kind IN (0, 1, 2, 3)),          -- 0 slow log, events: 1 slow, 2 blocked, 3 deadlock
    start_ms INTEGER NOT NULL,
    id INTEGER NOT NULL,                                         -- on the wire
    end_ms INTEGER NOT NULL,                                     -- its last change
    entries INTEGER NOT NULL,
    kb INTEGER NOT NULL CHECK (kb BETWEEN 1 AND 1024),
    status INTEGER NOT NULL CHECK (status IN (1, 2, 4)),         -- 1 succeeded, 2 failed, 4 being written
    PRIMARY KEY (instance, kind, start_ms, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX log_file_by_id ON log_file (id);
