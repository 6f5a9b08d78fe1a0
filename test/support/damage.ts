import type { Rng } from './random.js';

/** A damaged copy of a file: bits, bytes, numbers, offsets from elsewhere in it, the end cut off. */
export function damage(bytes: Uint8Array, rng: Rng): Uint8Array {
  const copy = bytes.slice(0, rng.bool(0.05) ? rng.int(0, bytes.length) : bytes.length);
  if (copy.length < 4) return copy;
  const view = new DataView(copy.buffer);
  for (let n = rng.int(1, 4); n > 0; n--) {
    const at = rng.int(0, copy.length - 4);
    const aligned = at & ~3;
    switch (rng.int(0, 5)) {
      case 0:
        copy[at]! ^= 1 << rng.int(0, 7);
        break;
      case 1:
        copy[at] = rng.word();
        break;
      case 2:
        // Small numbers are other enum values, tensors, dimensions: damage that still looks like a model.
        copy[at] = rng.int(0, 8);
        break;
      case 3:
        view.setUint32(aligned, rng.pick([0, 1, 4, copy.length, 0x7fffffff, 0xffffffff, rng.word()]), true);
        break;
      case 4:
        view.setUint32(aligned, view.getUint32(rng.int(0, (copy.length >> 2) - 1) * 4, true), true);
        break;
      default:
        // An offset that points to another place of the file.
        view.setUint32(aligned, rng.int(0, copy.length - aligned), true);
    }
  }
  return copy;
}
