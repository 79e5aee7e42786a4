"""The configurations of the 39 resources and 25 data sources of SQL Server, and the world in which they are applied.

For each: the attributes, what changes, and the calls that are made before. A text with $ is a value that such a call found.
"""

ID, OTHER, BIN, GROWN, BI = "mssql-main0000", "mssql-other000", "mssql-bin00000", "mssql-grown000", "mssqlbi-main0000"
GROUP, COPY, SECURITY_GROUP = "mssqlrg-group000", "mssqlro-copy0000", "sg-aaaaaaaa"
FULL, FOLLOWED, LOG = "mssql-backup-migration-aaaaaaaa", "mssql-backup-migration-bbbbbbbb", "mssql-incremental-migration-aaaaaaaa"
WAITING = "mssql-backup-migration-cccccccc"  # for its first incremental import
ZONE, VPC, SUBNET = "ap-guangzhou-3", "vpc-aaaaaaaa", "subnet-aaaaaaaa"
NETWORK = {"vpc_id": VPC, "subnet_id": SUBNET}
ALWAYS = {"start_time": "2020-01-01 00:00:00", "end_time": "2099-01-01 00:00:00"}

WORLD = {"regions": [{
    "region": "ap-guangzhou",
    "security_groups": [{"security_group_id": name, "inbound": [{}]} for name in (SECURITY_GROUP, "sg-bbbbbbbb")],
    "instances": [
        {"instance_id": ID, "version": "2019", **NETWORK, "high_availability": "ALWAYSON", "security_groups": [SECURITY_GROUP],
         "logins": [{"name": "app"}],
         "databases": [{"name": "shop", "grants": [{"login": "app"}]}, {"name": "store"}],
         "read_only_groups": [{"read_only_group_id": GROUP, "name": "reports"}],
         "imports": [{"migration_id": FULL, "name": "full", "file": "first.bak"},
                     {"migration_id": FOLLOWED, "name": "followed", "recovery_type": "FULL_LOG", "status": 8,
                      "file": "second_1_2full2_2noreconvery2.bak",
                      "incremental": [{"migration_id": LOG, "file": "second_1_2log2_2reconvery2.bak", "is_recovery": "YES"}]}]},
        {"instance_id": COPY, "instance_type": "cvmRO", "version": "2019", **NETWORK, "primary_id": ID, "read_only_group_id": GROUP},
        {"instance_id": OTHER, "pay_mode": 1, "version": "2019", **NETWORK, "logins": [{"name": "app"}], "databases": [{"name": "goods"}],
         "imports": [{"migration_id": WAITING, "recovery_type": "FULL_LOG", "status": 8, "file": "third_1_2full2_2noreconvery2.bak"}]},
        {"instance_id": BIN, "status": 4},
        {"instance_id": GROWN, "status": 13},
        {"instance_id": BI, "instance_type": "BI", "version": "201603", **NETWORK}]}]}

BACKUP = ["CreateBackup", {"InstanceId": ID, "BackupName": "before"}, {"FlowId": "FlowId"}]
FILE = ["DescribeBackups", {"InstanceId": ID, "StartTime": "2020-01-01 00:00:00", "EndTime": "2099-01-01 00:00:00"}, {"BackupId": "Id"}]
SWITCH = ["SwitchCloudInstanceHA", {"InstanceId": ID}, {}]
PARAMETER = ["ModifyInstanceParam", {"InstanceIds": [ID], "ParamList": [{"Name": "fill factor(%)", "CurrentValue": "90"}]}, {}]
TDE = ["ModifyInstanceEncryptAttributes", {"InstanceId": ID, "CertificateAttribution": "self"}, {}]
PUBLICATION = ["CreatePublishSubscribe", {
    "PublishInstanceId": ID, "SubscribeInstanceId": OTHER, "PublishSubscribeName": "listed",
    "DatabaseTupleSet": [{"PublishDatabase": "shop", "SubscribeDatabase": "shop_read"}]}, {}]
MAINTENANCE = {"maintenance_week_set": [1, 3], "maintenance_start_time": "01:00", "maintenance_time_span": 4}

