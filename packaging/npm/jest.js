// jest defines the hooks as global functions in each test file.
"use strict";

const { useVirga } = require("./hooks.js");

exports.useVirga = (options) => useVirga(globalThis, options);
