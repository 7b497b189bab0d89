// All static checks, side by side; the output of each that fails is shown, and any failure fails the whole.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { root } from "./setup/root.mjs";

const bin = (name) => join(root, "node_modules", ".bin", name);

const checks = [
  { name: "format and style", command: bin("biome"), args: ["check", "--error-on-warnings", "."] },
  { name: "types", command: bin("tsc"), args: ["--noEmit", "-p", "."] },
  { name: "layers", command: bin("depcruise"), args: ["--config", ".dependency-cruiser.cjs", "src"] },
  { name: "file size", command: process.execPath, args: ["scripts/check-size.mjs"] },
];

function runCheck({ command, args }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.on("error", (error) => resolve({ isGood: false, output: `${command}: ${error.message}\n` }));
    child.on("close", (code) => resolve({ isGood: code === 0, output }));
  });
}

const results = await Promise.all(checks.map(runCheck));
for (const [index, { isGood, output }] of results.entries()) {
  if (!isGood) process.stderr.write(output);
  console.error(`lint: ${checks[index].name}: ${isGood ? "good" : "FAILED"}`);
  if (!isGood) process.exitCode = 1;
}
