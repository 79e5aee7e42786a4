-- The size and version that an upgrade gives to its instance: when the flow ends, or when the nodes are switched after it.
CREATE TABLE upgrade (
    instance INTEGER PRIMARY KEY REFERENCES instance (id) ON DELETE CASCADE,
    waits INTEGER NOT NULL CHECK (waits IN (0, 1)),                         -- 1: for a switch of the nodes
    switch_ms INTEGER,                                                      -- when they switch by themselves; NULL: not yet known
    version TEXT NOT NULL,
    cpu INTEGER NOT NULL,
    memory_gb INTEGER NOT NULL,
    storage_gb INTEGER NOT NULL,
    high_availability TEXT NOT NULL,
    multi_zones INTEGER NOT NULL,
    throughput INTEGER NOT NULL,
    replica_zones TEXT NOT NULL                                             -- JSON: [{"id": "mssqldr-...", "zone": "..."}]
) STRICT;

CREATE INDEX upgrade_by_switch ON upgrade (switch_ms) WHERE switch_ms IS NOT NULL;
