/** Place of a complex number of one plane: row r, column c, in [blocks][planes][rows of the block][columns]. */
export function makeRowBlocks(
  starts: readonly number[],
  planeCount: number,
  columns: number,
): (plane: number, row: number, column: number) => number {
  const blockOf: number[] = [];
  starts.slice(1).forEach((end, block) => {
    for (let row = starts[block]!; row < end; row++) blockOf.push(block);
  });
  return (plane, row, column) => {
    const first = starts[blockOf[row]!]!;
    const rows = starts[blockOf[row]! + 1]! - first;
    return columns * (planeCount * first + plane * rows + row - first) + column;
  };
}
