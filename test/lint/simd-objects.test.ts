import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const objectsRoot = fileURLToPath(new URL("../../build/CMakeFiles/", import.meta.url));

function objectsOf(isa: string): string[] {
  const folder = `${objectsRoot}simd_${isa}.dir`;
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".o"))
    .map((name) => `${folder}/${name}`);
}

describe.each(["avx2", "avx512"])("objects of %s", (isa) => {
  // The linker keeps one copy of an inline function for the whole addon. If that copy is the one compiled for a newer
  // instruction set, code that an older processor runs calls it too, and stops there.
  test.skipIf(objectsOf(isa).length === 0)("define no function that the rest of the addon could be given", () => {
    for (const object of objectsOf(isa)) {
      const symbols = spawnSync("nm", ["-C", "--defined-only", object], { encoding: "utf8" }).stdout.split("\n");
      const foreign = symbols.filter((line) => / [WT] /.test(line) && !line.includes(`vitreous::${isa}::`));
      expect(foreign, object).toEqual([]);
    }
  });
});
