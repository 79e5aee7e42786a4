-- The state of the product: what accounts own, and what runs.
--
-- In the tables that CreateBackup writes, no CHECK has an IN of more than two values: SQLite makes a temporary table of such a list for every
-- row, which costs more than the row. Rows are narrow on purpose: CreateBackup writes one flow, one backup and one flow_database a database, and its speed is
-- the speed of those b-tree writes. Times are milliseconds since 1970 UTC by the service's clock.

-- An id names an instance only together with its account and region, so that no account sees another's.
CREATE TABLE instance (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (uin),
    region TEXT NOT NULL,
    instance_id TEXT NOT NULL CHECK (instance_id <> ''),
    name TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 17 AND status <> 7), -- 7, a task running, follows from its flows
    project_id INTEGER NOT NULL,
    zone TEXT NOT NULL,
    version TEXT NOT NULL,                                       -- 2017, 2019, 2012SP3, ...
    cpu INTEGER NOT NULL CHECK (cpu BETWEEN 1 AND 128),
    memory_gb INTEGER NOT NULL CHECK (memory_gb BETWEEN 1 AND 1024),
    storage_gb INTEGER NOT NULL CHECK (storage_gb BETWEEN 1 AND 65536),
    instance_type TEXT NOT NULL,                                 -- HA, RO, SI, BI, cvmHA, cvmRO, MultiHA, cvmMultiHA
    machine_type TEXT NOT NULL,                                  -- TS85, CLOUD_HSSD, ...
    pay_mode INTEGER NOT NULL CHECK (pay_mode IN (0, 1)),        -- 0 postpaid, 1 prepaid
    vip TEXT NOT NULL,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    vpc_id TEXT NOT NULL,                                        -- vpc-..., or '' for the classic network
    subnet_id TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    -- the automatic backups
    backup_model TEXT NOT NULL CHECK (backup_model IN ('master_pkg', 'master_no_pkg', 'slave_pkg', 'slave_no_pkg')),
    backup_type TEXT NOT NULL CHECK (backup_type IN ('daily', 'weekly')),
    backup_hour INTEGER NOT NULL CHECK (backup_hour BETWEEN 0 AND 23), -- Beijing time
    backup_cycle INTEGER NOT NULL CHECK (backup_cycle BETWEEN 0 AND 127), -- bit 0 Monday ... bit 6 Sunday; for weekly
    backup_save_days INTEGER NOT NULL CHECK (backup_save_days BETWEEN 1 AND 3650),
    next_backup_ms INTEGER NOT NULL,                             -- when the next automatic backup starts
    -- the archive backups
    regular_enable INTEGER NOT NULL CHECK (regular_enable IN (0, 1)),
    regular_save_days INTEGER NOT NULL,
    regular_strategy TEXT NOT NULL CHECK (regular_strategy IN ('years', 'quarters', 'months')),
    regular_counts INTEGER NOT NULL,
    regular_start TEXT NOT NULL,                                 -- YYYY-MM-DD, or ''
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),  -- 1, a magic one: listed only when asked for by its id
    UNIQUE (account, region, instance_id)
) STRICT;

-- Who has the instance of an id, for whoever asked in the wrong region or account.
CREATE INDEX instance_by_id ON instance (instance_id, account, region);

-- Pages of an account's instances in a region, newest first.
CREATE INDEX instance_by_creation ON instance (account, region, created_ms DESC, id);

