// Tests how backup.js handles errors of the cloud: npm install && npm test
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");
const { useVirga } = require("virga/node-test");
const { BackupFailed, backup, begin, connect, find, finish } = require("./backup.js");

const PAUSE_MS = 1;
const HOUR = 3600;

// One server for this file, without rate limits and with backups that are done at once; one account for each test.
const virga = useVirga({ args: ["--flow-seconds", "backup=0", "--limit", "off"] });

test("a backup is made", async () => {
  const { account } = virga;
  const client = connect(account.clientConfig());
  const name = await backup(client, account.instance, PAUSE_MS);
  assert.equal((await find(client, account.instance, name)).length, 1);
});

test("a throttled call is retried", async () => {
  const { account } = virga;
  const limit = await account.addFault({ action: "CreateBackup", code: "RequestLimitExceeded", count: 2 });
  await backup(connect(account.clientConfig()), account.instance, PAUSE_MS);
  assert.equal(await limit.hits(), 2);
  const refused = { action: "CreateBackup", code: "RequestLimitExceeded" };
  await account.verify({ in_order: [refused, refused, { action: "CreateBackup", code: "ok" }] });
});

test("an internal error of the second call is retried", async () => {
  const { account } = virga;
  const client = connect(account.clientConfig());
  await account.addFault({ action: "CreateBackup", code: "InternalError.SystemError", after: 1, count: 1 });
  await backup(client, account.instance, PAUSE_MS);
  const second = await backup(client, account.instance, PAUSE_MS);
  assert.equal((await find(client, account.instance, second)).length, 1);
  await account.verify({ action: "CreateBackup", count: { min: 3, max: 3 } });
});

test("a lost response makes no second backup", async () => {
  const { account } = virga;
  const client = connect(account.clientConfig());
  await account.addFault({ action: "CreateBackup", close: "after_commit", count: 1 });
  const name = await backup(client, account.instance, PAUSE_MS);
  assert.equal((await find(client, account.instance, name)).length, 1);
  await account.verify({ action: "CreateBackup", count: { min: 1, max: 1 } });
});

test("a slow backup is finished when the clock has moved", async () => {
  const { account, server } = virga;
  const client = connect(account.clientConfig());
  await account.addFault({ action: "CreateBackup", flow_seconds: HOUR });
  const flow = await begin(client, account.instance, "slow", PAUSE_MS);
  assert.equal((await client.DescribeFlowStatus({ FlowId: flow })).Status, 2);
  await server.clock.advance(HOUR);
  await finish(client, flow, PAUSE_MS);
});

test("a failed flow is reported", async () => {
  const { account } = virga;
  await account.addFault({ action: "CreateBackup", flow_outcome: "failure" });
  await assert.rejects(backup(connect(account.clientConfig()), account.instance, PAUSE_MS), BackupFailed);
});
