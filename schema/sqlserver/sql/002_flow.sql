-- Flows of many more kinds, and what they change of their instance and of its databases.

DROP VIEW v_flows;

-- As before, without the list of kinds: a kind is whatever a later version starts, and every one costs each CreateBackup a comparison.
CREATE TABLE flow_with_any_kind (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4398046511104), -- 2^42: a file's id, 1024 times as large, is JSON's integer
    instance INTEGER NOT NULL REFERENCES instance (id),
    kind TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL CHECK (due_ms >= start_ms),           -- the end of time when it is finished by hand
    fails INTEGER NOT NULL CHECK (fails IN (0, 1)),              -- how it will end
    outcome TEXT CHECK (outcome IN ('success', 'failure'))       -- NULL while it is not settled
) STRICT;

INSERT INTO flow_with_any_kind SELECT id, instance, kind, start_ms, due_ms, fails, outcome FROM flow;
DROP TABLE flow;
ALTER TABLE flow_with_any_kind RENAME TO flow;

-- What runs on an instance is asked at every CreateBackup; settled flows, which are nearly all, stay out of the index.
CREATE INDEX flow_open ON flow (instance) WHERE outcome IS NULL;

-- Which flow ends next; likewise.
CREATE INDEX flow_due ON flow (due_ms, id) WHERE outcome IS NULL;

-- The flows of an instance, newest first.
CREATE INDEX flow_by_start ON flow (instance, start_ms) WHERE kind <> 'backup' AND kind <> 'autobackup';

CREATE VIEW v_flows AS
SELECT flow.id AS flow_id, instance.account, instance.region, instance.instance_id, flow.kind, flow.start_ms,
       nullif(flow.due_ms, 9223372036854775807) AS due_ms,       -- NULL: it is finished by hand
       coalesce(flow.outcome, 'running') AS status,
       (SELECT json_group_array(name) FROM (SELECT name FROM flow_database AS used WHERE used.flow = flow.id ORDER BY ordinal)) AS databases
FROM flow JOIN instance ON instance.id = flow.instance;

-- A value that a column gets when the flow ends so: a column of the flow's instance, or of one of its databases. The rows of a flow are
-- deleted when it has ended.
CREATE TABLE flow_change (
    flow INTEGER NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'failure')),
    field TEXT NOT NULL CHECK (field <> ''),                     -- the column
    database TEXT NOT NULL,                                      -- '': of the instance
    value ANY,
    PRIMARY KEY (flow, outcome, field, database)
) STRICT, WITHOUT ROWID;
