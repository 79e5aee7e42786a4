import com.tencentcloudapi.common.exception.TencentCloudSDKException;
import com.tencentcloudapi.sqlserver.v20180328.SqlserverClient;
import com.tencentcloudapi.sqlserver.v20180328.models.*;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An instance from its purchase to its end, with what a client makes in it. */
final class WholeInstance {
    private final SqlserverClient client;
    private final Config config;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private String instance;

    WholeInstance(SqlserverClient client, Config config) {
        this.client = client;
        this.config = config;
    }

    private void await(long flow) throws TencentCloudSDKException, InterruptedException {
        DescribeFlowStatusRequest request = new DescribeFlowStatusRequest();
        request.setFlowId(flow);
        long end = System.nanoTime() + config.pollLimitSeconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            long status = client.DescribeFlowStatus(request).getStatus();
            if (status == 0) {
                return;
            }
            if (status != 2) {
                throw new IllegalStateException("flow " + flow + " ended with " + status);
            }
            Thread.sleep(config.pollMs);
        }
        throw new IllegalStateException("flow " + flow + " still runs");
    }

    private void buy() throws TencentCloudSDKException, InterruptedException {
        ResourceTag tag = new ResourceTag();
        tag.setTagKey("made by");
        tag.setTagValue("java");
        CreateDBInstancesRequest request = new CreateDBInstancesRequest();
        request.setZone(config.region + "-3");
        request.setMemory(4L);
        request.setStorage(20L);
        request.setInstanceChargeType("POSTPAID");
        request.setDBVersion("2017");
        request.setVpcId("vpc-aaaaaaaa");
        request.setSubnetId("subnet-aaaaaaaa");
        request.setResourceTags(new ResourceTag[] {tag});
        DescribeOrdersRequest order = new DescribeOrdersRequest();
        order.setDealNames(new String[] {client.CreateDBInstances(request).getDealName()});
        DealInfo deal = client.DescribeOrders(order).getDeals()[0];
        instance = deal.getInstanceIdSet()[0];
        await(deal.getFlowId());
    }

    private DBInstance shown() throws TencentCloudSDKException {
        DescribeDBInstancesRequest request = new DescribeDBInstancesRequest();
        request.setInstanceIdSet(new String[] {instance});
        return client.DescribeDBInstances(request).getDBInstances()[0];
    }

    private void tags() throws TencentCloudSDKException {
        DBInstance found = shown();
        Map<String, String> tags = new LinkedHashMap<>();
        for (ResourceTag tag : found.getResourceTags()) {
            tags.put(tag.getTagKey(), tag.getTagValue());
        }
        facts.put("status", found.getStatus());
        facts.put("tags", tags);
    }

    private void account() throws TencentCloudSDKException, InterruptedException {
        AccountCreateInfo account = new AccountCreateInfo();
        account.setUserName("app");
        account.setPassword("Secret_word_1");
        CreateAccountRequest request = new CreateAccountRequest();
        request.setInstanceId(instance);
        request.setAccounts(new AccountCreateInfo[] {account});
        await(client.CreateAccount(request).getFlowId());
    }

    private void database() throws TencentCloudSDKException, InterruptedException {
        DBCreateInfo database = new DBCreateInfo();
        database.setDBName("shop");
        database.setCharset("Chinese_PRC_CI_AS");
        CreateDBRequest request = new CreateDBRequest();
        request.setInstanceId(instance);
        request.setDBs(new DBCreateInfo[] {database});
        await(client.CreateDB(request).getFlowId());
    }

    private void privilege() throws TencentCloudSDKException, InterruptedException {
        DBPrivilegeModifyInfo on = new DBPrivilegeModifyInfo();
        on.setDBName("shop");
        on.setPrivilege("ReadOnly");
        AccountPrivilegeModifyInfo of = new AccountPrivilegeModifyInfo();
        of.setUserName("app");
        of.setDBPrivileges(new DBPrivilegeModifyInfo[] {on});
        ModifyAccountPrivilegeRequest request = new ModifyAccountPrivilegeRequest();
        request.setInstanceId(instance);
        request.setAccounts(new AccountPrivilegeModifyInfo[] {of});
        await(client.ModifyAccountPrivilege(request).getFlowId());
        DescribeAccountsRequest list = new DescribeAccountsRequest();
        list.setInstanceId(instance);
        AccountDetail account = client.DescribeAccounts(list).getAccounts()[0];
        DBPrivilege granted = account.getDbs()[0];
        facts.put("privilege", new String[] {account.getName(), granted.getDBName(), granted.getPrivilege()});
    }

    private static RenameRestoreDatabase[] names(String as) {
        RenameRestoreDatabase names = new RenameRestoreDatabase();
        names.setOldName("shop");
        names.setNewName(as);
        return new RenameRestoreDatabase[] {names};
    }

    /** Makes a backup, and restores it to a new database. */
    private void backUp() throws TencentCloudSDKException, InterruptedException {
        CreateBackupRequest request = new CreateBackupRequest();
        request.setInstanceId(instance);
        await(client.CreateBackup(request).getFlowId());
        DescribeBackupsRequest list = new DescribeBackupsRequest();
        list.setInstanceId(instance);
        list.setStartTime("2000-01-01 00:00:00");
        list.setEndTime("2099-01-01 00:00:00");
        DescribeBackupsResponse found = client.DescribeBackups(list);
        facts.put("backups", found.getTotalCount());
        RestoreInstanceRequest restore = new RestoreInstanceRequest();
        restore.setInstanceId(instance);
        restore.setBackupId(found.getBackups()[0].getId());
        restore.setRenameRestore(names("shop_back"));
        await(client.RestoreInstance(restore).getFlowId());
    }

    private void cloneDatabase() throws TencentCloudSDKException, InterruptedException {
        CloneDBRequest request = new CloneDBRequest();
        request.setInstanceId(instance);
        request.setRenameRestore(names("shop_copy"));
        await(client.CloneDB(request).getFlowId());
        DescribeDBsRequest list = new DescribeDBsRequest();
        list.setInstanceIdSet(new String[] {instance});
        List<String> databases = new ArrayList<>();
        for (DBDetail database : client.DescribeDBs(list).getDBInstances()[0].getDBDetails()) {
            databases.add(database.getName());
        }
        facts.put("databases", databases);
    }

    /** Isolates the instance and takes it from the recycle bin. */
    private void end() throws TencentCloudSDKException {
        TerminateDBInstanceRequest request = new TerminateDBInstanceRequest();
        request.setInstanceIdSet(new String[] {instance});
        client.TerminateDBInstance(request);
        facts.put("isolated", shown().getStatus());
        DeleteDBInstanceRequest removal = new DeleteDBInstanceRequest();
        removal.setInstanceId(instance);
        client.DeleteDBInstance(removal);
        facts.put("deleted", shown().getStatus());
    }

    Map<String, Object> run() throws TencentCloudSDKException, InterruptedException {
        buy();
        tags();
        account();
        database();
        privilege();
        backUp();
        cloneDatabase();
        end();
        return facts;
    }
}
