-- The emulator's own tables. What a product keeps is in its folder's sql/; one step is all the files of its number.
-- Times are milliseconds since 1970 UTC by the service's clock.

CREATE TABLE account (
    uin TEXT NOT NULL PRIMARY KEY CHECK (uin <> '')
) STRICT, WITHOUT ROWID;

-- What virga signs its own addresses with. It is left out of the state's document, as every table named ..._secret.
CREATE TABLE world_secret (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret TEXT NOT NULL CHECK (length(secret) = 64)
) STRICT;

-- An account that a test asked for. Its credentials and what it has are in its document, a world file of this one account, from
-- which they come again at a start and at a reset.
CREATE TABLE guest (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (uin),
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- For tests in any language that open the file while virga runs (docs/testing.md). The interface, version 1: columns are
-- only ever added, whatever becomes of the tables.
CREATE VIEW v_interface (name, version) AS VALUES ('state', 1);
