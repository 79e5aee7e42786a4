import type { Account, Server, StartOptions } from "./index.js";

export interface HookOptions extends StartOptions {
  /** What each account has: an account as in a world file, without `uin` and `credentials`. */
  world?: object;
}

/** The server, and the account of the running test. Both are set while tests and their `beforeEach` hooks run. */
export interface Context {
  readonly server: Server;
  readonly account: Account;
}

/** Starts a server for the tests of this file and creates an account for each test. */
export function useVirga(options?: HookOptions): Context;
