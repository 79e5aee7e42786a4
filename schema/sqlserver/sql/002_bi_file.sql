-- Files of business intelligence instances, which a flow deploys.
CREATE TABLE bi_file (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    type TEXT NOT NULL CHECK (type IN ('FLAT', 'SSIS')),
    url TEXT NOT NULL,
    remark TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status IN (2, 3, 4)),         -- enum BiFileStatus
    created_ms INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER,                                              -- NULL while the flow runs
    flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX bi_file_by_flow ON bi_file (flow) WHERE flow IS NOT NULL;