RESOURCES = {
    "account": ({"instance_id": ID, "name": "clerk", "password": "Secret_word_1", "remark": "first"}, {"remark": "second"}),
    "account_db_attachment": ({"instance_id": ID, "account_name": "app", "db_name": "store", "privilege": "ReadOnly"},
                              {"privilege": "ReadWrite"}),
    "basic_instance": ({"name": "basic", "availability_zone": ZONE, "charge_type": "POSTPAID_BY_HOUR", "cpu": 2, "memory": 4,
                        "storage": 20, "machine_type": "CLOUD_HSSD", "engine_version": "2019", **NETWORK, **MAINTENANCE,
                        "security_groups": [SECURITY_GROUP], "tags": {"team": "storage"}}, {"name": "renamed", "storage": 40}),
    "business_intelligence_file": ({"instance_id": BI, "file_url": "https://bucket.example/numbers.xlsx", "file_type": "FLAT",
                                    "remark": "numbers"}, None),
    "business_intelligence_instance": ({"zone": ZONE, "cpu": 2, "memory": 4, "storage": 100, "machine_type": "CLOUD_PREMIUM",
                                        "db_version": "201603", **NETWORK, "weekly": [1], "start_time": "01:00", "span": 4,
                                        "instance_name": "reports", "security_group_list": [SECURITY_GROUP]},
                                       {"instance_name": "renamed"}),
    "complete_expansion": ({"instance_id": GROWN}, None),
    "config_backup_strategy": ({"instance_id": ID, "backup_type": "daily", "backup_time": 0, "backup_day": 1, "backup_cycle": [1],
                                "backup_model": "master_pkg", "backup_save_days": 7}, {"backup_type": "weekly", "backup_cycle": [1, 3, 5]}),
    "config_database_cdc": ({"instance_id": ID, "db_name": "shop", "modify_type": "enable"}, {"modify_type": "disable"}),
    "config_database_ct": ({"instance_id": ID, "db_name": "shop", "modify_type": "enable", "change_retention_day": 7},
                           {"change_retention_day": 5}),
    "config_database_mdf": ({"instance_id": ID, "db_name": "shop"}, None),
    "config_instance_param": ({"instance_id": ID, "param_list": [{"name": "fill factor(%)", "current_value": "90"}]},
                              {"param_list": [{"name": "fill factor(%)", "current_value": "80"}]}),
    "config_instance_ro_group": ({"instance_id": ID, "read_only_group_id": GROUP, "read_only_group_name": "readers",
                                  "is_offline_delay": 1, "read_only_max_delay_time": 30, "min_read_only_in_group": 1,
                                  "weight_pairs": [{"read_only_instance_id": COPY, "read_only_weight": 50}]},
                                 {"read_only_group_name": "renamed"}),
    "config_instance_security_groups": ({"instance_id": ID, "security_group_id_set": [SECURITY_GROUP]},
                                        {"security_group_id_set": [SECURITY_GROUP, "sg-bbbbbbbb"]}),
    "config_terminate_db_instance": ({"instance_id": OTHER}, None),
    "database_tde": ({"instance_id": ID, "db_names": ["shop"], "encryption": "enable"}, {"encryption": "disable"}, TDE),
    "db": ({"instance_id": ID, "name": "added", "charset": "Chinese_PRC_CI_AS", "remark": "first"}, {"remark": "second"}),
    "db_instance_ssl_config": ({"instance_id": ID, "encryption": "enable"}, {"encryption": "disable"}),
    "full_backup_migration": ({"instance_id": ID, "recovery_type": "FULL", "upload_type": "COS_URL", "migration_name": "imported",
                               "backup_files": ["https://bucket.example/a.bak"]}, {"migration_name": "renamed"}),
    "general_backup": ({"instance_id": ID, "backup_name": "made", "strategy": 0}, {"backup_name": "renamed"}),
    "general_clone": ({"instance_id": ID, "old_name": "shop", "new_name": "shop_copy"}, None),
    "general_cloud_instance": ({"name": "cloud", "zone": ZONE, "cpu": 2, "memory": 4, "storage": 100, "machine_type": "CLOUD_BSSD",
                                "instance_charge_type": "POSTPAID", "db_version": "2019", **NETWORK, "project_id": 0,
                                "security_group_list": [SECURITY_GROUP], "weekly": [1, 2], "start_time": "01:00", "span": 4,
                                "resource_tags": [{"tag_key": "team", "tag_value": "storage"}], "collation": "Chinese_PRC_CI_AS",
                                "time_zone": "China Standard Time", "ha_type": "CLUSTER"}, {"name": "renamed", "storage": 120}),
    "general_cloud_ro_instance": ({"instance_id": ID, "zone": ZONE, "read_only_group_type": 2, "read_only_group_name": "more",
                                   "read_only_group_is_offline_delay": 1, "read_only_group_max_delay_time": 10,
                                   "read_only_group_min_in_group": 1, "cpu": 2, "memory": 4, "storage": 50,
                                   "machine_type": "CLOUD_BSSD", "instance_charge_type": "POSTPAID", **NETWORK,
                                   "collation": "Chinese_PRC_CI_AS", "time_zone": "China Standard Time"}, {"storage": 60}),
    "general_communication": ({"instance_id": BI}, None),
    "incre_backup_migration": ({"instance_id": OTHER, "backup_migration_id": WAITING, "is_recovery": "NO",
                                "backup_files": ["third_2_2log2_2noreconvery2.bak"]}, {"is_recovery": "YES", "backup_files": [
                                    "third_2_2log2_2reconvery2.bak"]}),
    "instance": ({"name": "bought", "availability_zone": ZONE, "charge_type": "POSTPAID_BY_HOUR", "memory": 4, "storage": 20,
                  "engine_version": "2019", "ha_type": "CLUSTER", **NETWORK, **MAINTENANCE, "security_groups": [SECURITY_GROUP],
                  "project_id": 0, "tags": {"team": "storage"}}, {"name": "renamed", "storage": 40}),
    "instance_ssl": ({"instance_id": ID, "type": "enable"}, {"type": "disable"}),
    "instance_tde": ({"instance_id": ID, "certificate_attribution": "self"}, None),
    "migration": ({"migrate_name": "copied", "migrate_type": 1, "source_type": 1, "migrate_db_set": [{"db_name": "goods"}],
                   "source": [{"instance_id": OTHER, "user_name": "app", "password": "Secret_word_1"}],
                   "target": [{"instance_id": ID, "user_name": "app", "password": "Secret_word_1"}]}, {"migrate_name": "renamed"}),
    "publish_subscribe": ({"publish_instance_id": ID, "subscribe_instance_id": OTHER, "publish_subscribe_name": "published",
                           "delete_subscribe_db": True,
                           "database_tuples": [{"publish_database": "shop", "subscribe_database": "shop"}]}, None),
    "readonly_instance": ({"name": "reader", "master_instance_id": ID, "availability_zone": ZONE, "charge_type": "POSTPAID_BY_HOUR",
                           "memory": 4, "storage": 20, **NETWORK, "readonly_group_type": 1}, {"name": "renamed"}),
    "renew_db_instance": ({"instance_id": OTHER, "period": 1}, None),
    "renew_postpaid_db_instance": ({"instance_id": BIN}, None),
    "restart_db_instance": ({"instance_id": ID}, None),
    "restore_instance": ({"instance_id": ID, "backup_id": "$BackupId", "rename_restore": [
        {"old_name": "shop", "new_name": "shop_back"}]}, None, BACKUP, FILE),
    "rollback_instance": ({"instance_id": ID, "time": "$Time", "rename_restore": [
        {"old_name": "shop", "new_name": "shop_back"}]}, None, BACKUP,
        ["DescribeRollbackTime", {"InstanceId": ID, "DBs": ["shop"]}, {"Time": "EndTime"}]),
    "start_backup_full_migration": ({"instance_id": ID, "backup_migration_id": FULL}, None),
    "start_backup_incremental_migration": ({"instance_id": ID, "backup_migration_id": FOLLOWED, "incremental_migration_id": LOG}, None),
    "start_xevent": ({"instance_id": ID, "event_config": [{"event_type": "slow", "threshold": 1}]}, None),
    "wan_ip_config": ({"instance_id": ID, "enable_wan_ip": True}, {"enable_wan_ip": False}),
}

