import { expect, test } from "vitest";
import { TerminalLog } from "../../src/cli/terminal-log.ts";
import { recorder } from "./recorder.ts";

const round = {
  round: 3,
  stage: "global",
  resolution05A: 24.06,
  resolution0143A: 18.33,
  movedDeg: 1.234,
  shiftMovedA: 0.81,
  meanEss: 12,
  goodShare: 0.953,
  elapsedMs: 83_000,
};

test("a finished round is one line", () => {
  const terminal = recorder();
  new TerminalLog(terminal).event("round.done", round);
  expect(terminal.messages).toBe(
    "round 3 done  global  18.3 Å (FSC 0.143)  24.1 Å (FSC 0.5)  moved 1.23°  0.81 Å  95.3 % good  1 min 23 s\n",
  );
});

test("a profile names what took more than a hundredth of the phase", () => {
  const terminal = recorder();
  const ops = [
    { op: "insert", count: 3, elapsedMs: 3000 },
    { op: "ctf", count: 9, elapsedMs: 10 },
  ];
  new TerminalLog(terminal).event("profile", { round: 2, phase: "maximization", wallMs: 4000, ops, restMs: 990 });
  expect(terminal.messages).toBe("profile  round 2  maximization  4.0 s  insert 75 %, rest 25 %\n");
});

test("what was not measured is left out", () => {
  const terminal = recorder();
  new TerminalLog(terminal).event("round.done", {
    round: 1,
    stage: "global",
    movedDeg: Number.NaN,
    resolution0143A: null,
  });
  expect(terminal.messages).toBe("round 1 done  global\n");
});

test("on a screen the progress line is redrawn, with the time left from the measured cost", () => {
  let nowMs = 0;
  const terminal = recorder({ isInteractive: true });
  const log = new TerminalLog(terminal, () => nowMs);
  log.event("expectation.batch", { round: 2, done: 0, total: 100 });
  nowMs = 5000;
  log.event("expectation.batch", { round: 2, done: 25, total: 100 });
  expect(terminal.messages).toBe(
    "\r\u001b[Kround 2  expectation  0 of 100 images (0 %)\r\u001b[Kround 2  expectation  25 of 100 images (25 %, 15 s left)",
  );
  log.event("warning", { message: "odd" });
  expect(terminal.messages.endsWith("left)\r\u001b[Kwarning: odd\n")).toBe(true);
});

test("a phase that was resumed at 60 of 100 is not thought to have done 60 in a moment", () => {
  let nowMs = 0;
  const terminal = recorder({ isInteractive: true });
  const log = new TerminalLog(terminal, () => nowMs);
  log.event("expectation.batch", { round: 2, done: 60, total: 100 });
  nowMs = 4000;
  log.event("expectation.batch", { round: 2, done: 70, total: 100 });
  expect(terminal.messages).toContain("70 of 100 images (70 %, 12 s left)");
});

test("into a pipe progress comes as whole lines, seldom", () => {
  let nowMs = 0;
  const terminal = recorder();
  const log = new TerminalLog(terminal, () => nowMs);
  for (let done = 0; done <= 600; done++) {
    nowMs = done * 100;
    log.event("expectation.batch", { round: 1, done, total: 600 });
  }
  const lines = terminal.messages.trimEnd().split("\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe("round 1  expectation  150 of 600 images (25 %, 45 s left)");
  expect(terminal.messages).not.toContain("\u001b");
});

test("colour codes appear only where colours are wanted", () => {
  const plain = recorder();
  const coloured = recorder({ hasColour: true });
  for (const terminal of [plain, coloured]) new TerminalLog(terminal).event("warning", { message: "m" });
  expect(plain.messages).toBe("warning: m\n");
  expect(coloured.messages).toBe("\u001b[33mwarning: m\u001b[0m\n");
});
