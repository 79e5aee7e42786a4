-- The journal's own file: one row a call. Readers use the view; the table may change with any version.

CREATE TABLE request (
    serial INTEGER PRIMARY KEY,          -- in the order of the calls' ends, across runs
    request_id TEXT NOT NULL,
    real_ms INTEGER NOT NULL,
    service_ms INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    action TEXT NOT NULL,
    version TEXT NOT NULL,
    region TEXT NOT NULL,
    secret_id TEXT NOT NULL,
    trace TEXT NOT NULL,
    client TEXT NOT NULL,
    language TEXT NOT NULL,
    method TEXT NOT NULL,
    target TEXT NOT NULL,
    headers TEXT NOT NULL,               -- JSON: [{"name","value"}]
    body TEXT NOT NULL,
    params TEXT,                         -- JSON; NULL when they could not be read
    code TEXT NOT NULL,                  -- ok, or the error's
    message TEXT NOT NULL,
    http_status INTEGER NOT NULL,
    answer TEXT NOT NULL,
    failed_step TEXT,
    injected TEXT,                       -- the fault: fault 3, magic mssql-failback
    flow_id INTEGER
) STRICT;

-- The interface, version 1 (docs/testing.md): columns are only ever added.
CREATE VIEW v_interface (name, version) AS VALUES ('journal', 1);

CREATE VIEW v_requests AS
SELECT serial, request_id, real_ms, service_ms, duration_us, action, version, region, secret_id, trace, client, language,
       method, target, headers, body, params, code, message, http_status, answer, failed_step, injected, flow_id
FROM request;
