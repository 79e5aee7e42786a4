PRAGMA application_id = 1986622055;
PRAGMA user_version = 1;
PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
BEGIN TRANSACTION;
CREATE TABLE account (
    uin TEXT NOT NULL PRIMARY KEY CHECK (uin <> '')
) STRICT, WITHOUT ROWID;
INSERT INTO "account" VALUES('100000000001');
INSERT INTO "account" VALUES('100000000002');
INSERT INTO "account" VALUES('215898111532');
CREATE TABLE backup (
    instance INTEGER NOT NULL REFERENCES instance (id),
    start_ms INTEGER NOT NULL,
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT NOT NULL,
    strategy INTEGER NOT NULL CHECK (strategy IN (0, 1)),        -- 0 whole instance, 1 chosen databases
    storage_strategy INTEGER NOT NULL CHECK (storage_strategy IN (0, 1)), -- 0 retention policy, 1 with the instance
    way INTEGER NOT NULL CHECK (way BETWEEN 0 AND 2),            -- 0 scheduled, 1 manual, 2 archive
    status INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),      -- 0 being made, 1 succeeded, 2 failed
    single INTEGER NOT NULL CHECK (single IN (0, 1)),            -- 1: a file a database, 0: one archive
    end_ms INTEGER,                                              -- NULL while it is being made
    PRIMARY KEY (instance, start_ms, flow)
) STRICT, WITHOUT ROWID;
INSERT INTO "backup" VALUES(1,1655610084000,5293,'before_upgrade',1,0,1,1,0,1655610144000);
INSERT INTO "backup" VALUES(1,1655658000000,5299,'mssql-archives_20220620010000',0,0,0,1,0,1655658060000);
INSERT INTO "backup" VALUES(1,1655744400000,5301,'mssql-archives_20220621010000',0,0,0,1,0,1655744460000);
INSERT INTO "backup" VALUES(1,1655830800000,5302,'mssql-archives_20220622010000',0,0,0,1,0,1655830860000);
INSERT INTO "backup" VALUES(1,1655869404000,5306,'mssql-archives_20220622114324',1,0,1,0,0,NULL);
INSERT INTO "backup" VALUES(2,1655610084000,5294,'mssql-weekly01_20220619114124',0,1,1,1,1,1655610144000);
INSERT INTO "backup" VALUES(2,1655665200000,5300,'mssql-weekly01_20220620030000',0,0,0,1,1,1655665260000);
INSERT INTO "backup" VALUES(2,1655869404000,5303,'running',1,0,1,0,1,NULL);
INSERT INTO "backup" VALUES(5,1655610084000,5295,'mssql-failback_20220619114124',0,0,1,2,0,1655610144000);
INSERT INTO "backup" VALUES(6,1655869404000,5307,'mssql-slowback_20220622114324',0,0,1,0,0,NULL);
INSERT INTO "backup" VALUES(8,1655869404000,5308,'mssql-weekly01_20220622114324',0,0,1,0,1,NULL);
CREATE TABLE database (
    instance INTEGER NOT NULL REFERENCES instance (id),
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 128),
    status INTEGER NOT NULL CHECK (status IN (-1, 1, 2, 3)),     -- being deleted, being created, normal, being modified
    charset TEXT NOT NULL,
    remark TEXT NOT NULL,
    simple_recovery INTEGER NOT NULL CHECK (simple_recovery IN (0, 1)), -- then a backup of it fails
    encrypted INTEGER NOT NULL DEFAULT 0 CHECK (encrypted IN (0, 1)),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "database" VALUES(1,'db1',2,'SQL_Latin1_General_CP1_CI_AS','备注',0,1,1655610084000);
