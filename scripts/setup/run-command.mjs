import { spawnSync } from "node:child_process";
import { root } from "./root.mjs";

/** A failure that is explained by its message; anything else that set-up throws is a bug. */
export class SetupError extends Error {}

/**
 * Runs a command in the package folder and throws SetupError where it fails.
 * With isQuiet its output is shown only then; otherwise it goes to stderr as it comes.
 */
export function run(command, args, { isQuiet = false, env = process.env } = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    env,
    stdio: isQuiet ? ["ignore", "pipe", "pipe"] : ["ignore", 2, 2],
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (result.error) throw new SetupError(`${command} does not start: ${result.error.message}.`);
  if (result.status === 0) return;
  if (isQuiet) process.stderr.write(`${result.stdout}${result.stderr}`);
  throw new SetupError(`\`${[command, ...args].join(" ")}\` failed (${result.signal ?? result.status}), see above.`);
}

/** True where the command starts and ends well; its output is dropped. */
export function succeeds(command, args, input = "") {
  const result = spawnSync(command, args, { input, stdio: ["pipe", "ignore", "ignore"] });
  return result.status === 0;
}

/** First line of a command's output, empty where it fails. */
export function firstLine(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8" });
  return result.status === 0 ? (result.stdout.split("\n")[0] ?? "") : "";
}

/** The npm that runs us, where there is one, so that both are of one version. */
export function runNpm(args) {
  const npm = process.env.npm_execpath;
  if (npm?.endsWith(".js")) run(process.execPath, [npm, ...args]);
  else run("npm", args);
}
