// A zip archive of stored (uncompressed) files that stands behind other bytes, as TFLite metadata wants: a model stays
// the model it was, and any zip tool can still list what is attached.

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

function record(...fields: [value: number, bytes: 2 | 4][]): Uint8Array {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [, bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of fields) {
    if (bytes === 4) out.setUint32(at, value, true);
    else out.setUint16(at, value, true);
    at += bytes;
  }
  return new Uint8Array(out.buffer);
}

/** `prefix` followed by an archive of `files`, whose offsets count from the beginning of `prefix`. */
export function appendZip(prefix: Uint8Array, files: Record<string, string>): Uint8Array {
  const parts = [prefix];
  const directory: Uint8Array[] = [];
  const sizeOf = (list: Uint8Array[]) => list.reduce((sum, part) => sum + part.length, 0);
  // 1 January 1980, the format's first day, so that the same model is always the same bytes.
  const [time, date] = [0, (1 << 5) | 1];
  for (const [name, text] of Object.entries(files)) {
    const [nameBytes, data] = [new TextEncoder().encode(name), new TextEncoder().encode(text)];
    const start = sizeOf(parts);
    const common: [number, 2 | 4][] = [
      [0, 2],
      [0, 2],
      [time, 2],
      [date, 2],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
      [nameBytes.length, 2],
      [0, 2],
    ];
    parts.push(record([0x04034b50, 4], [20, 2], ...common), nameBytes, data);
    directory.push(
      record([0x02014b50, 4], [20, 2], [20, 2], ...common, [0, 2], [0, 2], [0, 2], [0, 4], [start, 4]),
      nameBytes,
    );
  }
  const count = Object.keys(files).length;
  const end = record(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [count, 2],
    [count, 2],
    [sizeOf(directory), 4],
    [sizeOf(parts), 4],
    [0, 2],
  );
  return new Uint8Array(Buffer.concat([...parts, ...directory, end]));
}