INSERT INTO "database" VALUES(1,'db1_restored',2,'SQL_Latin1_General_CP1_CI_AS','',0,0,1655610144000);
INSERT INTO "database" VALUES(1,'db2_renamed',2,'Chinese_PRC_CI_AS','',0,0,1655610084000);
INSERT INTO "database" VALUES(1,'db3',3,'Chinese_PRC_CI_AS','',0,0,1655610084000);
INSERT INTO "database" VALUES(1,'db4',-1,'Chinese_PRC_CI_AS','',0,0,1655610084000);
INSERT INTO "database" VALUES(1,'made',2,'Chinese_PRC_CI_AS','second',0,0,1655610144000);
INSERT INTO "database" VALUES(1,'made_clone',1,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(2,'db1',2,'Chinese_PRC_CI_AS','',0,0,1655610084000);
INSERT INTO "database" VALUES(2,'db2',2,'Chinese_PRC_CI_AS','',0,0,1655610084000);
INSERT INTO "database" VALUES(3,'plain',2,'Chinese_PRC_CI_AS','',1,0,1655610084000);
INSERT INTO "database" VALUES(5,'db1',2,'Chinese_PRC_CI_AS','',0,0,1655610084000);
INSERT INTO "database" VALUES(6,'db1',2,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(7,'db1',2,'SQL_Latin1_General_CP1_CI_AS','备注',0,1,1655869404000);
INSERT INTO "database" VALUES(7,'db2',2,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(7,'db3',2,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(7,'db4',2,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(8,'db1',2,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(8,'db2',2,'Chinese_PRC_CI_AS','',0,0,1655869404000);
INSERT INTO "database" VALUES(9,'plain',2,'Chinese_PRC_CI_AS','',1,0,1655869404000);
CREATE TABLE flow (
    id INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 4398046511104), -- 2^42: a file's id, 1024 times as large, is JSON's integer
    instance INTEGER NOT NULL REFERENCES instance (id),
    kind TEXT NOT NULL CHECK (kind = 'backup' OR kind = 'autobackup' OR kind = 'restore' OR kind = 'rollback'
                              OR kind = 'clone' OR kind = 'createdb' OR kind = 'deletedb' OR kind = 'renamedb'),
    start_ms INTEGER NOT NULL,
    due_ms INTEGER NOT NULL CHECK (due_ms >= start_ms),           -- the end of time when it is finished by hand
    fails INTEGER NOT NULL CHECK (fails IN (0, 1)),              -- how it will end
    outcome TEXT CHECK (outcome IN ('success', 'failure'))       -- NULL while it is not settled
) STRICT;
INSERT INTO "flow" VALUES(5293,1,'backup',1655610084000,1655610144000,0,'success');
INSERT INTO "flow" VALUES(5294,2,'backup',1655610084000,1655610144000,0,'success');
INSERT INTO "flow" VALUES(5295,5,'backup',1655610084000,1655610144000,1,'failure');
INSERT INTO "flow" VALUES(5296,1,'restore',1655610144000,1655610204000,0,'success');
INSERT INTO "flow" VALUES(5297,1,'renamedb',1655610144000,1655610204000,0,'success');
INSERT INTO "flow" VALUES(5298,1,'createdb',1655610144000,1655610204000,0,'success');
INSERT INTO "flow" VALUES(5299,1,'autobackup',1655658000000,1655658060000,0,'success');
INSERT INTO "flow" VALUES(5300,2,'autobackup',1655665200000,1655665260000,0,'success');
INSERT INTO "flow" VALUES(5301,1,'autobackup',1655744400000,1655744460000,0,'success');
INSERT INTO "flow" VALUES(5302,1,'autobackup',1655830800000,1655830860000,0,'success');
INSERT INTO "flow" VALUES(5303,2,'backup',1655869404000,1655869464000,0,NULL);
INSERT INTO "flow" VALUES(5304,1,'clone',1655869404000,1655873004000,0,NULL);
INSERT INTO "flow" VALUES(5305,1,'renamedb',1655869404000,1655869464000,0,NULL);
INSERT INTO "flow" VALUES(5306,1,'deletedb',1655869404000,9223372036854775807,0,NULL);
INSERT INTO "flow" VALUES(5307,6,'backup',1655869404000,1655873004000,0,NULL);
INSERT INTO "flow" VALUES(5308,8,'backup',1655869404000,1655869464000,0,NULL);
CREATE TABLE flow_database (
    flow INTEGER NOT NULL REFERENCES flow (id),
    name TEXT NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal BETWEEN 0 AND 1023), -- its place in the flow; part of a backup file's id
    effect TEXT CHECK (effect IS NULL OR effect = 'make' OR effect = 'change' OR effect = 'drop' OR effect = 'rename'),
        -- what the flow does to it; NULL: it only holds it
    new_name TEXT CHECK ((effect IS 'rename') = (new_name IS NOT NULL)),
    PRIMARY KEY (flow, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "flow_database" VALUES(5293,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5294,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5294,'db2',1,NULL,NULL);
INSERT INTO "flow_database" VALUES(5295,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5296,'db1_restored',0,'make',NULL);
INSERT INTO "flow_database" VALUES(5297,'db2',0,'rename','db2_renamed');
INSERT INTO "flow_database" VALUES(5298,'made',0,'make',NULL);
INSERT INTO "flow_database" VALUES(5299,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5299,'db1_restored',1,NULL,NULL);
INSERT INTO "flow_database" VALUES(5299,'db2_renamed',2,NULL,NULL);
INSERT INTO "flow_database" VALUES(5299,'db3',3,NULL,NULL);
INSERT INTO "flow_database" VALUES(5299,'db4',4,NULL,NULL);
INSERT INTO "flow_database" VALUES(5299,'made',5,NULL,NULL);
INSERT INTO "flow_database" VALUES(5300,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5300,'db2',1,NULL,NULL);
INSERT INTO "flow_database" VALUES(5301,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5301,'db1_restored',1,NULL,NULL);
INSERT INTO "flow_database" VALUES(5301,'db2_renamed',2,NULL,NULL);
INSERT INTO "flow_database" VALUES(5301,'db3',3,NULL,NULL);
INSERT INTO "flow_database" VALUES(5301,'db4',4,NULL,NULL);
INSERT INTO "flow_database" VALUES(5301,'made',5,NULL,NULL);
INSERT INTO "flow_database" VALUES(5302,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5302,'db1_restored',1,NULL,NULL);
INSERT INTO "flow_database" VALUES(5302,'db2_renamed',2,NULL,NULL);
INSERT INTO "flow_database" VALUES(5302,'db3',3,NULL,NULL);
INSERT INTO "flow_database" VALUES(5302,'db4',4,NULL,NULL);
INSERT INTO "flow_database" VALUES(5302,'made',5,NULL,NULL);
INSERT INTO "flow_database" VALUES(5303,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5304,'made',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5304,'made_clone',1,'make',NULL);
INSERT INTO "flow_database" VALUES(5305,'db3',0,'rename','db3_renamed');
INSERT INTO "flow_database" VALUES(5306,'db4',0,'drop',NULL);
INSERT INTO "flow_database" VALUES(5307,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5308,'db1',0,NULL,NULL);
INSERT INTO "flow_database" VALUES(5308,'db2',1,NULL,NULL);
CREATE TABLE grants (
    instance INTEGER NOT NULL,
    database TEXT NOT NULL,
    login TEXT NOT NULL,
    privilege TEXT NOT NULL CHECK (privilege IN ('ReadWrite', 'ReadOnly', 'DBOwner')),
    PRIMARY KEY (instance, database, login),
    FOREIGN KEY (instance, database) REFERENCES database (instance, name) ON UPDATE CASCADE ON DELETE CASCADE,
    FOREIGN KEY (instance, login) REFERENCES login (instance, name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO "grants" VALUES(1,'db1','admin','DBOwner');
INSERT INTO "grants" VALUES(1,'db1','app','ReadWrite');
INSERT INTO "grants" VALUES(1,'made','app','ReadOnly');
INSERT INTO "grants" VALUES(7,'db1','admin','DBOwner');
INSERT INTO "grants" VALUES(7,'db1','app','ReadWrite');
CREATE TABLE guest (
    account TEXT NOT NULL PRIMARY KEY REFERENCES account (uin),
    document TEXT NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO "guest" VALUES('215898111532','{"version":1,"accounts":[{"uin":"215898111532","credentials":[{"secret_id":"AKIDExWJi9HbyNGQbe2sWCfUZiXTchp7YiJ8","secret_key":"hrSXa2d2XLSfFRvewvlmp4eeESCqQ15k"}],"ip_deny":["10.0.0.0/8"],"ip_allow":["127.0.0.0/8","::1"],"limits":{"uin":1000,"global_region_uin":1000,"ip":1000},"regions":[{"region":"ap-guangzhou","instances":[{"instance_id":"mssql-archives","name":"archives","status":2,"project_id":7,"zone":"ap-guangzhou-6","version":"2019","cpu":4,"memory":16,"storage":200,"instance_type":"HA","machine_type":"TS85","pay_mode":1,"vip":"10.1.2.3","port":58001,"vpc_id":"vpc-idmq8dwn","subnet_id":"subnet-1qz3tgim","note":"players and matches","tags":[{"key":"team","value":"games"},{"key":"empty"}],"backup_model":"master_pkg","backup_type":"daily","backup_hour":1,"backup_save_days":30,"logins":[{"name":"admin","account_type":"L1"},{"name":"app"}],"databases":[{"name":"db1","status":2,"charset":"SQL_Latin1_General_CP1_CI_AS","remark":"备注","simple_recovery":false,"encrypted":true,"grants":[{"login":"admin","privilege":"DBOwner"},{"login":"app"}]},{"name":"db2"},{"name":"db3"},{"name":"db4"}]},{"instance_id":"mssql-weekly01","port":58002,"backup_model":"master_no_pkg","backup_type":"weekly","backup_cycle":[1,4],"backup_hour":2,"databases":[{"name":"db1"},{"name":"db2"}]},{"instance_id":"mssql-isolated","status":4,"databases":[{"name":"plain","simple_recovery":true}]}]},{"region":"ap-shanghai","instances":[{"instance_id":"mssql-shanghai"}]}]}]}');
CREATE TABLE instance (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (uin),
    region TEXT NOT NULL,
    instance_id TEXT NOT NULL CHECK (instance_id <> ''),
    name TEXT NOT NULL,
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 17 AND status <> 7), -- 7, a task running, follows from its flows
    project_id INTEGER NOT NULL,
    zone TEXT NOT NULL,
    version TEXT NOT NULL,                                       -- 2017, 2019, 2012SP3, ...
    cpu INTEGER NOT NULL CHECK (cpu BETWEEN 1 AND 128),
    memory_gb INTEGER NOT NULL CHECK (memory_gb BETWEEN 1 AND 1024),
    storage_gb INTEGER NOT NULL CHECK (storage_gb BETWEEN 1 AND 65536),
    instance_type TEXT NOT NULL,                                 -- HA, RO, SI, BI, cvmHA, cvmRO, MultiHA, cvmMultiHA
    machine_type TEXT NOT NULL,                                  -- TS85, CLOUD_HSSD, ...
    pay_mode INTEGER NOT NULL CHECK (pay_mode IN (0, 1)),        -- 0 postpaid, 1 prepaid
    vip TEXT NOT NULL,
    port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
    vpc_id TEXT NOT NULL,                                        -- vpc-..., or '' for the classic network
    subnet_id TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    created_ms INTEGER NOT NULL,
    -- the automatic backups
    backup_model TEXT NOT NULL CHECK (backup_model IN ('master_pkg', 'master_no_pkg', 'slave_pkg', 'slave_no_pkg')),
    backup_type TEXT NOT NULL CHECK (backup_type IN ('daily', 'weekly')),
    backup_hour INTEGER NOT NULL CHECK (backup_hour BETWEEN 0 AND 23), -- Beijing time
    backup_cycle INTEGER NOT NULL CHECK (backup_cycle BETWEEN 0 AND 127), -- bit 0 Monday ... bit 6 Sunday; for weekly
    backup_save_days INTEGER NOT NULL CHECK (backup_save_days BETWEEN 1 AND 3650),
    next_backup_ms INTEGER NOT NULL,                             -- when the next automatic backup starts
    -- the archive backups
    regular_enable INTEGER NOT NULL CHECK (regular_enable IN (0, 1)),
    regular_save_days INTEGER NOT NULL,
    regular_strategy TEXT NOT NULL CHECK (regular_strategy IN ('years', 'quarters', 'months')),
    regular_counts INTEGER NOT NULL,
    regular_start TEXT NOT NULL,                                 -- YYYY-MM-DD, or ''
    hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1)),  -- 1, a magic one: listed only when asked for by its id
    UNIQUE (account, region, instance_id)
) STRICT;
INSERT INTO "instance" VALUES(1,'100000000001','ap-guangzhou','mssql-archives','archives',2,7,'ap-guangzhou-6','2019',4,16,200,'HA','TS85',1,'10.1.2.3',58001,'vpc-idmq8dwn','subnet-1qz3tgim','players and matches',1655610084000,'master_pkg','daily',1,0,30,1655917200000,0,365,'months',1,'',0);
INSERT INTO "instance" VALUES(2,'100000000001','ap-guangzhou','mssql-weekly01','mssql-weekly01',2,0,'ap-guangzhou-3','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.17',58002,'','','',1655610084000,'master_no_pkg','weekly',3,17,9,1656010800000,0,365,'months',1,'2022-06-19',0);
INSERT INTO "instance" VALUES(3,'100000000001','ap-guangzhou','mssql-isolated','mssql-isolated',4,0,'ap-guangzhou-3','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.18',1433,'','','',1655610084000,'master_pkg','daily',0,0,7,1655913600000,0,365,'months',1,'',0);
INSERT INTO "instance" VALUES(4,'100000000001','ap-shanghai','mssql-shanghai','mssql-shanghai',2,0,'ap-shanghai-2','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.19',1433,'','','',1655610084000,'master_pkg','daily',0,0,7,1655913600000,0,365,'months',1,'',0);
INSERT INTO "instance" VALUES(5,'100000000001','ap-guangzhou','mssql-failback','mssql-failback',2,0,'ap-guangzhou-3','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.20',1433,'','','',1655610084000,'master_pkg','daily',0,0,7,9223372036854775807,0,365,'months',1,'',1);
INSERT INTO "instance" VALUES(6,'100000000001','ap-guangzhou','mssql-slowback','mssql-slowback',2,0,'ap-guangzhou-3','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.21',1433,'','','',1655869404000,'master_pkg','daily',0,0,7,9223372036854775807,0,365,'months',1,'',1);
INSERT INTO "instance" VALUES(7,'215898111532','ap-guangzhou','mssql-archives','archives',2,7,'ap-guangzhou-6','2019',4,16,200,'HA','TS85',1,'10.1.2.3',58001,'vpc-idmq8dwn','subnet-1qz3tgim','players and matches',1655869404000,'master_pkg','daily',1,0,30,1655917200000,0,365,'months',1,'',0);
INSERT INTO "instance" VALUES(8,'215898111532','ap-guangzhou','mssql-weekly01','mssql-weekly01',2,0,'ap-guangzhou-3','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.23',58002,'','','',1655869404000,'master_no_pkg','weekly',2,9,7,1655920800000,0,365,'months',1,'',0);
INSERT INTO "instance" VALUES(9,'215898111532','ap-guangzhou','mssql-isolated','mssql-isolated',4,0,'ap-guangzhou-3','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.24',1433,'','','',1655869404000,'master_pkg','daily',0,0,7,1655913600000,0,365,'months',1,'',0);
INSERT INTO "instance" VALUES(10,'215898111532','ap-shanghai','mssql-shanghai','mssql-shanghai',2,0,'ap-shanghai-2','2017',2,4,20,'cvmHA','CLOUD_HSSD',0,'10.0.0.25',1433,'','','',1655869404000,'master_pkg','daily',0,0,7,1655913600000,0,365,'months',1,'',0);
CREATE TABLE instance_count (
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    n INTEGER NOT NULL CHECK (n >= 0),
    PRIMARY KEY (account, region)
) STRICT, WITHOUT ROWID;
INSERT INTO "instance_count" VALUES('100000000001','ap-guangzhou',3);
INSERT INTO "instance_count" VALUES('100000000001','ap-shanghai',1);
INSERT INTO "instance_count" VALUES('215898111532','ap-guangzhou',3);
INSERT INTO "instance_count" VALUES('215898111532','ap-shanghai',1);
CREATE TABLE login (
    instance INTEGER NOT NULL REFERENCES instance (id),
    name TEXT NOT NULL CHECK (name <> ''),
    account_type TEXT NOT NULL CHECK (account_type IN ('L0', 'L1', 'L2', 'L3')),
    PRIMARY KEY (instance, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "login" VALUES(1,'admin','L1');
INSERT INTO "login" VALUES(1,'app','L3');
INSERT INTO "login" VALUES(7,'admin','L1');
INSERT INTO "login" VALUES(7,'app','L3');
CREATE TABLE tag (
    instance INTEGER NOT NULL REFERENCES instance (id),
    key TEXT NOT NULL CHECK (key <> ''),
    value TEXT NOT NULL,
    PRIMARY KEY (instance, key)
) STRICT, WITHOUT ROWID;
INSERT INTO "tag" VALUES(1,'empty','');
INSERT INTO "tag" VALUES(1,'team','games');
INSERT INTO "tag" VALUES(7,'empty','');
INSERT INTO "tag" VALUES(7,'team','games');
CREATE TABLE world_secret (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    secret TEXT NOT NULL CHECK (length(secret) = 64)
) STRICT;
INSERT INTO "world_secret" VALUES(1,'31488a4085f82be0fcb11dc5d7119907ae96db820c03ab1dc7d6d092bd14c213');
CREATE INDEX instance_by_id ON instance (instance_id, account, region);
CREATE INDEX instance_by_creation ON instance (account, region, created_ms DESC, id);
CREATE TRIGGER instance_added AFTER INSERT ON instance WHEN new.hidden = 0 BEGIN
    INSERT INTO instance_count (account, region, n) VALUES (new.account, new.region, 1)
        ON CONFLICT (account, region) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER instance_hidden AFTER UPDATE OF hidden ON instance WHEN new.hidden > old.hidden BEGIN
    UPDATE instance_count SET n = n - 1 WHERE account = old.account AND region = old.region;
END;
CREATE TRIGGER instance_removed AFTER DELETE ON instance WHEN old.hidden = 0 BEGIN
    UPDATE instance_count SET n = n - 1 WHERE account = old.account AND region = old.region;
END;
CREATE INDEX instance_next_backup ON instance (next_backup_ms);
CREATE INDEX flow_open ON flow (instance) WHERE outcome IS NULL;
CREATE INDEX flow_due ON flow (due_ms, id) WHERE outcome IS NULL;
CREATE VIEW v_interface (name, version) AS VALUES ('state', 1);
CREATE VIEW v_flows AS
SELECT flow.id AS flow_id, instance.account, instance.region, instance.instance_id, flow.kind, flow.start_ms,
       nullif(flow.due_ms, 9223372036854775807) AS due_ms,       -- NULL: it is finished by hand
       coalesce(flow.outcome, 'running') AS status,
       (SELECT json_group_array(name) FROM (SELECT name FROM flow_database AS held WHERE held.flow = flow.id ORDER BY ordinal)) AS databases
FROM flow JOIN instance ON instance.id = flow.instance;
CREATE VIEW v_backups AS
SELECT backup.flow AS flow_id, instance.account, instance.region, instance.instance_id, backup.name,
       CASE backup.strategy WHEN 0 THEN 'instance' ELSE 'databases' END AS scope,
       CASE backup.way WHEN 0 THEN 'scheduled' WHEN 1 THEN 'manual' ELSE 'archive' END AS way,
       CASE backup.status WHEN 0 THEN 'running' WHEN 1 THEN 'success' ELSE 'failure' END AS status,
       CASE backup.single WHEN 1 THEN 'files' ELSE 'archive' END AS form,
       backup.start_ms, backup.end_ms
FROM backup JOIN instance ON instance.id = backup.instance;
COMMIT;
