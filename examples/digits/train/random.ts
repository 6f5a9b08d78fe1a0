/** Seeded generator (sfc32): the same seed draws the same digits on every machine. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number, stream = 0) {
    this.#a = seed | 0;
    this.#b = stream | 0;
    this.#c = 0x9e3779b9 | 0;
    for (let i = 0; i < 12; i++) this.#word();
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Real number in [lo, hi). */
  between(lo: number, hi: number): number {
    return lo + ((hi - lo) * this.#word()) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.between(0, 1) < probability;
  }

  /** About normal with this standard deviation, never beyond three of them. */
  normal(deviation: number): number {
    return (this.between(-1, 1) + this.between(-1, 1) + this.between(-1, 1)) * deviation;
  }

  pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.between(0, items.length))]!;
  }
}
