import { ResourceError } from "../../core/errors.ts";

export async function demoVerb(_options: unknown, _context: unknown): Promise<void> {
  throw new ResourceError("demo: not connected yet.");
}
