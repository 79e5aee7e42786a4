-- Communication between instances for business intelligence: the address in the group, and how far it is.

ALTER TABLE instance ADD COLUMN inter_status INTEGER NOT NULL DEFAULT 0 CHECK (inter_status BETWEEN 0 AND 8); -- enum InterStatus
ALTER TABLE instance ADD COLUMN inter_vip TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN inter_port INTEGER NOT NULL DEFAULT 0 CHECK (inter_port BETWEEN 0 AND 65535);

-- The members, newest first; most instances are none.
CREATE INDEX instance_by_inter ON instance (account, region, created_ms DESC, id) WHERE inter_status <> 0;
