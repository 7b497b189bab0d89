import { SetupError } from "./run-command.mjs";

// 20.19 is the first Node 20 that the test runner accepts.
const OLDEST = [20, 19];

/** Throws SetupError where this Node is too old. */
export function checkNodeVersion(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new SetupError(
    `Node.js must be ${OLDEST.join(".")} or newer, got ${version}. Install a current one from https://nodejs.org.`,
  );
}
