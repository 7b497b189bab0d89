import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

// The data sets shared between projects lie beside this repository; a clone elsewhere does not have them.
const sharedDataRoot = new URL("../../../shared/data/", import.meta.url);

/** Absolute path of a shared data file, for example `sharedData("ribosome-64/particles.star")`. It may not exist. */
export function sharedData(relativePath: string): string {
  return fileURLToPath(new URL(relativePath, sharedDataRoot));
}

/**
 * True when every file is present; otherwise prints which one is missing and returns false, so that a test skipped
 * with `test.skipIf(!hasSharedData(...))` leaves its reason in the output.
 */
export function hasSharedData(...relativePaths: readonly string[]): boolean {
  const missing = relativePaths.filter((relativePath) => !existsSync(sharedData(relativePath)));
  if (missing.length > 0) {
    console.warn(`skipped: ${missing.map((relativePath) => `../shared/data/${relativePath}`).join(", ")} not present`);
  }
  return missing.length === 0;
}
