/** A numpy .npy file (version 1) of records; `fill` writes one record. `descr` is the Python literal of the dtype. */
export function makeNpy(descr: string, count: number, fill: (view: DataView, record: number) => void): Uint8Array {
  const widths: Readonly<Record<string, number>> = { U: 4 };
  let recordBytes = 0;
  for (const [, kind, units, shape] of descr.matchAll(/'[<>|]([a-zA-Z])(\d+)'(?:, \((\d+),\))?/g)) {
    recordBytes += (widths[kind as string] ?? 1) * Number(units) * Number(shape ?? 1);
  }
  let header = `{'descr': ${descr}, 'fortran_order': False, 'shape': (${count},), }`;
  header = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`;
  const bytes = new Uint8Array(10 + header.length + recordBytes * count);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, header.length, true);
  bytes.set(new TextEncoder().encode(header), 10);
  for (let record = 0; record < count; record++) {
    fill(new DataView(bytes.buffer, 10 + header.length + record * recordBytes, recordBytes), record);
  }
  return bytes;
}
