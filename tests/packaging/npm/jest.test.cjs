// The entry for jest, with the hooks of node:test under the names that jest gives them.
"use strict";

const assert = require("node:assert/strict");
const { after, afterEach, before, beforeEach, test } = require("node:test");

Object.assign(globalThis, { beforeAll: before, afterAll: after, beforeEach, afterEach });
const virga = require("virga/jest").useVirga();
let first;

test("there are a server and an account", async () => {
  first = virga.account.uin;
  assert.deepEqual(await virga.account.requests(), []);
});

test("the next test has another account", async () => {
  assert.notEqual(virga.account.uin, first);
  await assert.rejects(virga.server.control("DELETE", `/accounts/${first}`), { status: 404 });
});
