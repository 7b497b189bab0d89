import { fileURLToPath } from "node:url";

/** Absolute path of the package, the folder with package.json. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
