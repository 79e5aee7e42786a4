// An instance from its purchase to its end, with what a client makes in it.
"use strict";

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function wait(client, config, flow) {
  for (const end = Date.now() + config.poll_limit_seconds * 1000; Date.now() < end; await sleep(config.poll_ms)) {
    const { Status } = await client.DescribeFlowStatus({ FlowId: flow });
    if (Status === 0) return;
    if (Status !== 2) throw new Error(`flow ${flow} ended with ${Status}`);
  }
  throw new Error(`flow ${flow} still runs after ${config.poll_limit_seconds} s`);
}

// Buys an instance, and returns its id when it runs.
async function buy(client, config) {
  const { DealName } = await client.CreateDBInstances({
    Zone: `${config.region}-3`,
    Memory: 4,
    Storage: 20,
    InstanceChargeType: "POSTPAID",
    DBVersion: "2017",
    VpcId: "vpc-aaaaaaaa",
    SubnetId: "subnet-aaaaaaaa",
    ResourceTags: [{ TagKey: "made by", TagValue: "node" }],
  });
  const { Deals } = await client.DescribeOrders({ DealNames: [DealName] });
  await wait(client, config, Deals[0].FlowId);
  return Deals[0].InstanceIdSet[0];
}

async function shown(client, InstanceId) {
  return (await client.DescribeDBInstances({ InstanceIdSet: [InstanceId] })).DBInstances[0];
}

async function privilege(client, InstanceId) {
  const { Accounts } = await client.DescribeAccounts({ InstanceId });
  const { DBName, Privilege } = Accounts[0].Dbs[0];
  return [Accounts[0].Name, DBName, Privilege];
}

// Makes a backup, and restores it to a new database. Returns how many backups there are.
async function backUp(client, run, InstanceId) {
  await run(client.CreateBackup({ InstanceId }));
  const window = { StartTime: "2000-01-01 00:00:00", EndTime: "2099-01-01 00:00:00" };
  const { Backups, TotalCount } = await client.DescribeBackups({ InstanceId, ...window });
  const names = { OldName: "shop", NewName: "shop_back" };
  await run(client.RestoreInstance({ InstanceId, BackupId: Backups[0].Id, RenameRestore: [names] }));
  return TotalCount;
}

async function wholeInstance(client, config) {
  const run = async (call) => wait(client, config, (await call).FlowId);
  const InstanceId = await buy(client, config);
  const { Status: status, ResourceTags } = await shown(client, InstanceId);
  const tags = Object.fromEntries(ResourceTags.map((tag) => [tag.TagKey, tag.TagValue]));

  await run(client.CreateAccount({ InstanceId, Accounts: [{ UserName: "app", Password: "Secret_word_1" }] }));
  await run(client.CreateDB({ InstanceId, DBs: [{ DBName: "shop", Charset: "Chinese_PRC_CI_AS" }] }));
  const grant = { UserName: "app", DBPrivileges: [{ DBName: "shop", Privilege: "ReadOnly" }] };
  await run(client.ModifyAccountPrivilege({ InstanceId, Accounts: [grant] }));
  const granted = await privilege(client, InstanceId);

  const backups = await backUp(client, run, InstanceId);
  await run(client.CloneDB({ InstanceId, RenameRestore: [{ OldName: "shop", NewName: "shop_copy" }] }));
  const { DBInstances } = await client.DescribeDBs({ InstanceIdSet: [InstanceId] });
  const databases = DBInstances[0].DBDetails.map((database) => database.Name);

  await client.TerminateDBInstance({ InstanceIdSet: [InstanceId] });
  const { Status: isolated } = await shown(client, InstanceId);
  await client.DeleteDBInstance({ InstanceId });
  const { Status: deleted } = await shown(client, InstanceId);
  return { status, tags, privilege: granted, backups, databases, isolated, deleted };
}

module.exports = { wholeInstance };
