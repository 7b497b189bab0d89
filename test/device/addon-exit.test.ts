import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const addonPath = fileURLToPath(new URL("../../build/vitreous.node", import.meta.url));

/** Exit code (or signal) of a process that runs this code with a device `d` and a buffer `b` of 16 million numbers. */
function endOf(code: string): number | string | null {
  const source = `
    const addon = require(${JSON.stringify(addonPath)});
    const d = addon.createDevice({ threads: 2 });
    const b = d.allocate("f32", 1 << 24);
    ${code}`;
  const result = spawnSync(process.execPath, ["--expose-gc", "--input-type=commonjs", "--eval", source]);
  return result.signal ?? result.status;
}

test.each([
  ["nothing was done", "", 0],
  ["the device was destroyed", "d.fill(b, 1); d.idle().then(() => d.destroy());", 0],
  ["the queue is full", "for (let i = 0; i < 20; i++) d.fill(b, i); process.exit(3);", 3],
  ["a promise is open", "for (let i = 0; i < 20; i++) d.fill(b, i); d.idle(); process.exit(4);", 4],
  ["an error was thrown", "d.fill(b, 1); d.idle(); throw new Error('test');", 1],
  ["a promise is awaited", "d.fill(b, 1); d.idle().then(() => { process.exitCode = 5; });", 5],
  [
    "many devices came and went",
    "for (let i = 0; i < 20; i++) { const e = addon.createDevice({ threads: 1 }); e.idle().catch(() => {});" +
      " if (i % 2) e.destroy(); } for (let i = 0; i < 5; i++) gc();",
    0,
  ],
  [
    "a worker is stopped amid its work",
    `const { Worker } = require("node:worker_threads");
     const loop = "const d = require(process.argv[2]).createDevice({ threads: 1 }); const b = d.allocate('f32', 1 << 20);" +
       "(async () => { for (;;) { d.fill(b, 1); await d.idle(); } })();";
     const w = new Worker(loop, { eval: true, argv: [${JSON.stringify(addonPath)}] });
     setTimeout(() => w.terminate(), 200);`,
    0,
  ],
])("a process ends in its own way when %s", (_, code, expected) => {
  expect(endOf(code)).toBe(expected);
});
