import type * as Control from "./control.js";

export type { Control };

export interface StartOptions {
  /** The program. Otherwise VIRGA_BIN, the program of the package for this platform, or `virga` on PATH. */
  program?: string;
  /** Further options of `virga serve`, such as `["--flow-seconds", "backup=0"]`. */
  args?: string[];
}

/** Starts a server in memory on a free port. */
export function start(options?: StartOptions): Promise<Server>;

/** The path of the program that `start` would use. */
export function findProgram(option?: string): string;

/** A fault rule as a test writes it: what the server sets itself is absent. */
export type Rule = Omit<Control.FaultRule, "id" | "seen" | "hits">;

export interface Filter {
  action?: string;
  /** An error code, or `ok`. */
  code?: string;
  trace?: string;
  secret_id?: string;
  since?: string;
  limit?: number;
}

/** Takes the place of the configuration of a client of the SDK for Node.js. */
export interface ClientConfig {
  credential: { secretId: string; secretKey: string };
  region: string;
  profile: { httpProfile: { protocol: "http://"; endpoint: string } };
}

export class VirgaError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
}

export class Fault {
  readonly id: number;
  rule(): Promise<Control.FaultRule>;
  /** How many calls the rule was applied to. */
  hits(): Promise<number>;
  remove(): Promise<Control.FaultsRemoved>;
}

interface Caller {
  readonly secretId: string;
  readonly secretKey: string;
  readonly region: string;
  /** An instance of the account, in the region. */
  readonly instance: string;
  clientConfig(): ClientConfig;
  /** The rule of an account applies only to its calls. */
  addFault(rule: Rule): Promise<Fault>;
  /** Calls of the journal, the newest last; those of an account only its own. */
  requests(filter?: Filter): Promise<Control.JournalCall[]>;
  /** Resolves with the number of calls that matched. Rejects with a VirgaError when the expected calls were not made. */
  verify(expected: Control.Verify): Promise<number>;
  /** Scopes are separated by commas; without one, all is reset. */
  reset(scope?: string): Promise<Control.Reset>;
}

export interface Account extends Caller {
  readonly uin: string;
  /** Removes the account, with its fault rules. */
  remove(): Promise<Control.AccountRemoved>;
}
export class Account {
  private constructor();
}

/** The clock of the whole server. */
export interface Clock {
  now(): Promise<Control.Clock>;
  /** `time` such as `2026-01-01T00:00:00+08:00`; otherwise now. */
  freeze(time?: string): Promise<Control.Clock>;
  advance(seconds: number): Promise<Control.Clock>;
  real(): Promise<Control.Clock>;
}

export interface Server extends Caller {
  /** Such as `http://127.0.0.1:40001`. */
  readonly endpoint: string;
  /** The endpoint without `http://`, as the SDKs take it. */
  readonly address: string;
  readonly pid: number;
  readonly clock: Clock;
  /** Creates an account that shares no resource with others. */
  account(world?: object): Promise<Account>;
  /** Explains why a call was rejected: of a RequestId, or the last one. */
  why(requestId?: string): Promise<Control.Why>;
  /** Any request of the control API; `path` begins after `/_virga`. */
  control(method: string, path: string, body?: object): Promise<any>;
  stop(): Promise<void>;
}
export class Server {
  private constructor();
}
