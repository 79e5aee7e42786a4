-- Publications: which databases of an instance are copied to which of another one, all the time.

CREATE TABLE publication (
    id INTEGER PRIMARY KEY,
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,   -- the publisher
    subscriber INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    name TEXT NOT NULL
) STRICT;
CREATE INDEX publication_by_instance ON publication (instance);
CREATE INDEX publication_by_subscriber ON publication (subscriber);

-- The pairs of databases. A database that is dropped or renamed takes them along.
CREATE TABLE publication_pair (
    publication INTEGER NOT NULL REFERENCES publication (id) ON DELETE CASCADE,
    instance INTEGER NOT NULL,                                              -- the publisher
    database TEXT NOT NULL,
    subscriber INTEGER NOT NULL,
    subscriber_database TEXT NOT NULL,
    synced_ms INTEGER,                                                      -- NULL: not yet
    flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,                   -- the running flow that changes the pair
    effect TEXT CHECK (effect = 'make' OR effect = 'drop'),                 -- what the flow does; NULL: no flow has changed it
    PRIMARY KEY (publication, database, subscriber_database),
    FOREIGN KEY (instance, database) REFERENCES database (instance, name) ON UPDATE CASCADE ON DELETE CASCADE,
    FOREIGN KEY (subscriber, subscriber_database) REFERENCES database (instance, name) ON UPDATE CASCADE ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX publication_pair_by_database ON publication_pair (instance, database);
CREATE INDEX publication_pair_by_subscriber ON publication_pair (subscriber, subscriber_database);
CREATE INDEX publication_pair_by_flow ON publication_pair (flow) WHERE flow IS NOT NULL;
