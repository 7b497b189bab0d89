import { afterAll, describe, expect, test } from "vitest";
import type { AddonDevice, AddonElementType } from "../../src/device/cpu/addon.ts";
import { loadAddon } from "../../src/device/cpu/addon.ts";

const addon = loadAddon();
const device = addon.createDevice({ threads: 2 });
afterAll(() => device.destroy());

function upload(target: AddonDevice, data: Float32Array) {
  const buffer = target.allocate("f32", data.length);
  target.write(buffer, data);
  return buffer;
}

function openInsideTest(options: { threads?: number; isa?: "sse2" } = {}): AddonDevice & Disposable {
  const opened = addon.createDevice(options);
  return Object.assign(opened, { [Symbol.dispose]: () => opened.destroy() });
}

describe("misuse", () => {
  test("each wrong call says where, what was expected and what came", () => {
    const buffer = device.allocate("f32", 8);
    const freed = device.allocate("f32", 8);
    freed.free();
    using other = openInsideTest({ threads: 1 });
    const foreign = other.allocate("f32", 8);
    expect(() => addon.createDevice({ threads: 0 })).toThrow(/createDevice: threads .* from 1 to 1024, got 0/);
    expect(() => addon.createDevice({ isa: "mmx" as "sse2" })).toThrow(/isa must be sse2, avx2 or avx512.* got mmx/);
    expect(() => device.allocate("f99" as AddonElementType, 1)).toThrow(/allocate: type must be f32.* got f99/);
    expect(() => device.allocate("f32", -1)).toThrow(/allocate: length .* got -1/);
    expect(() => device.allocate("f32", 1.5)).toThrow(/allocate: length .* got 1.5/);
    expect(() => device.allocate("f64", 2 ** 52)).toThrow(/system refused 4503599627370496 f64/);
    expect(() => device.write(buffer, new Float64Array(8) as unknown as Float32Array)).toThrow(/Float32Array/);
    expect(() => device.write(buffer, new Float32Array(5), 4)).toThrow(/at most 4 elements from offset 4, got 5/);
    expect(() => device.write(freed, new Float32Array(1))).toThrow(/write: buffer .* one that was freed/);
    expect(() => device.fill(foreign, 1)).toThrow(/fill: buffer .* one of another device/);
    expect(() => device.read({} as typeof buffer)).toThrow(/read: buffer .* something else/);
    expect(() => device.read(buffer, 4, 5)).toThrow(/read: count .* from 0 to 4, got 5/);
    expect(() => device.read(buffer, 0, 2, new Float32Array(3))).toThrow(/read: into must be a Float32Array of 2/);
    expect(() => device.copy(buffer, 0, buffer, 4, 5)).toThrow(/copy: count .* from 0 to 4, got 5/);
    expect(() => device.run("smooth", {})).toThrow(/no op "smooth"/);
  });

  test("an op names the argument that is wrong", () => {
    const real = device.allocate("f32", 511);
    const complex = device.allocate("f32", 2 * 8 * 8 * 5);
    const wrongType = device.allocate("f64", 1000);
    expect(() => device.run("fftForward3", { real, complex, sizePx: 0 })).toThrow(
      "fftForward3: sizePx must be a whole number from 1 up to 32768, got 0.",
    );
    expect(() => device.run("fftForward3", { real, complex, sizePx: 8 })).toThrow(
      "fftForward3: real must be a buffer of at least 512 f32, got a buffer of 511 f32.",
    );
    expect(() => device.run("fftForward3", { real: complex, complex: wrongType, sizePx: 8 })).toThrow(
      "fftForward3: complex must be a buffer of at least 640 f32, got a buffer of 1000 f64.",
    );
    expect(() => device.run("fftForward3", { real: complex, sizePx: 8 })).toThrow(/complex must be .* got undefined/);
  });

  test("a destroyed device refuses calls and rejects what was open", async () => {
    const opened = addon.createDevice({ threads: 1 });
    const big = opened.allocate("f32", 1 << 24);
    for (let repeat = 0; repeat < 20; repeat++) opened.fill(big, repeat);
    const idle = opened.idle();
    opened.destroy();
    opened.destroy();
    await expect(idle).rejects.toThrow(/destroyed/);
    expect(() => opened.fill(big, 1)).toThrow(/fill: the device was destroyed/);
  });
});

