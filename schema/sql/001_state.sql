-- The state of a world: who owns what, and what runs.
--
-- Rows are narrow on purpose: CreateBackup writes one flow, one backup and one flow_database a database, and its speed is
-- the speed of those b-tree writes. Times are milliseconds since 1970 UTC by the service's clock.

CREATE TABLE account (
    uin TEXT NOT NULL PRIMARY KEY CHECK (uin <> '')
) STRICT, WITHOUT ROWID;

-- An id names an instance only together with its account and region, so that no account sees another's.
CREATE TABLE instance (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (uin),
    region TEXT NOT NULL,
    instance_id TEXT NOT NULL CHECK (instance_id <> ''),
    name TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 17),
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    backup_model TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (account, region, instance_id)
) STRICT;

CREATE TABLE database (
    instance INTEGER NOT NULL REFERENCES instance (id),
    name TEXT NOT NULL CHECK (name <> ''),
    status INTEGER NOT NULL CHECK (status BETWEEN -1 AND 3),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;

-- A flow's id is the FlowId that clients see. Its account and region are its instance's.
CREATE TABLE flow (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL REFERENCES instance (id),
    -- The families that answer with a FlowId (238/19967); a CHECK cannot be widened without copying the table.
    kind TEXT NOT NULL CHECK (kind IN ('backup', 'restore', 'rollback', 'clone', 'database', 'account', 'restart',
                                       'network', 'order')),
    start_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL CHECK (due_ms >= start_ms),
    outcome TEXT CHECK (outcome IN ('success', 'failure')) -- NULL while it is not settled
) STRICT;

-- What runs on an instance is asked at every CreateBackup; settled flows, which are nearly all, stay out of the index.
CREATE INDEX flow_open ON flow (instance) WHERE outcome IS NULL;

-- The databases a flow works on, and holds against other flows while it runs.
CREATE TABLE flow_database (
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT NOT NULL,
    PRIMARY KEY (flow, name)
) STRICT, WITHOUT ROWID;

-- One backup task; its flow is its key.
CREATE TABLE backup (
    flow INTEGER PRIMARY KEY REFERENCES flow (id),
    instance INTEGER NOT NULL REFERENCES instance (id),
    name TEXT NOT NULL,
    strategy INTEGER NOT NULL CHECK (strategy IN (0, 1)),         -- 0 whole instance, 1 chosen databases
    storage_strategy INTEGER NOT NULL CHECK (storage_strategy IN (0, 1)), -- 0 retention policy, 1 with the instance
    way INTEGER NOT NULL CHECK (way BETWEEN 0 AND 2),             -- 0 scheduled, 1 manual, 2 archive
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),       -- 0 being made, 1 succeeded, 2 failed
    start_ms INTEGER NOT NULL,
    end_ms INTEGER                                                -- NULL while it is being made
) STRICT;
