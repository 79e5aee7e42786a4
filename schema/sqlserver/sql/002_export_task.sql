-- Exports of logs. Status and times of one are its flow's; its text is what the log had when it began.
CREATE TABLE export_task (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    stamp_ms INTEGER NOT NULL,                                              -- when it began, or the next free time: part of the file's name
    flow INTEGER NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    log_type TEXT NOT NULL CHECK (log_type IN ('auditLog', 'slowLog', 'errLog')),
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    conditions TEXT,                                                        -- as DescribeExportTasks shows them; NULL: none
    text TEXT NOT NULL,
    PRIMARY KEY (instance, stamp_ms)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX export_task_by_flow ON export_task (flow);
