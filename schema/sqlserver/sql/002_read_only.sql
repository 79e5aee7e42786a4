-- Read-only instances, which copy a primary one, and the groups that share their load.

CREATE TABLE ro_group (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,   -- the primary one
    ro_group_id TEXT NOT NULL CHECK (ro_group_id <> ''),                    -- mssqlrg-...
    name TEXT NOT NULL,
    type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 3),                     -- the ReadOnlyGroupType of the purchase
    forced_upgrade INTEGER NOT NULL DEFAULT 0 CHECK (forced_upgrade IN (0, 1)),
    status INTEGER NOT NULL CHECK (status IN (1, 5)),                       -- 1 normal, 5 being created
    is_offline_delay INTEGER NOT NULL DEFAULT 0 CHECK (is_offline_delay IN (0, 1)), -- 1: leaves out an instance that lags behind
    max_delay_time INTEGER NOT NULL DEFAULT 10,                             -- by so many seconds
    min_in_group INTEGER NOT NULL DEFAULT 1,                                -- as long as so many are left
    vip TEXT NOT NULL,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    vpc_id TEXT NOT NULL,                                                   -- '' for the classic network
    subnet_id TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (instance, ro_group_id)
) STRICT;

-- Of a read-only instance: its primary one, its group, and its part of the group's load; else NULL and 0.
ALTER TABLE instance ADD COLUMN master INTEGER REFERENCES instance (id) ON DELETE CASCADE;
ALTER TABLE instance ADD COLUMN ro_group INTEGER REFERENCES ro_group (id) ON DELETE SET NULL;
ALTER TABLE instance ADD COLUMN ro_weight INTEGER NOT NULL DEFAULT 0 CHECK (ro_weight BETWEEN 0 AND 100);

CREATE INDEX instance_by_master ON instance (master) WHERE master IS NOT NULL;
CREATE INDEX instance_by_ro_group ON instance (ro_group) WHERE ro_group IS NOT NULL;
