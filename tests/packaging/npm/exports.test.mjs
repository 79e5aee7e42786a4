// The package can be imported as a module of JavaScript too, and is then the same one.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as virga from "virga";

test("import and require give the same functions", () => {
  assert.deepEqual({ ...virga }, createRequire(import.meta.url)("virga"));
});
