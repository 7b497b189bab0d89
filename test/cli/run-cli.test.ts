import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { verbs } from "../../src/options/verbs.ts";
import { recorder } from "./recorder.ts";

test.each([
  [["refin"], 'error: there is no verb "refin". Did you mean refine?\n'],
  [["help", "nothing"], 'error: there is no verb "nothing". See vitreous --help.\n'],
  [
    ["resume"],
    "error: resume: missing <folder> (Folder of an interrupted run). Usage: vitreous resume <folder> [options]\n",
  ],
  [
    ["simulate", "--out", "x", "--snr", "0"],
    'error: simulate --snr: expected a number from 0.000001 to 1000000 (ratio), got "0".\n',
  ],
])("a wrong call %j exits with 2 and says why on stderr", async (words, message) => {
  const terminal = recorder();
  expect(await runCli(words, terminal)).toBe(2);
  expect(terminal.messages).toBe(message);
  expect(terminal.results).toBe("");
});

test("no words at all print the help and count as a wrong call", async () => {
  const terminal = recorder();
  expect(await runCli([], terminal)).toBe(2);
  expect(terminal.messages).toContain("Usage:  vitreous <verb> [options]");
});

test("the version is the package's", async () => {
  const terminal = recorder();
  expect(await runCli(["--version"], terminal)).toBe(0);
  expect(terminal.results).toMatch(/^\d+\.\d+\.\d+\n$/);
});

test("a missing file is a failure, not a wrong call, and names the file", async () => {
  const terminal = recorder();
  expect(await runCli(["project", "nowhere.star", "--reference", "nowhere.mrc", "--out", "x"], terminal)).toBe(1);
  expect(terminal.messages).toContain("error: nowhere.mrc: cannot read: ENOENT. It does not exist. Check the path.");
});

test("help says the same as the day it was last looked at", async () => {
  const terminal = recorder();
  await runCli(["--help"], terminal);
  for (const verb of verbs) {
    expect(await runCli([verb.name, "--help"], terminal)).toBe(0);
  }
  expect(terminal.results).toMatchSnapshot();
  for (const line of terminal.results.split("\n")) expect(line.length, line).toBeLessThanOrEqual(160);
});
