import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

interface CheckSize {
  sizeProblems(base?: string, exceptions?: Map<string, string>): string[];
}

const checkSizePath: string = "../../scripts/check-size.mjs";
const { sizeProblems } = (await import(checkSizePath)) as CheckSize;

test("a file over 300 lines, and an exception nobody needs, are reported", () => {
  const folder = mkdtempSync(join(tmpdir(), "vitreous-size-"));
  try {
    mkdirSync(join(folder, "src/map"), { recursive: true });
    writeFileSync(join(folder, "src/map/short.ts"), "\n".repeat(300));
    writeFileSync(join(folder, "src/map/long.ts"), "\n".repeat(301));
    expect(sizeProblems(folder, new Map())).toEqual([
      "src/map/long.ts: expected at most 300 lines, got 301. Split it.",
    ]);
    const exceptions = new Map([
      ["src/map/long.ts", "a table"],
      ["src/map/short.ts", "was a table"],
    ]);
    expect(sizeProblems(folder, exceptions)).toEqual([
      "src/map/short.ts: is on the list of long files but is not long. Take it off.",
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
