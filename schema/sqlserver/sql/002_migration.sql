-- Imports of backups from servers outside (cold migrations), and migrations from a running server. No password of a source is kept.

-- A full import, or one of its incremental ones. The databases that an import waits to complete have the status "creating".
CREATE TABLE backup_migration (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,   -- the target
    full_id TEXT NOT NULL CHECK (full_id <> ''),                 -- mssql-backup-migration-...
    incremental_id TEXT NOT NULL,                                -- mssql-incremental-migration-..., or '' for the full import itself
    name TEXT NOT NULL,                                          -- '' for an incremental one
    recovery_type TEXT NOT NULL CHECK (recovery_type IN ('FULL', 'FULL_LOG', 'FULL_DIFF')),
    upload_type TEXT NOT NULL CHECK (upload_type IN ('COS_URL', 'COS_UPLOAD')),
    file TEXT NOT NULL,                                          -- its URL, or its name; '' as long as none is named
    is_recovery TEXT NOT NULL CHECK (is_recovery IN ('', 'YES', 'NO')), -- '' for a full import
    status INTEGER NOT NULL CHECK (status IN (2, 7, 8, 9, 10, 12)), -- enum BackupMigrationStatus
    created_ms INTEGER NOT NULL,
    flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,        -- the last one that ran it
    start_ms INTEGER,                                            -- when it started last; NULL: never
    end_ms INTEGER,                                              -- NULL: it has not ended
    PRIMARY KEY (instance, full_id, incremental_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX backup_migration_by_flow ON backup_migration (flow) WHERE flow IS NOT NULL;

-- The databases that a full import restores, and their names on the target. None: the one that the file's name tells.
CREATE TABLE backup_migration_rename (
    instance INTEGER NOT NULL,
    full_id TEXT NOT NULL,
    incremental_id TEXT NOT NULL DEFAULT '' CHECK (incremental_id = ''),
    ordinal INTEGER NOT NULL,
    old_name TEXT NOT NULL CHECK (old_name <> ''),
    new_name TEXT NOT NULL CHECK (new_name <> ''),
    PRIMARY KEY (instance, full_id, incremental_id, ordinal),
    FOREIGN KEY (instance, full_id, incremental_id) REFERENCES backup_migration (instance, full_id, incremental_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- A migration from a running server, or from files.
CREATE TABLE migration (
    id INTEGER PRIMARY KEY,                                      -- the MigrateId
    account TEXT NOT NULL REFERENCES account (uin),              -- as its target's, for pages of a list
    region TEXT NOT NULL,
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,   -- the target
    name TEXT NOT NULL,
    type INTEGER NOT NULL CHECK (type BETWEEN 1 AND 3),          -- 1 structures, 2 data, 3 data and what changes later
    source_type INTEGER NOT NULL CHECK (source_type IN (1, 2, 4, 5)), -- 1 an instance, 2 a server on a CVM, 4 and 5 files
    source_instance TEXT NOT NULL DEFAULT '',
    source_cvm TEXT NOT NULL DEFAULT '',
    source_vpc TEXT NOT NULL DEFAULT '',
    source_subnet TEXT NOT NULL DEFAULT '',
    source_user TEXT NOT NULL DEFAULT '',
    source_ip TEXT NOT NULL DEFAULT '',
    source_port INTEGER NOT NULL DEFAULT 0,
    target_user TEXT NOT NULL DEFAULT '',
    status INTEGER NOT NULL DEFAULT 1 CHECK (status IN (1, 4, 5, 6, 7, 8, 9, 10, 11, 12)), -- enum MigrationStatus
    checked INTEGER NOT NULL DEFAULT 0 CHECK (checked BETWEEN 0 AND 3), -- 0 no, 1 well, 2 in vain, 3 being checked
    created_ms INTEGER NOT NULL,
    start_ms INTEGER,                                            -- NULL: it never ran
    end_ms INTEGER,
    flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,        -- the last one that copied
    check_flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,  -- the last one that checked
    end_flow INTEGER REFERENCES flow (id) ON DELETE SET NULL     -- the last one that stopped or completed it
) STRICT;
CREATE INDEX migration_by_creation ON migration (account, region, created_ms DESC, id);
CREATE INDEX migration_by_instance ON migration (instance);
CREATE INDEX migration_by_flow ON migration (flow) WHERE flow IS NOT NULL;
CREATE INDEX migration_by_check_flow ON migration (check_flow) WHERE check_flow IS NOT NULL;
CREATE INDEX migration_by_end_flow ON migration (end_flow) WHERE end_flow IS NOT NULL;

-- The lists of a migration: URLs of files, the databases to copy, new names for them, and the ones that it made on the target.
CREATE TABLE migration_item (
    migration INTEGER NOT NULL REFERENCES migration (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('url', 'database', 'rename', 'made')),
    ordinal INTEGER NOT NULL,
    text TEXT NOT NULL,                                          -- the URL or the name; '' of a rename: the one of the file
    new_name TEXT NOT NULL DEFAULT '',                           -- of a rename
    PRIMARY KEY (migration, kind, ordinal)
) STRICT, WITHOUT ROWID;
