-- Addresses of an instance besides its own.

-- The address at which the replica can be read; the mode is '' while it cannot. Several replicas that are read one by one have the address
-- and those that follow it.
ALTER TABLE instance ADD COLUMN read_mode TEXT NOT NULL DEFAULT ''
    CHECK (read_mode = '' OR read_mode = 'BalancedReadOnly' OR read_mode = 'SingleReadOnly');
ALTER TABLE instance ADD COLUMN read_vip TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN read_vpc_id TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN read_subnet_id TEXT NOT NULL DEFAULT '';

-- The public address; '' and 0 while there is none.
ALTER TABLE instance ADD COLUMN wan_domain TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN wan_port INTEGER NOT NULL DEFAULT 0 CHECK (wan_port BETWEEN 0 AND 65535);

-- Former addresses that are kept for some hours.
CREATE TABLE old_vip (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    vip TEXT NOT NULL CHECK (vip <> ''),
    hours INTEGER NOT NULL CHECK (hours BETWEEN 1 AND 168),
    until_ms INTEGER,                                            -- NULL while the flow runs that gives the instance another one
    PRIMARY KEY (instance, vip)
) STRICT, WITHOUT ROWID;
