-- Security groups of an account, and the instances that they are bound to. They belong to another service of the cloud: a group that the
-- world file does not have is inserted when an instance gets it first.

CREATE TABLE security_group (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (uin),
    region TEXT NOT NULL,
    security_group_id TEXT NOT NULL CHECK (security_group_id <> ''), -- sg-...
    name TEXT NOT NULL,
    remark TEXT NOT NULL,
    project_id INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (account, region, security_group_id)
) STRICT;

-- The groups of a project, oldest first.
CREATE INDEX security_group_by_project ON security_group (account, region, project_id, created_ms, id);

-- What a group allows and rejects, in the order in which it is tried.
CREATE TABLE security_group_rule (
    security_group INTEGER NOT NULL REFERENCES security_group (id) ON DELETE CASCADE,
    dir TEXT NOT NULL CHECK (dir IN ('INPUT', 'OUTPUT')),
    ordinal INTEGER NOT NULL,
    policy TEXT NOT NULL CHECK (policy IN ('ACCEPT', 'DROP')),
    cidr_ip TEXT NOT NULL,
    port_range TEXT NOT NULL,
    ip_protocol TEXT NOT NULL,
    PRIMARY KEY (security_group, dir, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE instance_security_group (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    security_group INTEGER NOT NULL REFERENCES security_group (id) ON DELETE CASCADE,
    PRIMARY KEY (instance, security_group)
) STRICT, WITHOUT ROWID;
CREATE INDEX instance_security_group_by_group ON instance_security_group (security_group);
