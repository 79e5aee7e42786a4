-- The public address of a read-only group, and the flow that opens it, closes it or frees the group; NULL: none.

ALTER TABLE ro_group ADD COLUMN wan_domain TEXT NOT NULL DEFAULT '';
ALTER TABLE ro_group ADD COLUMN wan_port INTEGER NOT NULL DEFAULT 0 CHECK (wan_port BETWEEN 0 AND 65535);
ALTER TABLE ro_group ADD COLUMN flow INTEGER REFERENCES flow (id) ON DELETE SET NULL;

CREATE INDEX ro_group_by_flow ON ro_group (flow) WHERE flow IS NOT NULL;
