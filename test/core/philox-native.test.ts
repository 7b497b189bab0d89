import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { normalPair, philox4x32, uniform01 } from "../../src/core/random.ts";

const kernels = fileURLToPath(new URL("../../native/kernels", import.meta.url));
const PROGRAM = `
#include "philox.h"
#include <stdio.h>
int main() {
    for (uint32_t i = 0; i < 200; ++i) {
        uint32_t words[4];
        double pair[2];
        vitreous::philox4x32(words, i, 0xDEADBEEFu * i, i * i, 3u, ~i, 0x80000000u + i);
        vitreous::normal_pair(pair, words[0], words[1]);
        printf("%u %u %u %u %.17g %.17g %.17g\\n", words[0], words[1], words[2], words[3],
               vitreous::uniform01(words[2]), pair[0], pair[1]);
    }
}`;

function hasCompiler(): boolean {
  try {
    execFileSync("g++", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    console.warn("skipped: g++ not present");
    return false;
  }
}

test.skipIf(!hasCompiler())("the C++ twin of Philox gives the same words, uniforms and normals", () => {
  const folder = mkdtempSync(join(tmpdir(), "philox-"));
  try {
    writeFileSync(join(folder, "main.cpp"), PROGRAM);
    const program = join(folder, "main");
    execFileSync("g++", ["-std=c++20", "-O1", "-I", kernels, join(folder, "main.cpp"), "-o", program]);
    const lines = execFileSync(program, { encoding: "utf8" }).trim().split("\n");
    const words = new Uint32Array(4);
    const pair = new Float64Array(2);
    lines.forEach((line, i) => {
      const got = line.split(" ").map(Number);
      philox4x32(words, i, Math.imul(0xdeadbeef, i), i * i, 3, ~i, 0x80000000 + i);
      expect(got.slice(0, 4)).toEqual([...words]);
      expect(got[4]).toBe(uniform01(words[2]!));
      normalPair(pair, 0, words[0]!, words[1]!);
      // 1e-14: the mathematical libraries differ in the last place of log, sin and cos.
      expect(Math.abs(got[5]! - pair[0]!)).toBeLessThan(1e-14);
      expect(Math.abs(got[6]! - pair[1]!)).toBeLessThan(1e-14);
    });
    expect(lines).toHaveLength(200);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
