// Tests how backup.ts handles errors of the cloud: npm install && npm test
import { beforeEach, expect, test } from "vitest";
import type { Rule } from "virga";
import { useVirga } from "virga/vitest";
import { BackupFailed, Client, backup, begin, count, finish, status } from "./backup.js";

const PAUSE_MS = 1;
const HOUR = 3600;
const RUNNING = 2;

// One server for this file, without rate limits and with backups that are done at once; one account for each test.
const virga = useVirga({ args: ["--flow-seconds", "backup=0", "--limit", "off"] });

let client: Client;
let instance: string;

beforeEach(() => {
  client = new Client(virga.account.clientConfig());
  instance = virga.account.instance;
});

const addFault = (rule: Rule) => virga.account.addFault({ action: "CreateBackup", ...rule });

test("a backup is made", async () => {
  const name = await backup(client, instance, PAUSE_MS);
  expect(await count(client, instance, name)).toBe(1);
});

test("a throttled call is retried", async () => {
  const limit = await addFault({ code: "RequestLimitExceeded", count: 2 });
  await backup(client, instance, PAUSE_MS);
  expect(await limit.hits()).toBe(2);
  const refused = { action: "CreateBackup", code: "RequestLimitExceeded" };
  await virga.account.verify({ in_order: [refused, refused, { action: "CreateBackup", code: "ok" }] });
});

test("an internal error of the second call is retried", async () => {
  await addFault({ code: "InternalError.SystemError", after: 1, count: 1 });
  await backup(client, instance, PAUSE_MS);
  const second = await backup(client, instance, PAUSE_MS);
  expect(await count(client, instance, second)).toBe(1);
  await virga.account.verify({ action: "CreateBackup", count: { min: 3, max: 3 } });
});

test("a lost response makes no second backup", async () => {
  await addFault({ close: "after_commit", count: 1 });
  const name = await backup(client, instance, PAUSE_MS);
  expect(await count(client, instance, name)).toBe(1);
  await virga.account.verify({ action: "CreateBackup", count: { min: 1, max: 1 } });
});

test("a slow backup is finished when the clock has moved", async () => {
  await addFault({ flow_seconds: HOUR });
  const flow = (await begin(client, instance, "slow", PAUSE_MS))!;
  expect(await status(client, flow)).toBe(RUNNING);
  await virga.server.clock.advance(HOUR);
  await finish(client, flow, PAUSE_MS);
});

test("a failed flow is reported", async () => {
  await addFault({ flow_outcome: "failure" });
  await expect(backup(client, instance, PAUSE_MS)).rejects.toBeInstanceOf(BackupFailed);
});
