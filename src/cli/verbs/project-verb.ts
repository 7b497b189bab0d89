import { ResourceError } from "../../core/errors.ts";

export async function projectVerb(_options: unknown, _context: unknown): Promise<void> {
  throw new ResourceError("project: not connected yet.");
}
