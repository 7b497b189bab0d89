import { shareOf } from "./share.ts";

/**
 * Where the shares of `count` items begin: [size + 1] first of each rank, and the end. With more ranks than items, some have none.
 */
export function evenShares(count: number, size: number): number[] {
  return [...Array.from({ length: size }, (_, rank) => shareOf(count, rank, size).first), count];
}
