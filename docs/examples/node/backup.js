// Backs up an instance and waits until the backup is finished: a typical user's module, with the cloud's own SDK.
"use strict";

const { randomUUID } = require("node:crypto");
const { setTimeout: sleep } = require("node:timers/promises");
const { sqlserver } = require("tencentcloud-sdk-nodejs-sqlserver");

const ATTEMPTS = 4;
const SUCCESS = 0; // of a flow's Status; 2 is running
const FAILURE = 1;

/** The backup was started and failed, or could not be started. */
class BackupFailed extends Error {}

const connect = (config) => new sqlserver.v20180328.Client(config);

/** Whether the response was lost. The SDK sets no code then, and the service may have executed the call. */
const isLost = (error) => !error.code || /^E[A-Z]+$/.test(error.code);

const isTemporary = (error) => isLost(error) || /^(RequestLimitExceeded|InternalError)/.test(error.code);

/** The backups of that name. */
async function find(client, instance, name) {
  const request = { InstanceId: instance, BackupName: name, StartTime: "2000-01-01 00:00:00", EndTime: "2099-12-31 00:00:00" };
  return (await client.DescribeBackups(request)).Backups.filter((backup) => backup.BackupName === name);
}

/** Starts the backup. Resolves with the id of its flow, or with null when the backup exists already. */
async function begin(client, instance, name, pauseMs = 1000) {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await client.CreateBackup({ InstanceId: instance, BackupName: name })).FlowId;
    } catch (error) {
      if (!isTemporary(error) || attempt === ATTEMPTS) throw new BackupFailed(error.code || error.message, { cause: error });
      // A second call would make a second backup.
      if (isLost(error) && (await find(client, instance, name)).length > 0) return null;
    }
    await sleep(pauseMs * 2 ** (attempt - 1));
  }
}

/** Waits until the flow has ended. */
async function finish(client, flow, pauseMs = 1000) {
  for (;;) {
    const { Status } = await client.DescribeFlowStatus({ FlowId: flow });
    if (Status === FAILURE) throw new BackupFailed(`flow ${flow} failed`);
    if (Status === SUCCESS) return;
    await sleep(pauseMs);
  }
}

/** Makes a backup and resolves with its name. */
async function backup(client, instance, pauseMs) {
  const name = `nightly_${randomUUID().slice(0, 8)}`;
  const flow = await begin(client, instance, name, pauseMs);
  if (flow !== null) await finish(client, flow, pauseMs);
  return name;
}

module.exports = { BackupFailed, backup, begin, connect, find, finish };
