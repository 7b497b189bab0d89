import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const opsFolder = `${root}src/device/ops`;

/** Files of ops/ that define an op, told by the plain reference that each op must have; the others hold shapes. */
const ops = readdirSync(opsFolder)
  .filter((file) => file.endsWith(".ts"))
  .filter((file) => /export function \w+Reference\b/.test(readFileSync(`${opsFolder}/${file}`, "utf8")))
  .map((file) => file.replace(/\.ts$/, ""));

test("there are ops to compare", () => {
  expect(ops.length).toBeGreaterThan(0);
});

test.each(ops)("%s has the same name on every side", (op) => {
  const native = op.replaceAll("-", "_");
  const kernels = [`native/kernels/${native}.cpp`, `native/simd/${native}.cpp`];
  expect(
    kernels.some((file) => existsSync(root + file)),
    `${kernels.join(" or ")} is missing`,
  ).toBe(true);
  expect(existsSync(`${root}native/addon/op-${op}.cpp`), `native/addon/op-${op}.cpp is missing`).toBe(true);
});