-- How many instances that are not hidden an account has in a region: every page of them tells it. A table that triggers keep is named
-- ..._count, by which the state's document leaves it out.
CREATE TABLE instance_count (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (account, region)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER instance_added AFTER INSERT ON instance WHEN new.hidden = 0 BEGIN
    INSERT INTO instance_count (account, region, n) VALUES (new.account, new.region, 1)
        ON CONFLICT (account, region) DO UPDATE SET n = n + 1;
END;

CREATE TRIGGER instance_hidden AFTER UPDATE OF hidden ON instance WHEN new.hidden > old.hidden BEGIN
    UPDATE instance_count SET n = n - 1 WHERE account = old.account AND region = old.region;
END;

CREATE TRIGGER instance_removed AFTER DELETE ON instance WHEN old.hidden = 0 BEGIN
    UPDATE instance_count SET n = n - 1 WHERE account = old.account AND region = old.region;
END;

CREATE TABLE tag (
    instance INTEGER NOT NULL REFERENCES instance (id),
    key TEXT NOT NULL CHECK (key <> ''),
    value TEXT NOT NULL,
    PRIMARY KEY (instance, key)
) STRICT, WITHOUT ROWID;

-- Which instance is to back up next, without looking at all of them.
CREATE INDEX instance_next_backup ON instance (next_backup_ms);

-- The logins of an instance, by which databases may be granted.
CREATE TABLE login (
    instance INTEGER NOT NULL REFERENCES instance (id),
    name TEXT NOT NULL CHECK (name <> ''),
    account_type TEXT NOT NULL CHECK (account_type IN ('L0', 'L1', 'L2', 'L3')),
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE database (
    instance INTEGER NOT NULL REFERENCES instance (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    status INTEGER NOT NULL CHECK (status IN (-1, 1, 2, 3)),     -- being deleted, being created, normal, being modified
    charset TEXT NOT NULL,
    remark TEXT NOT NULL,
    simple_recovery INTEGER NOT NULL CHECK (simple_recovery IN (0, 1)), -- then a backup of it fails
    encrypted INTEGER NOT NULL DEFAULT 0 CHECK (encrypted IN (0, 1)),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE grants (
    instance INTEGER NOT NULL,
    database TEXT NOT NULL,
    login TEXT NOT NULL,
    privilege TEXT NOT NULL CHECK (privilege IN ('ReadWrite', 'ReadOnly', 'DBOwner')),
    PRIMARY KEY (instance, database, login),
    FOREIGN KEY (instance, database) REFERENCES database (instance, name) ON UPDATE CASCADE ON DELETE CASCADE,
    FOREIGN KEY (instance, login) REFERENCES login (instance, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A flow's id is the FlowId that clients see. Its account and region are its instance's.
CREATE TABLE flow (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4398046511104), -- 2^42: a file's id, 1024 times as large, is JSON's integer
    instance INTEGER NOT NULL REFERENCES instance (id),
    kind TEXT NOT NULL CHECK (kind = 'backup' OR kind = 'autobackup' OR kind = 'restore' OR kind = 'rollback'
                              OR kind = 'clone' OR kind = 'createdb' OR kind = 'deletedb' OR kind = 'renamedb'),
    start_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL CHECK (due_ms >= start_ms),           -- the end of time when it is finished by hand
    fails INTEGER NOT NULL CHECK (fails IN (0, 1)),              -- how it will end
    outcome TEXT CHECK (outcome IN ('success', 'failure'))       -- NULL while it is not settled
) STRICT;

-- What runs on an instance is asked at every CreateBackup; settled flows, which are nearly all, stay out of the index.
CREATE INDEX flow_open ON flow (instance) WHERE outcome IS NULL;

-- Which flow ends next; likewise.
CREATE INDEX flow_due ON flow (due_ms, id) WHERE outcome IS NULL;

-- The databases a flow works on, and holds against other flows while it runs.
CREATE TABLE flow_database (
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal BETWEEN 0 AND 1023), -- its place in the flow; part of a backup file's id
    effect TEXT CHECK (effect IS NULL OR effect = 'make' OR effect = 'change' OR effect = 'drop' OR effect = 'rename'),
        -- what the flow does to it; NULL: it only holds it
    new_name TEXT CHECK ((effect IS 'rename') = (new_name IS NOT NULL)),
    PRIMARY KEY (flow, name)
) STRICT, WITHOUT ROWID;

-- One backup task, whose flow has the same start. Its files and their names follow from it
-- (product/sqlserver/backup_file.h). An instance's backups lie together in the order of a list of them, so that a page costs
-- the same however many there are in all.
CREATE TABLE backup (
    instance INTEGER NOT NULL REFERENCES instance (id),
    start_ms INTEGER NOT NULL,
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT NOT NULL,
    strategy INTEGER NOT NULL CHECK (strategy IN (0, 1)),        -- 0 whole instance, 1 chosen databases
    storage_strategy INTEGER NOT NULL CHECK (storage_strategy IN (0, 1)), -- 0 retention policy, 1 with the instance
    way INTEGER NOT NULL CHECK (way BETWEEN 0 AND 2),            -- 0 scheduled, 1 manual, 2 archive
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),      -- 0 being made, 1 succeeded, 2 failed
    single INTEGER NOT NULL CHECK (single IN (0, 1)),            -- 1: a file a database, 0: one archive
    end_ms INTEGER,                                              -- NULL while it is being made
    PRIMARY KEY (instance, start_ms, flow)
) STRICT, WITHOUT ROWID;

CREATE VIEW v_flows AS
SELECT flow.id AS flow_id, instance.account, instance.region, instance.instance_id, flow.kind, flow.start_ms,
       nullif(flow.due_ms, 9223372036854775807) AS due_ms,       -- NULL: it is finished by hand
       coalesce(flow.outcome, 'running') AS status,
       (SELECT json_group_array(name) FROM (SELECT name FROM flow_database AS held WHERE held.flow = flow.id ORDER BY ordinal)) AS databases
FROM flow JOIN instance ON instance.id = flow.instance;

CREATE VIEW v_backups AS
SELECT backup.flow AS flow_id, instance.account, instance.region, instance.instance_id, backup.name,
       CASE backup.strategy WHEN 0 THEN 'instance' ELSE 'databases' END AS scope,
       CASE backup.way WHEN 0 THEN 'scheduled' WHEN 1 THEN 'manual' ELSE 'archive' END AS way,
       CASE backup.status WHEN 0 THEN 'running' WHEN 1 THEN 'success' ELSE 'failure' END AS status,
       CASE backup.single WHEN 1 THEN 'files' ELSE 'archive' END AS form,
       backup.start_ms, backup.end_ms
FROM backup JOIN instance ON instance.id = backup.instance;
