-- Orders.

-- One row for each instance of an order; its count, payment and flow are the same in all of them. The name is unique in an account.
CREATE TABLE deal (
    instance INTEGER NOT NULL REFERENCES instance (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (name <> ''),
    ordinal INTEGER NOT NULL,                                               -- the place of the instance in the order
    creates INTEGER NOT NULL CHECK (creates IN (0, 1)),                     -- 1: the order made or upgraded it
    pay_mode INTEGER NOT NULL CHECK (pay_mode IN (0, 1)),
    flow INTEGER REFERENCES flow (id) ON DELETE SET NULL,                   -- NULL: removed by a reset
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX deal_by_name ON deal (name, ordinal);
CREATE INDEX deal_by_flow ON deal (flow, ordinal) WHERE flow IS NOT NULL;

-- As before, without those that lists leave out: instances that a client deletes stay in the state and are listed by their id only.
DROP INDEX instance_by_creation;
CREATE INDEX instance_by_creation ON instance (account, region, created_ms DESC, id) WHERE hidden = 0;
