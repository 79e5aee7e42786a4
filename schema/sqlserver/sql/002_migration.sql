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
