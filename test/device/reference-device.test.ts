import { describe, expect, test } from "vitest";
import { ResourceError, ShapeError, UsageError } from "../../src/core/errors.ts";
import { openDevice } from "../../src/device/open.ts";
import { BACKENDS, NATIVE_ISAS, withDevice } from "./backends.ts";

describe("wrong calls", () => {
  test("an unknown kind or instruction set is refused with the ones there are", () => {
    expect(() => openDevice({ kind: "gpu" as "cpu" })).toThrow(UsageError);
    expect(() => openDevice({ kind: "cpu", isa: "neon" })).toThrow(/sse2, avx2, avx512, got neon/);
  });

  test.skipIf(NATIVE_ISAS.length === 0)("a thread count that is not a whole number above 0 is refused", () => {
    expect(() => openDevice({ kind: "cpu", threads: 0 })).toThrow(UsageError);
    expect(() => openDevice({ kind: "cpu", threads: 1.5 })).toThrow(UsageError);
  });

  test.each(BACKENDS)("$name refuses impossible lengths and ranges", async ({ open }) => {
    await withDevice(open, async (device) => {
      expect(() => device.allocate("f32", -1)).toThrow(UsageError);
      expect(() => device.allocate("f32", 1.5)).toThrow(UsageError);
      const buffer = device.allocate("f32", 4);
      expect(() => device.write(buffer, new Float32Array(5))).toThrow(ShapeError);
      expect(() => device.write(buffer, new Float32Array(2), 3)).toThrow(ShapeError);
      expect(() => device.write(buffer, new Int32Array(4))).toThrow(/f32|Float32Array/);
      await expect(device.read(buffer, 2, 3)).rejects.toThrow(ShapeError);
    });
  });

  test.each(BACKENDS)("$name refuses a freed buffer, and one of another device", async ({ open }) => {
    await withDevice(open, async (device) => {
      const freed = device.allocate("f32", 4);
      freed.free();
      freed.free();
      expect(() => device.write(freed, new Float32Array(4))).toThrow(UsageError);
      const other = openDevice({ kind: device.kind === "cpu" ? "reference" : "cpu" });
      expect(() => device.fill(other.allocate("f32", 4), 0)).toThrow(/another device/);
      other.close();
    });
  });

  test.each(BACKENDS)("$name refuses work after it was closed", async ({ open }) => {
    const device = open();
    device.close();
    expect(() => device.allocate("f32", 1)).toThrow(/device was/);
  });

  test.each(BACKENDS)("$name throws wrong shapes at once, and keeps working", async ({ open }) => {
    await withDevice(open, async (device) => {
      const real = device.allocate("f32", 8);
      const complex = device.allocate("f32", 15);
      expect(() => device.fftForward3({ sizePx: 2, real, complex })).toThrow(ShapeError);
      await device.idle();
    });
  });
});

describe("buffers", () => {
  test.each(BACKENDS)("$name gives back what was written, from any offset, in every element type", async ({ open }) => {
    await withDevice(open, async (device) => {
      const arrays = [
        Float32Array.of(1, 2, 3, 4),
        Float64Array.of(1, 2, 3, 4),
        Int32Array.of(-1, 2, 3, 4),
        Uint32Array.of(1, 2, 3, 0xffffffff),
        BigInt64Array.of(-1n, 2n, 3n, 1n << 60n),
        Uint8Array.of(1, 2, 3, 255),
      ];
      for (const data of arrays) {
        using buffer = device.upload(data);
        expect(await device.read(buffer)).toEqual(data);
        expect(await device.read(buffer, 1, 2)).toEqual(data.slice(1, 3));
        device.write(buffer, data.slice(0, 1) as typeof data, 3);
        expect((await device.read(buffer))[3]).toBe(data[0]);
        device.fill(buffer, 7);
        expect(Number((await device.read(buffer))[2])).toBe(7);
      }
    });
  });

  test.each(BACKENDS)("$name copies at the write, and counts its bytes", async ({ open }) => {
    await withDevice(open, async (device) => {
      const data = Float32Array.of(1, 2);
      const buffer = device.upload(data);
      data[0] = 9;
      expect(await device.read(buffer)).toEqual(Float32Array.of(1, 2));
      expect(device.allocatedBytes).toBe(8);
      buffer.free();
      expect(device.allocatedBytes).toBe(0);
      expect(device.peakBytes).toBe(8);
    });
  });

  test.each(BACKENDS)("$name lets a buffer go as soon as its op is enqueued", async ({ open }) => {
    await withDevice(open, async (device) => {
      const real = device.upload(Float32Array.of(1, 0, 0, 0, 0, 0, 0, 0));
      const complex = device.allocate("f32", 16);
      device.fftForward3({ sizePx: 2, real, complex });
      real.free();
      expect(Array.from((await device.read(complex)) as Float32Array)).toEqual(
        Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? 1 : 0)),
      );
    });
  });

  test.each(BACKENDS)("$name surfaces what an op met while it ran at the next read, once", async ({ open }) => {
    await withDevice(open, async (device) => {
      const band = { bandKx: device.upload(Int32Array.of(0)), bandKy: device.upload(Int32Array.of(0)) };
      const f32 = (length: number) => device.allocate("f32", length);
      device.prepareImages({
        ...band,
        bandShell: band.bandKx,
        boxPx: 4,
        bandPixelCount: 1,
        imageCount: 1,
        pixels: f32(16),
        gain: f32(1),
        recentrePx: device.allocate("i32", 2),
        maskRadiusPx: 1,
        maskEdgePx: 1,
        sigma2: f32(2),
        shellCount: 2,
        group: device.upload(Int32Array.of(3)),
        noiseKey: device.allocate("u32", 2),
        out: f32(2),
      });
      await expect(device.idle()).rejects.toThrow(ResourceError);
      await device.idle();
    });
  });
});

test("the description says which device was chosen", () => {
  const device = openDevice({ kind: "reference" });
  expect(device.description).toMatch(/reference/);
  if (NATIVE_ISAS.length > 0) {
    const cpu = openDevice({ threads: 2 });
    expect(cpu.description).toMatch(/^cpu \(.+, (sse2|avx2|avx512), 2 threads\)$/);
    cpu.close();
  }
});

test.each(BACKENDS)("$name tells how often each op ran", async ({ open }) => {
  await withDevice(open, async (device) => {
    const box = 8;
    const real = device.upload(new Float32Array(box ** 3).fill(1));
    const complex = device.allocate("f32", box * box * (box / 2 + 1) * 2);
    for (let i = 0; i < 3; i++) device.fftForward3({ sizePx: box, real, complex });
    await device.idle();
    const { fftForward3 } = device.timings();
    expect(fftForward3?.count).toBe(3);
    expect(fftForward3?.elapsedMs).toBeGreaterThan(0);
  });
});
