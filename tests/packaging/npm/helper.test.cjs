// Tests what the examples do not show of the helper.
"use strict";

const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { sqlserver } = require("tencentcloud-sdk-nodejs-sqlserver");
const { findProgram, start, VirgaError } = require("virga");

let server;
before(async () => {
  server = await start({ args: ["--seed", "1", "--clock", "2026-01-01T00:00:00+08:00"] });
});
after(() => server.stop());

const clientOf = (caller) => new sqlserver.v20180328.Client(caller.clientConfig());
const create = (caller) => clientOf(caller).CreateBackup({ InstanceId: caller.instance });

test("accounts share no calls, no fault rules and no backups", async () => {
  const [one, other] = [await server.account(), await server.account()];
  const fault = await one.addFault({ action: "CreateBackup", code: "InternalError.SystemError" });
  await assert.rejects(create(one), { code: "InternalError.SystemError" });
  await create(other);
  assert.equal(await fault.hits(), 1);
  assert.deepEqual((await one.requests()).map((call) => call.code), ["InternalError.SystemError"]);
  assert.deepEqual((await other.requests({ action: "CreateBackup" })).map((call) => call.code), ["ok"]);
  assert.equal(await other.verify({ action: "CreateBackup", count: { max: 1 } }), 1);
});

test("a removed account leaves no rule and no credential", async () => {
  const account = await server.account();
  await account.addFault({ action: "CreateBackup", delay_ms: 1 });
  await account.remove();
  const { faults } = await server.control("GET", "/faults");
  assert.ok(!faults.some((rule) => rule.secret_id === account.secretId));
  await assert.rejects(create(account), { code: "AuthFailure.SecretIdNotFound" });
});

test("an account has the world that is described", async () => {
  const world = { regions: [{ region: "ap-shanghai", instances: [{ instance_id: "mssql-own00001", name: "own" }] }] };
  const account = await server.account(world);
  assert.deepEqual([account.region, account.instance], ["ap-shanghai", "mssql-own00001"]);
});

test("an expectation that is not met says what was called instead", async () => {
  const account = await server.account();
  await create(account);
  const expected = { action: "CreateBackup", params: { InstanceId: "mssql-other" } };
  await assert.rejects(account.verify(expected), (error) => {
    assert.ok(error instanceof VirgaError);
    assert.equal(error.status, 409);
    assert.match(error.message, /params\.InstanceId was "mssql-/);
    return true;
  });
});

test("a rule with an unknown name is refused", () =>
  assert.rejects(server.addFault({ acton: "CreateBackup" }), (error) => error instanceof VirgaError && error.status === 400));

test("the clock is frozen, moved and real", async () => {
  const before = await server.clock.now();
  assert.equal(before.mode, "frozen");
  assert.equal((await server.clock.advance(60)).unix_ms, before.unix_ms + 60000);
  assert.equal((await server.clock.freeze("2027-01-01T00:00:00+08:00")).time, "2027-01-01T00:00:00+08:00");
  assert.equal((await server.clock.real()).mode, "real");
});

test("the last rejected call is explained", async () => {
  await assert.rejects(clientOf(server).CreateBackup({ InstanceId: "mssql-nosuchin" }));
  assert.equal((await server.why()).code, "ResourceNotFound.InstanceNotFound");
});

test("a reset of an account removes its backups", async () => {
  const account = await server.account();
  await create(account);
  assert.equal((await account.reset("backups")).removed.backups, 1);
});

test("a start that fails says why", async () => {
  await assert.rejects(start({ args: ["--nonsense"] }), /virga did not start: exit code 2\n.*--nonsense/s);
  await assert.rejects(start({ program: "/nonexistent/virga" }), /virga did not start: .*ENOENT/);
});

test("the program is the option, VIRGA_BIN, then that of the package", () => {
  process.env.VIRGA_BIN = "/some/virga";
  assert.equal(findProgram("/other/virga"), "/other/virga");
  assert.equal(findProgram(), "/some/virga");
  delete process.env.VIRGA_BIN;
  assert.match(findProgram(), new RegExp(`@virga/${process.platform}-${process.arch}/bin/virga$`));
});

test("an environment variable of virga does not reach the server", async () => {
  process.env.VIRGA_SEED = "no number";
  const other = await start();
  delete process.env.VIRGA_SEED;
  await other.stop();
});

test("a server keeps no program alive, and ends with it", async () => {
  const program = 'require("virga").start().then((server) => console.log(server.endpoint))';
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8", cwd: __dirname });
  assert.equal(status, 0, stderr);
  const endpoint = stdout.trim();
  assert.match(endpoint, /^http:/);
  // The server has been sent a signal; its effect is awaited.
  for (let alive = true; alive; ) alive = await fetch(endpoint).then(() => true, () => false);
});

test("a stop can be awaited when nothing else is left to do", (t) => {
  // A descendant that keeps the server's output open: only the end of the server itself can be awaited.
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "virga-npm-"));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const script = path.join(folder, "virga");
  fs.writeFileSync(script, `#!/bin/sh\nsleep 3 &\nexec ${findProgram()} "$@"\n`, { mode: 0o755 });
  const program = `(async () => {
    const server = await require("virga").start({ program: ${JSON.stringify(script)} });
    await server.stop();
    console.log("stopped");
  })()`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", program], { encoding: "utf8", cwd: __dirname });
  assert.equal(stdout, "stopped\n", stderr);
});
