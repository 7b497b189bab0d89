import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shellLine, shellQuote } from "../../src/cluster/shell-quote.ts";
import { UsageError } from "../../src/core/errors.ts";

/** Words as a shell passes them on, each ended by NUL. */
function throughShell(shell: string, line: string): string[] {
  const { stdout } = spawnSync(shell, ["-c", `printf '%s\\0' ${line}`], { encoding: "utf8" });
  return stdout.split("\0").slice(0, -1);
}

const tricky = fc.constantFrom(
  "",
  " ",
  "'",
  '"',
  "\\",
  "$HOME",
  "`id`",
  "$(id)",
  "a\nb",
  "*",
  "~",
  "!",
  "-n",
  "#",
  "&",
  ";",
  "é",
  "日本",
);
const words = fc.array(
  fc.oneof(
    tricky,
    fc.string({ unit: "binary-ascii" }).map((s) => s.replaceAll("\0", "")),
    fc.string({ unit: "grapheme" }).map((s) => s.replaceAll("\0", "")),
  ),
  { minLength: 1, maxLength: 12 },
);

test("a word with NUL is refused: no program can be given one", () => {
  expect(() => shellQuote("a\0b")).toThrow(UsageError);
});

test("plain words stay as they are, so that a script can be read", () => {
  expect(shellLine(["refine", "--out", "run-1/a_b.star", "C4"])).toBe("refine --out run-1/a_b.star C4");
});

test.each(["sh", "bash"])("%s gives back every word as it was", (shell) => {
  fc.assert(
    fc.property(words, (list) => {
      expect(throughShell(shell, shellLine(list))).toEqual(list);
    }),
    { numRuns: 60 },
  );
});
