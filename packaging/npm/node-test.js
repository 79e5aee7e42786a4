"use strict";

const { before, after, beforeEach, afterEach } = require("node:test");
const { useVirga } = require("./hooks.js");

exports.useVirga = (options) => useVirga({ beforeAll: before, afterAll: after, beforeEach, afterEach }, options);
