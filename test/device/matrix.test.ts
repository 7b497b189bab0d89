import { describe, expect, test } from "vitest";
import { loadAddon } from "../../src/device/cpu/addon.ts";
import { OP_TABLE, type OpName } from "../../src/device/op-table.ts";
import { openDevice } from "../../src/device/open.ts";
import type { Device } from "../../src/device/types.ts";
import { expectBackendsAgree, expectThreadsAgree, NATIVE_ISAS, type runOp } from "./backends.ts";
import { CASES, type Case } from "./matrix-cases.ts";

// Every op on every backend. What each op means is tested in the file of its name.

function callOf(name: OpName, numbers: Case["numbers"]): Parameters<typeof runOp>[2] {
  return (device, buffers) => (device[name] as (args: unknown) => void)({ ...numbers, ...buffers } satisfies object);
}

describe.each(Object.keys(OP_TABLE) as OpName[])("%s", (name) => {
  const { arrays, numbers, outputs, tolerance } = CASES[name];

  test.skipIf(NATIVE_ISAS.length === 0)("the addon has it", () => {
    expect(loadAddon().opNames()).toContain(name);
  });

  test("the native kernel agrees with the reference on every instruction set", async () => {
    await expectBackendsAgree(arrays, callOf(name, numbers), outputs, tolerance);
  });

  test("one, two and three threads give the same bytes", async () => {
    await expectThreadsAgree(arrays, callOf(name, numbers), outputs);
  });

  test("a buffer of another device is refused", async () => {
    const foreign = { elementType: "f32", length: 2 ** 30, free() {}, [Symbol.dispose]() {} };
    for (const kind of ["reference", ...(NATIVE_ISAS.length > 0 ? ["cpu"] : [])] as Device["kind"][]) {
      const device = openDevice({ kind });
      const buffers = Object.fromEntries(Object.entries(arrays).map(([key, data]) => [key, device.upload(data)]));
      const outputName = outputs[0]!;
      const stranger = { ...foreign, elementType: buffers[outputName]!.elementType };
      const attempt = async () => {
        callOf(name, numbers)(device, { ...buffers, [outputName]: stranger });
        await device.idle();
      };
      await expect(attempt()).rejects.toThrow(/another device/);
      device.close();
    }
  });
});
