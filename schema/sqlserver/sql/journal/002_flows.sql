-- Copies of the flows and backups of the present state, written after each transaction that changed them, so that one file has
-- all of a test, also with --memory. The columns are those of the views in the state's own file.

CREATE TABLE flow (
    flow_id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    due_ms INTEGER,
    status TEXT NOT NULL,
    databases TEXT NOT NULL
) STRICT;

CREATE TABLE backup (
    flow_id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT NOT NULL,
    way TEXT NOT NULL,
    status TEXT NOT NULL,
    form TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER
) STRICT;

CREATE VIEW v_flows AS
SELECT flow_id, account, region, instance_id, kind, start_ms, due_ms, status, databases FROM flow;

CREATE VIEW v_backups AS
SELECT flow_id, account, region, instance_id, name, scope, way, status, form, start_ms, end_ms FROM backup;
