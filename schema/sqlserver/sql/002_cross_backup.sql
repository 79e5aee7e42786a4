-- The regions that automatic backups of an instance are copied to, and when. A copy is no row: it follows from its backup and this one.
CREATE TABLE cross_copy (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    region TEXT NOT NULL,
    from_ms INTEGER NOT NULL,                                    -- backups that start from then on are copied
    until_ms INTEGER,                                            -- and before this; NULL: they still are
    save_days INTEGER NOT NULL CHECK (save_days BETWEEN 7 AND 1830),
    PRIMARY KEY (instance, region, from_ms)
) STRICT, WITHOUT ROWID;
