-- The restores and rollbacks of an instance, which may work on another one: that is the flow's. The record can be deleted, the flow stays.
CREATE TABLE restore_task (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,   -- the source
    start_ms INTEGER NOT NULL,                                              -- as the flow's
    flow INTEGER NOT NULL REFERENCES flow (id) ON DELETE CASCADE,           -- also its RestoreId
    data_ms INTEGER NOT NULL,                                               -- the time of the data
    PRIMARY KEY (instance, start_ms, flow)
) STRICT, WITHOUT ROWID;
CREATE INDEX restore_task_by_flow ON restore_task (flow);
