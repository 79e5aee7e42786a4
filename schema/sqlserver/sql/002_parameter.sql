-- The parameters of an instance that were set, and the record of their changes.

CREATE TABLE parameter (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,                                         -- a parameter without a row has its default
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE parameter_change (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,                                    -- 1, 2, ... of the instance
    name TEXT NOT NULL,
    old_value TEXT NOT NULL,
    new_value TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 4),      -- enum ParameterChangeStatus
    changed_ms INTEGER NOT NULL,
    flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,        -- while it runs
    PRIMARY KEY (instance, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX parameter_change_by_flow ON parameter_change (flow) WHERE flow IS NOT NULL;
