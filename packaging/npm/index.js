// Starts virga for tests and sends requests to its control API. docs/protocol.md describes what this file relies on.
"use strict";

const { spawn } = require("node:child_process");
const http = require("node:http");
const readline = require("node:readline");

const START_MS = 30000; // a start takes some milliseconds
const ERROR_TEXT = 4096; // characters of a failed start that are shown

/** The program: the option, VIRGA_BIN, the one of the package for this platform, or the one on PATH. */
function findProgram(option) {
  if (option || process.env.VIRGA_BIN) return option || process.env.VIRGA_BIN;
  try {
    return require.resolve(`@virga/${process.platform}-${process.arch}/bin/virga`);
  } catch {
    return "virga";
  }
}

/** The environment without virga's variables, each of which is an option of the server. */
function environment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VIRGA_")));
}

/** Resolves with the object of the ready line. Rejects with what the program has written when it ends before. */
function readyLine(child) {
  return new Promise((resolve, reject) => {
    let errors = "";
    const fail = (reason) => reject(new Error(`virga did not start: ${reason}\n${errors}`));
    const timer = setTimeout(() => {
      child.kill();
      fail(`no ready line within ${START_MS} ms`);
    }, START_MS);
    child.stderr.on("data", (text) => (errors = (errors + text).slice(-ERROR_TEXT)));
    child.on("error", (error) => fail(error.message));
    child.on("close", (code) => {
      clearTimeout(timer);
      fail(`exit code ${code}`);
    });
    readline.createInterface({ input: child.stdout }).once("line", (line) => {
      clearTimeout(timer);
      resolve(JSON.parse(line));
    });
  });
}

/** Starts a server in memory on a free port. */
async function start(options = {}) {
  const args = ["serve", "--memory", "--port", "0", "--json", "--quiet", "--until-eof", ...(options.args || [])];
  // The end of this process, however it comes, closes the server's standard input, which ends the server.
  const child = spawn(findProgram(options.program), args, { env: environment(), stdio: "pipe" });
  child.stdin.on("error", () => {}); // the server has ended
  const ready = await readyLine(child);
  for (const handle of [child, ...child.stdio]) handle.unref(); // the server keeps no process alive
  return new Server(ready, child);
}

/** An error of the control API. `code` is its code, `hint` how to avoid it. */
class VirgaError extends Error {
  constructor(status, { code, message, hint }) {
    super(hint ? `${message}; ${hint}` : message);
    Object.assign(this, { name: "VirgaError", status, code, hint });
  }
}

/** Sends one request to the control API. Without the proxy of the environment and without a connection that stays open. */
function send(url, method, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part) => (text += part));
      response.on("error", reject);
      response.on("end", () => {
        const answer = JSON.parse(text);
        if (response.statusCode < 300) resolve(answer);
        else reject(new VirgaError(response.statusCode, answer.error));
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A path with the parameters that are given. */
function withQuery(path, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return given.length ? `${path}?${new URLSearchParams(given)}` : path;
}

/** A fault rule that the server has. */
class Fault {
  constructor(server, id) {
    Object.assign(this, { server, id });
  }
  rule() {
    return this.server.control("GET", `/faults/${this.id}`);
  }
  async hits() {
    return (await this.rule()).hits;
  }
  remove() {
    return this.server.control("DELETE", `/faults/${this.id}`);
  }
}

/** What a server and an account have in common. `scope` is empty for the server, else the SecretId of the account. */
class Caller {
  constructor(server, ready, scope) {
    Object.assign(this, { secretId: ready.secret_id, secretKey: ready.secret_key, region: ready.region });
    Object.defineProperties(this, { owner: { value: server || this }, scope: { value: scope } });
  }
  /** The configuration of a client of the SDK. */
  clientConfig() {
    const httpProfile = { protocol: "http://", endpoint: this.owner.address };
    return {
      credential: { secretId: this.secretId, secretKey: this.secretKey },
      region: this.region,
      profile: { httpProfile },
    };
  }
  async addFault(rule) {
    const { id } = await this.owner.control("POST", "/faults", { ...this.scope, ...rule });
    return new Fault(this.owner, id);
  }
  async requests(filter = {}) {
    return (await this.owner.control("GET", withQuery("/requests", { ...this.scope, ...filter }))).requests;
  }
  /** Resolves with the number of calls that matched. Rejects when the expected calls were not made. */
  async verify(expected) {
    const scoped = (call) => ({ ...this.scope, ...call });
    const body = expected.in_order ? { ...expected, in_order: expected.in_order.map(scoped) } : scoped(expected);
    return (await this.owner.control("POST", "/verify", body)).matched;
  }
}

/** A credential with resources of its own. */
class Account extends Caller {
  constructor(server, made) {
    super(server, made, { secret_id: made.secret_id });
    Object.assign(this, { uin: made.uin, instance: made.instance_id });
  }
  reset(scope) {
    return this.owner.control("POST", withQuery("/reset", { account: this.uin, scope }));
  }
  /** Removes the account, with its fault rules. */
  async remove() {
    const { faults } = await this.owner.control("GET", "/faults");
    for (const { id, secret_id } of faults)
      if (secret_id === this.secretId) await this.owner.control("DELETE", `/faults/${id}`);
    return this.owner.control("DELETE", `/accounts/${this.uin}`);
  }
}

class Server extends Caller {
  constructor(ready, child) {
    super(null, ready, {});
    const { host } = new URL(ready.endpoint);
    Object.assign(this, { endpoint: ready.endpoint, address: host, instance: ready.instance, pid: ready.pid });
    Object.defineProperties(this, { child: { value: child }, base: { value: ready.control } });
    this.clock = {
      now: () => this.control("GET", "/clock"),
      freeze: (time) => this.control("PUT", "/clock", { mode: "frozen", time }),
      advance: (seconds) => this.control("POST", "/clock/advance", { seconds }),
      real: () => this.control("PUT", "/clock", { mode: "real" }),
    };
  }
  /** Any request of the control API. */
  control(method, path, body) {
    return send(this.base + path, method, body);
  }
  async account(world) {
    return new Account(this, await this.control("POST", "/accounts", world ? { world } : {}));
  }
  /** Explains why a call was rejected: of a RequestId, or the last one. */
  why(requestId = "last") {
    return this.control("GET", `/why/${requestId}`);
  }
  reset(scope) {
    return this.control("POST", withQuery("/reset", { scope }));
  }
  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.ref();
    const ended = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await ended;
  }
}

module.exports = { start, findProgram, Server, Account, Fault, VirgaError };
