#!/usr/bin/env node
// Runs the program with the arguments of this command, and ends as it ends.
"use strict";

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { findProgram } = require("../index.js");

// Before the start: the program can be ready, and a signal can come, before this one has run on.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
const child = spawn(findProgram(), process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`virga: ${error.message}`);
  process.exit(127);
});
child.on("close", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
