// What the entries for the test frameworks share.
"use strict";

const { start } = require("./index.js");

/**
 * Registers hooks that start a server before the first test, create an account before each test, and remove both after
 * it. Returns an object whose `server` and `account` are those of the running test.
 */
function useVirga({ beforeAll, afterAll, beforeEach, afterEach }, options) {
  const context = {};
  beforeAll(async () => {
    context.server = await start(options);
  });
  beforeEach(async () => {
    context.account = await context.server.account(options && options.world);
  });
  // What could not be made is absent; the hook that failed has said why.
  afterEach(async () => {
    if (context.account) await context.account.remove();
    context.account = undefined;
  });
  afterAll(async () => {
    if (context.server) await context.server.stop();
  });
  return context;
}

module.exports = { useVirga };
