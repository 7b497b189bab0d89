import { ResourceError } from "../../core/errors.ts";

export async function reconstructVerb(_options: unknown, _context: unknown): Promise<void> {
  throw new ResourceError("reconstruct: not connected yet.");
}
