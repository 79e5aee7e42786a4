-- The logins of an instance in full, and what flows do to them. No password is kept.

ALTER TABLE login ADD COLUMN remark TEXT NOT NULL DEFAULT '';
ALTER TABLE login ADD COLUMN status INTEGER NOT NULL DEFAULT 2 CHECK (status = -1 OR status BETWEEN 1 AND 4); -- enum LoginStatus
ALTER TABLE login ADD COLUMN authentication TEXT NOT NULL DEFAULT 'sql'; -- sql or win
ALTER TABLE login ADD COLUMN cam INTEGER NOT NULL DEFAULT 0 CHECK (cam IN (0, 1)); -- managed by the access management
ALTER TABLE login ADD COLUMN created_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE login ADD COLUMN updated_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE login ADD COLUMN password_ms INTEGER;                -- when the password was set last; NULL: never

-- A login of a version that kept no times is as old as its instance.
UPDATE login SET created_ms = (SELECT created_ms FROM instance WHERE instance.id = login.instance);
UPDATE login SET updated_ms = created_ms;

-- What a login may use, by its name: the primary key has the database first.
CREATE INDEX grants_by_login ON grants (instance, login, database);

-- The logins that a flow works on. A running flow keeps others from changing them by their status.
CREATE TABLE flow_login (
    flow INTEGER NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    instance INTEGER NOT NULL,
    login TEXT NOT NULL,
    effect TEXT NOT NULL CHECK (effect = 'make' OR effect = 'change' OR effect = 'password' OR effect = 'drop'),
    account_type TEXT CHECK (account_type IN ('L0', 'L1', 'L2', 'L3')), -- its type after a success; NULL: unchanged
    PRIMARY KEY (flow, login),
    FOREIGN KEY (instance, login) REFERENCES login (instance, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX flow_login_by_login ON flow_login (instance, login);

-- The grants that a flow gives or takes when it succeeds. A database that is dropped or renamed meanwhile takes them along.
CREATE TABLE flow_grant (
    flow INTEGER NOT NULL REFERENCES flow (id) ON DELETE CASCADE,
    instance INTEGER NOT NULL,
    database TEXT NOT NULL,
    login TEXT NOT NULL,
    privilege TEXT CHECK (privilege IN ('ReadWrite', 'ReadOnly', 'DBOwner')), -- NULL: taken away
    PRIMARY KEY (flow, database, login),
    FOREIGN KEY (instance, database) REFERENCES database (instance, name) ON UPDATE CASCADE ON DELETE CASCADE,
    FOREIGN KEY (instance, login) REFERENCES login (instance, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX flow_grant_by_database ON flow_grant (instance, database);
CREATE INDEX flow_grant_by_login ON flow_grant (instance, login);
