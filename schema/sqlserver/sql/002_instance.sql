-- What a purchase decides about an instance besides its size, and where it is in its life.

ALTER TABLE instance ADD COLUMN collation TEXT NOT NULL DEFAULT 'Chinese_PRC_CI_AS';
ALTER TABLE instance ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'China Standard Time';
ALTER TABLE instance ADD COLUMN high_availability TEXT NOT NULL DEFAULT '' -- '': what the type has
    CHECK (high_availability IN ('', 'MIRROR', 'ALWAYSON'));
ALTER TABLE instance ADD COLUMN multi_zones INTEGER NOT NULL DEFAULT 0 CHECK (multi_zones IN (0, 1));
ALTER TABLE instance ADD COLUMN disk_encrypted INTEGER NOT NULL DEFAULT 0 CHECK (disk_encrypted IN (0, 1));
ALTER TABLE instance ADD COLUMN throughput INTEGER NOT NULL DEFAULT 0;     -- MB/s beyond what the disk has

-- When its nodes may be switched.
ALTER TABLE instance ADD COLUMN maintenance_days INTEGER NOT NULL DEFAULT 127 -- bit 0 Monday ... bit 6 Sunday
    CHECK (maintenance_days BETWEEN 1 AND 127);
ALTER TABLE instance ADD COLUMN maintenance_start TEXT NOT NULL DEFAULT '00:00'; -- HH:MM, Beijing time
ALTER TABLE instance ADD COLUMN maintenance_span INTEGER NOT NULL DEFAULT 6; -- hours

-- What is paid, and the recycle bin.
ALTER TABLE instance ADD COLUMN renew_flag INTEGER NOT NULL DEFAULT 0 CHECK (renew_flag BETWEEN 0 AND 2); -- 0 normal, 1 automatic, 2 none
ALTER TABLE instance ADD COLUMN paid_until_ms INTEGER;                      -- of a prepaid one; NULL: 30 days from its creation
ALTER TABLE instance ADD COLUMN isolated_ms INTEGER;                        -- NULL: never, or of a world file

-- The replicas of an instance whose nodes are in several zones, in the order of the request.
CREATE TABLE replica (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    replica_id TEXT NOT NULL CHECK (replica_id <> ''),                      -- mssqldr-...
    ordinal INTEGER NOT NULL,
    zone TEXT NOT NULL,
    PRIMARY KEY (instance, replica_id)
) STRICT, WITHOUT ROWID;
