import { fingerprint } from './fingerprint.ts';
import { moves } from './moves.ts';
import type { Setting } from './setting.ts';
import { beginning, type World } from './world.ts';

/** The worlds that a search has seen, by fingerprint, and how it came to each: two numbers per world, not the world. */
export class Visited {
  readonly #seen = new Set<string>();
  readonly #parents: number[] = [];
  readonly #choices: number[] = [];

  get size(): number {
    return this.#seen.size;
  }

  /** @returns whether the world is new. It gets the next number. */
  add(world: World, parent: number, choice: number): boolean {
    const known = this.#seen.size;
    this.#seen.add(fingerprint(world));
    if (this.#seen.size === known) return false;
    this.#parents.push(parent);
    this.#choices.push(choice);
    return true;
  }

  /** The way to a world, told move by move. */
  trace(setting: Setting, to: number): readonly string[] {
    const told: string[] = [];
    let world = beginning(setting);
    for (const choice of this.#wayTo(to)) {
      const move = moves(setting, world)[choice];
      if (move === undefined) break;
      told.push(move.says);
      ({ world } = move);
    }
    return told;
  }

  #wayTo(to: number): readonly number[] {
    const way: number[] = [];
    for (let at = to; at > 0; at = this.#parents[at] ?? 0) way.push(this.#choices[at] ?? 0);
    return way.reverse();
  }
}
