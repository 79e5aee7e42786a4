// Backs up an instance and waits until the backup is finished: a typical user's module, with the cloud's own SDK.
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { sqlserver } from "tencentcloud-sdk-nodejs-sqlserver";

export const Client = sqlserver.v20180328.Client;
export type Client = InstanceType<typeof Client>;

const ATTEMPTS = 4;
const SUCCESS = 0; // of a flow's Status; 2 is running
const FAILURE = 1;

/** The backup was started and failed, or could not be started. */
export class BackupFailed extends Error {}

interface CallError extends Error {
  code?: string;
}

/** Whether the response was lost. The SDK sets no code then, and the service may have executed the call. */
function isLost({ code }: CallError): boolean {
  return !code || /^E[A-Z]+$/.test(code);
}

function isTemporary(error: CallError): boolean {
  return isLost(error) || /^(RequestLimitExceeded|InternalError)/.test(error.code ?? "");
}

/** How many backups have that name. */
export async function count(client: Client, instance: string, name: string): Promise<number> {
  const period = { StartTime: "2000-01-01 00:00:00", EndTime: "2099-12-31 00:00:00" };
  const { Backups } = await client.DescribeBackups({ InstanceId: instance, BackupName: name, ...period });
  return (Backups ?? []).filter((backup) => backup.BackupName === name).length;
}

/** Starts the backup. Resolves with the id of its flow, or with undefined when the backup exists already. */
export async function begin(client: Client, instance: string, name: string, pauseMs = 1000): Promise<number | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await client.CreateBackup({ InstanceId: instance, BackupName: name })).FlowId;
    } catch (caught) {
      const error = caught as CallError;
      if (!isTemporary(error) || attempt === ATTEMPTS) throw new BackupFailed(error.code ?? error.message, { cause: error });
      // A second call would make a second backup.
      if (isLost(error) && (await count(client, instance, name)) > 0) return undefined;
    }
    await sleep(pauseMs * 2 ** (attempt - 1));
  }
}

export async function status(client: Client, flow: number): Promise<number | undefined> {
  return (await client.DescribeFlowStatus({ FlowId: flow })).Status;
}

/** Waits until the flow has ended. */
export async function finish(client: Client, flow: number, pauseMs = 1000): Promise<void> {
  for (;;) {
    const now = await status(client, flow);
    if (now === FAILURE) throw new BackupFailed(`flow ${flow} failed`);
    if (now === SUCCESS) return;
    await sleep(pauseMs);
  }
}

/** Makes a backup and resolves with its name. */
export async function backup(client: Client, instance: string, pauseMs?: number): Promise<string> {
  const name = `nightly_${randomUUID().slice(0, 8)}`;
  const flow = await begin(client, instance, name, pauseMs);
  if (flow !== undefined) await finish(client, flow, pauseMs);
  return name;
}
