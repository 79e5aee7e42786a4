// Drives the SQL Server client of the SDK for Node.js against a local endpoint; its argument is a configuration file, its
// output a line of JSON per step. Plain CommonJS, so that it runs on Node.js 18 as well.
"use strict";

const dns = require("dns");
const fs = require("fs");
const { sqlserver } = require("tencentcloud-sdk-nodejs-sqlserver");
const { wholeInstance } = require("./instance");
const SdkException =
  require("tencentcloud-sdk-nodejs-common/tencentcloud/common/exception/tencent_cloud_sdk_exception").default;

const Client = sqlserver.v20180328.Client;
const config = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const WRONG_KEY = "not-the-key-of-this-credential00";
const MOST_CALLS = 60;

// Node.js 18 would take ::1 for localhost where a hosts file names it first, and does not try the next address.
dns.setDefaultResultOrder("ipv4first");

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// A client, with what the step varies: method, sign, language, key, burst, endpoint.
function clientFor(how) {
  const credential = how.burst
    ? { secretId: config.burst_id, secretKey: config.burst_key }
    : { secretId: config.secret_id, secretKey: how.key || config.secret_key };
  return new Client({
    credential,
    region: config.region,
    profile: {
      signMethod: how.sign,
      language: how.language,
      httpProfile: {
        protocol: `${config.scheme}://`,
        endpoint: how.endpoint || config.endpoint,
        reqMethod: how.method || "POST",
      },
    },
  });
}

function create(client, instance, name) {
  return client.CreateBackup({
    InstanceId: instance,
    Strategy: 1,
    DBNames: config.databases,
    BackupName: config.backup_name + name,
    StorageStrategy: 1,
  });
}

// One backup on an instance of its own, its flow asked for once by the same kind of request.
const backup = (how, instance, name) => async () => {
  const client = clientFor(how);
  const made = await create(client, config.instances[instance], name);
  const flow = await client.DescribeFlowStatus({ FlowId: made.FlowId });
  return { flow_id: made.FlowId, status: flow.Status, request_id: made.RequestId };
};

const done = (instance) => async () => {
  const client = clientFor({});
  const made = await create(client, config.instances[instance], "done");
  const statuses = [];
  for (const end = Date.now() + config.poll_limit_seconds * 1000; Date.now() < end; await sleep(config.poll_ms)) {
    const flow = await client.DescribeFlowStatus({ FlowId: made.FlowId });
    statuses.push(flow.Status);
    if (flow.Status !== 2) return { statuses };
  }
  throw new Error(`still running after ${config.poll_limit_seconds} s`);
};

// The SDK's own exception taken apart; any other is passed on and fails the step.
function refused(error) {
  if (!(error instanceof SdkException) || !error.code) throw error;
  return { code: error.code, message: error.message, request_id: error.requestId };
}

const failing = (how, instance) => async () => {
  try {
    await create(clientFor(how), instance, "failing");
  } catch (error) {
    return refused(error);
  }
  throw new Error("the call was accepted");
};

async function limit() {
  const client = clientFor({ burst: true, language: "en-US" });
  for (let calls = 1; calls <= MOST_CALLS; calls++) {
    try {
      await create(client, config.unknown, "limit");
    } catch (error) {
      // An instance that is not found has passed the limiter.
      if (error.code !== "ResourceNotFound.InstanceNotFound") return { calls, ...refused(error) };
    }
  }
  throw new Error(`no refusal in ${MOST_CALLS} calls`);
}

// The client takes the scope's service from its endpoint: "127" in most steps, "localhost:PORT" in one.
const localhost = `localhost:${config.endpoint.split(":").pop()}`;

const steps = {
  "create.tc3_post": backup({}, 0, "tc3_post"),
  "create.tc3_get": backup({ method: "GET" }, 1, "tc3_get"),
  "create.sha1_post": backup({ sign: "HmacSHA1" }, 2, "sha1_post"),
  "create.sha1_get": backup({ sign: "HmacSHA1", method: "GET" }, 3, "sha1_get"),
  "create.sha256_post": backup({ sign: "HmacSHA256" }, 4, "sha256_post"),
  "create.sha256_get": backup({ sign: "HmacSHA256", method: "GET" }, 5, "sha256_get"),
  "create.localhost": backup({ endpoint: localhost }, 6, "localhost"),
  "flow.done": done(7),
  instance: () => wholeInstance(clientFor({}), config),
  "not_found.default": failing({}, config.unknown),
  "not_found.en": failing({ language: "en-US" }, config.unknown),
  "not_found.zh": failing({ language: "zh-CN" }, config.unknown),
  "signature.en": failing({ language: "en-US", key: WRONG_KEY }, config.instances[0]),
  "signature.zh": failing({ language: "zh-CN", key: WRONG_KEY }, config.instances[0]),
  "signature.v1": failing({ language: "en-US", key: WRONG_KEY, sign: "HmacSHA256" }, config.instances[0]),
  "limit.refused": limit,
};

async function main() {
  for (const [step, run] of Object.entries(steps)) {
    let line;
    try {
      line = { step, ok: true, ...(await run()) };
    } catch (error) {
      line = { step, ok: false, error: String(error.stack || error) };
    }
    console.log(JSON.stringify(line));
  }
}

main();