describe("buffers", () => {
  test("every element type survives write and read", async () => {
    const samples = {
      f32: Float32Array.of(1.5, -2, Number.POSITIVE_INFINITY),
      f64: Float64Array.of(Math.PI, -1e300, 0),
      i32: Int32Array.of(-(2 ** 31), 7, 2 ** 31 - 1),
      u32: Uint32Array.of(0, 2 ** 32 - 1, 5),
      i64: BigInt64Array.of(-(2n ** 63n), 2n ** 62n, 1n),
      u8: Uint8Array.of(0, 255, 3),
      f16: Uint16Array.of(0x3c00, 0xffff, 1),
    };
    for (const [type, sample] of Object.entries(samples)) {
      const buffer = device.allocate(type as "f32", 5);
      device.write(buffer, sample as Float32Array, 1);
      const back = await device.read(buffer, 1, 3);
      expect(back).toEqual(sample);
      expect(Number((await device.read(buffer, 4, 1))[0])).toBe(0);
      buffer.free();
    }
  });

  test("bytes are counted while anything can still use them", async () => {
    using opened = openInsideTest({ threads: 1 });
    const buffer = opened.allocate("f64", 1000);
    expect([opened.allocatedBytes, buffer.length, buffer.type]).toEqual([8000, 1000, "f64"]);
    opened.fill(buffer, 1);
    buffer.free();
    buffer.free();
    expect(buffer.isFreed).toBe(true);
    await opened.idle();
    expect([opened.allocatedBytes, opened.peakBytes]).toEqual([0, 8000]);
  });

  test("what is freed or overwritten by the caller after a call does not reach the queue", async () => {
    const source = device.allocate("f32", 1 << 20);
    const target = device.allocate("f32", 1 << 20);
    const data = new Float32Array(1 << 20).fill(3);
    device.fill(source, 1); // so that the write below finds the device busy
    device.write(source, data);
    data.fill(9);
    device.copy(target, 0, source, 0, 1 << 20);
    source.free();
    const back = await device.read(target);
    expect(back.every((value) => value === 3)).toBe(true);
    target.free();
  });

  test("read fills an array that the caller brings", async () => {
    const buffer = upload(device, Float32Array.of(1, 2, 3));
    const into = new Float32Array(2);
    expect(await device.read(buffer, 1, 2, into)).toBe(into);
    expect([...into]).toEqual([2, 3]);
  });
});

describe("queue", () => {
  test("ops run in the order of the calls, and a read sees exactly what came before it", async () => {
    const buffer = device.allocate("i32", 1 << 18);
    const reads = [];
    for (let step = 0; step < 50; step++) {
      device.fill(buffer, step);
      reads.push(device.read(buffer, step, 1));
    }
    expect((await Promise.all(reads)).map((values) => values[0])).toEqual(Array.from({ length: 50 }, (_, i) => i));
    buffer.free();
  });

  test("the event loop turns while the device works", async () => {
    const buffer = device.allocate("f32", 1 << 24);
    let turns = 0;
    let isDone = false;
    const turn = () => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    for (let repeat = 0; repeat < 30; repeat++) device.fill(buffer, repeat);
    setImmediate(turn);
    await device.idle();
    isDone = true;
    expect(turns).toBeGreaterThan(5);
    buffer.free();
  });

  test("time is counted per op", async () => {
    using opened = openInsideTest({ threads: 1 });
    const buffer = opened.allocate("f32", 1 << 16);
    opened.fill(buffer, 1);
    opened.fill(buffer, 2);
    await opened.idle();
    expect(opened.timings()["fill"]?.count).toBe(2);
    opened.resetTimings();
    expect(opened.timings()).toEqual({});
  });

  test("an op that fails rejects the next read, once", async () => {
    using opened = openInsideTest({ threads: 1 });
    const buffer = opened.allocate("f32", 4);
    opened.run("fail", { message: "particle 7 has no pixels" });
    opened.run("fail", { message: "a later error" });
    await expect(opened.read(buffer)).rejects.toThrow("fail: particle 7 has no pixels");
    await expect(opened.read(buffer)).resolves.toEqual(new Float32Array(4));
    opened.run("fail", { message: "again" });
    await expect(opened.idle()).rejects.toThrow("fail: again");
    await expect(opened.idle()).resolves.toBeUndefined();
  });

  test("a lower instruction set can be asked for", () => {
    using opened = openInsideTest({ threads: 1, isa: "sse2" });
    expect([opened.isa, opened.threads]).toEqual(["sse2", 1]);
    expect(["sse2", "avx2", "avx512"]).toContain(addon.cpuFeatures().isa);
    expect(addon.buildInfo().fftw).toMatch(/^fftw-3/);
  });
});
