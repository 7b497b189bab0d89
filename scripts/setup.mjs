// Everything between a fresh clone and a working `vitreous`: system packages, npm packages, native addon, TypeScript.
// Plain JavaScript without dependencies, because it runs before any is installed. Does nothing, in a fraction of a
// second, when nothing has changed.
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { arePackagesInstalled } from "./setup/installed-packages.mjs";
import { withLock } from "./setup/lock.mjs";
import { checkNodeVersion } from "./setup/node-version.mjs";
import { root } from "./setup/root.mjs";
import { run, runNpm, SetupError } from "./setup/run-command.mjs";
import { readStamp, stampsNow, writeStamp } from "./setup/stamp.mjs";
import { ensureMpi, ensureSystemPackages } from "./setup/system-packages.mjs";

const buildFolder = join(root, "build");
const distFolder = join(root, "dist");
const addon = join(buildFolder, "vitreous.node");
const cli = join(distFolder, "cli", "main.js");

function say(message) {
  console.error(`setup: ${message}`);
}

function isNativeDone(stamps) {
  return existsSync(addon) && readStamp("native") === stamps.native;
}

function isTypescriptDone(stamps) {
  return existsSync(distFolder) && readStamp("typescript") === stamps.typescript;
}

function isDone() {
  const stamps = stampsNow();
  return arePackagesInstalled() && isNativeDone(stamps) && isTypescriptDone(stamps);
}

function buildNative(stamps) {
  say("building the native addon");
  if (readStamp("toolchain") !== stamps.toolchain) {
    // Objects of another compiler, and a cache made for another place, would be taken for current ones.
    for (const name of ["CMakeCache.txt", "CMakeFiles", "build.ninja"]) {
      rmSync(join(buildFolder, name), { recursive: true, force: true });
    }
  }
  run("cmake", ["-S", join(root, "native"), "-B", buildFolder, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release"], {
    isQuiet: true,
  });
  run("cmake", ["--build", buildFolder], { isQuiet: true });
  writeStamp("toolchain", stamps.toolchain);
  writeStamp("native", stamps.native);
}

function buildTypescript(stamps) {
  say("compiling TypeScript");
  // Output of sources that no longer exist must not linger.
  rmSync(distFolder, { recursive: true, force: true });
  run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", "tsconfig.build.json"]);
  writeStamp("typescript", stamps.typescript);
}

/** The bin file is executable after every build, and `npx vitreous` finds it in this folder too. */
function linkCli() {
  if (!existsSync(cli)) return;
  chmodSync(cli, 0o755);
  const link = join(root, "node_modules", ".bin", "vitreous");
  rmSync(link, { force: true });
  symlinkSync(join("..", "..", "dist", "cli", "main.js"), link);
}

function setUp() {
  if (isDone()) return;
  ensureSystemPackages(say);
  ensureMpi(say);
  if (!arePackagesInstalled()) {
    say("installing npm packages");
    runNpm(["ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund"]);
  }
  const stamps = stampsNow();
  if (!isNativeDone(stamps)) buildNative(stamps);
  if (!isTypescriptDone(stamps)) buildTypescript(stamps);
  linkCli();
  say("ready");
}

try {
  checkNodeVersion();
  if (!isDone()) {
    mkdirSync(buildFolder, { recursive: true });
    await withLock(join(buildFolder, "setup.lock"), say, setUp);
  }
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
