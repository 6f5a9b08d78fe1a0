/**
 * A double-array trie as Darts-clone writes it, of bytes. A node's unit holds its label, where its children are (an offset to
 * be xored) and whether a value is among them.
 */
export class Trie {
  constructor(readonly units: Uint32Array) {}

  /** Tells the values of keys that the text has at `start`, shortest first. */
  prefixes(text: string, start: number, found: (value: number, length: number) => void): void {
    const { units } = this;
    const offset = (unit: number) => (unit >>> 10) << ((unit & 0x200) >> 6);
    let at = offset(units[0] ?? 0);
    for (let i = start; i < text.length; i++) {
      const byte = text.charCodeAt(i);
      at ^= byte;
      const unit = units[at];
      if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return;
      at ^= offset(unit);
      if (unit & 0x100) {
        const leaf = units[at];
        if (leaf === undefined) return;
        found(leaf & 0x7fffffff, i + 1 - start);
      }
    }
  }

  longest(text: string, start: number): { value: number; length: number } | null {
    let best: { value: number; length: number } | null = null;
    this.prefixes(text, start, (value, length) => {
      best = { value, length };
    });
    return best;
  }
}