SOURCES = {
    "account_db_attachments": ({"instance_id": ID, "account_name": "app"},),
    "accounts": ({"instance_id": ID, "name": "app"},),
    "backup_by_flow_id": ({"instance_id": ID, "flow_id": "$FlowId"}, BACKUP),
    "backup_commands": ({"backup_file_type": "FULL", "data_base_name": "shop", "is_recovery": "YES", "local_path": "D:\\"},),
    "backup_upload_size": ({"instance_id": ID, "backup_migration_id": FULL},),
    "backups": ({"instance_id": ID, "backup_name": "before", **ALWAYS}, BACKUP),
    "basic_instances": ({"name": OTHER},),
    "collation_time_zone": ({},),
    "cross_region_zone": ({"instance_id": ID},),
    "db_charsets": ({"instance_id": ID},),
    "dbs": ({"instance_id": ID},),
    "desc_ha_log": ({"instance_id": ID, "switch_type": 1, **ALWAYS}, SWITCH),
    "ins_attribute": ({"instance_id": ID},),
    "instance_param_records": ({"instance_id": ID}, PARAMETER),
    "instances": ({"name": OTHER},),
    "project_security_groups": ({"project_id": 0},),
    "publish_subscribes": ({"instance_id": ID, "publish_subscribe_name": "listed"}, PUBLICATION),
    "query_xevent": ({"instance_id": ID, "event_type": "slow", **ALWAYS},),
    "readonly_groups": ({"master_instance_id": ID},),
    "regions": ({},),
    "rollback_time": ({"instance_id": ID, "dbs": ["shop"]}, BACKUP),
    "slowlogs": ({"instance_id": ID, **ALWAYS},),
    "upload_backup_info": ({"instance_id": ID, "backup_migration_id": FULL},),
    "upload_incremental_info": ({"instance_id": ID, "backup_migration_id": FOLLOWED, "incremental_migration_id": LOG},),
    "zone_config": ({},),
}
