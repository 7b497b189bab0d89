/** Raised cosine: 1 at distance <= 0, falling to 0 at distance >= width, ½ in the middle. */
export function softEdge(distance: number, width: number): number {
  if (distance <= 0) return 1;
  if (distance >= width) return 0;
  return 0.5 + 0.5 * Math.cos((Math.PI * distance) / width);
}
