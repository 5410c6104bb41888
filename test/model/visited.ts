const FIRST = 1 << 18;

/**
 * The worlds that were seen, by a 64-bit hash: 16 bytes for each, with the way to it. Among 10 million worlds two share a
 * hash with a chance of 1 in 400,000.
 */
export class Visited {
  size = 0;
  #mask = FIRST * 4 - 1;
  /** The number of the world, plus one. */
  #slots = new Int32Array(FIRST * 4);
  #high = new Uint32Array(FIRST);
  #low = new Uint32Array(FIRST);
  #parents = new Int32Array(FIRST);
  #choices = new Uint16Array(FIRST);

  /** @returns whether the world is new. It gets the next number. */
  add(codes: readonly number[], parent: number, choice: number): boolean {
    const [high, low] = hashOf(codes);
    let slot = high & this.#mask;
    for (let n = this.#slots[slot] ?? 0; n !== 0; n = this.#slots[slot] ?? 0) {
      if (this.#high[n - 1] === high && this.#low[n - 1] === low) return false;
      slot = (slot + 1) & this.#mask;
    }
    if (this.size === this.#parents.length) this.#widen();
    this.#high[this.size] = high;
    this.#low[this.size] = low;
    this.#parents[this.size] = parent;
    this.#choices[this.size] = choice;
    this.size++;
    this.#slots[slot] = this.size;
    if (this.size * 2 > this.#mask) this.#rehash();
    return true;
  }

  /** Which move was made in each world on the way to this one. */
  wayTo(world: number): readonly number[] {
    const way: number[] = [];
    for (let at = world; at > 0; at = this.#parents[at] ?? 0) way.push(this.#choices[at] ?? 0);
    return way.reverse();
  }

  #widen(): void {
    const length = this.size * 2;
    this.#high = copyInto(new Uint32Array(length), this.#high);
    this.#low = copyInto(new Uint32Array(length), this.#low);
    this.#parents = copyInto(new Int32Array(length), this.#parents);
    this.#choices = copyInto(new Uint16Array(length), this.#choices);
  }

  #rehash(): void {
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array(this.#mask + 1);
    for (let n = 0; n < this.size; n++) {
      let slot = (this.#high[n] ?? 0) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = n + 1;
    }
  }
}

function copyInto<Numbers extends { set(from: Numbers): void }>(to: Numbers, from: Numbers): Numbers {
  to.set(from);
  return to;
}

function hashOf(codes: readonly number[]): readonly [number, number] {
  let [a, b] = [0x9e3779b9 | 0, 0x85ebca6b | 0];
  for (const code of codes) {
    // Numbers beyond 32 bits count with both halves.
    const high = Math.floor(code / 0x100000000);
    const mixed = high === 0 ? code : code ^ Math.imul(high, 0x2545f491);
    a = Math.imul(a ^ mixed, 0xcc9e2d51);
    a = (Math.imul((a << 15) | (a >>> 17), 5) + 0xe6546b64) | 0;
    b = Math.imul(b ^ mixed, 0x1b873593);
    b = (Math.imul((b << 13) | (b >>> 19), 9) + 0x38b34ae5) | 0;
  }
  a = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ b;
  a = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  b = Math.imul(b ^ (b >>> 15), 0x2c1b3c6d);
  return [(a ^ (a >>> 16)) >>> 0, (b ^ (b >>> 12)) >>> 0];
}
