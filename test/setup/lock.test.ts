import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const lockModule = new URL("../../scripts/setup/lock.mjs", import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), "vitreous-lock-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Starts a process that takes the lock, writes "in", waits, writes "out"; resolves when it has ended. */
function worker(lock: string, log: string): Promise<number | null> {
  const source = `
    import { appendFileSync } from "node:fs";
    import { withLock } from ${JSON.stringify(lockModule)};
    await withLock(${JSON.stringify(lock)}, () => {}, async () => {
      appendFileSync(${JSON.stringify(log)}, "in ");
      await new Promise((done) => setTimeout(done, 100));
      appendFileSync(${JSON.stringify(log)}, "out ");
    });`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", source], { stdio: "inherit" });
  return new Promise((resolve) => child.on("close", resolve));
}

test("two set-ups started at once run one after the other", async () => {
  const lock = join(folder, "busy.lock");
  const log = join(folder, "busy.log");
  const codes = await Promise.all([worker(lock, log), worker(lock, log), worker(lock, log)]);
  expect(codes).toEqual([0, 0, 0]);
  expect(readFileSync(log, "utf8")).toBe("in out in out in out ");
  expect(existsSync(lock)).toBe(false);
});

test.each([
  ["a process that is gone", "2147483646 1"],
  ["a process whose number another one has now", `${process.pid} 1`],
])("the lock of %s is broken", async (_, owner) => {
  const lock = join(folder, "stale.lock");
  const log = join(folder, "stale.log");
  rmSync(log, { force: true });
  writeFileSync(lock, owner);
  expect(await Promise.all([worker(lock, log), worker(lock, log)])).toEqual([0, 0]);
  expect(readFileSync(log, "utf8")).toBe("in out in out ");
});
