import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import hooks from "./hooks.js";

export const useVirga = (options) => hooks.useVirga({ beforeAll, afterAll, beforeEach, afterEach }, options);
