import { type Look, lookingAt } from './look.ts';
import { moves } from './moves.ts';
import type { Setting } from './setting.ts';
import { type Party, rowsFor, type StateOf, type Transition } from './table.ts';
import type { Move } from './turn.ts';
import { Visited } from './visited.ts';
import { beginning, NONE, type OldKind, type Row, type World } from './world.ts';

export interface Exploration {
  readonly verdict: 'clean' | 'violated' | 'unfinished';
  /** What does not hold, and the shortest way there (or, for a change off the table, to the world before). */
  readonly broken: readonly string[];
  readonly trace: readonly string[];
  readonly states: number;
  readonly ms: number;
  /** In which states of the row it can end, after the reconciler has had its chance. */
  readonly ends: Look['ends'];
  /** The rows of the table that were taken. */
  readonly taken: ReadonlySet<Transition>;
}

export interface Bounds {
  /** Where a search is given up. */
  readonly states: number;
  /** Whether a change of the row that the table does not allow counts as broken. */
  readonly table: boolean;
}

interface Failure {
  readonly broken: readonly string[];
  readonly at: number;
}

/** Visits every world that can be reached, nearest first, until something does not hold. */
export function explore(setting: Setting, bounds: Bounds): Exploration {
  const begun = Date.now();
  const search = new Search(setting, bounds);
  const found = search.run();
  const { visited, look, taken } = search;
  const told = { states: visited.size, ms: Date.now() - begun, ends: look.ends, taken };
  if (found === 'clean' || found === 'unfinished') return { verdict: found, broken: [], trace: [], ...told };
  return { verdict: 'violated', broken: found.broken, trace: visited.trace(setting, found.at), ...told };
}

class Search {
  readonly visited = new Visited();
  readonly taken = new Set<Transition>();
  readonly look: Look;
  readonly #setting: Setting;
  readonly #bounds: Bounds;
  /** Every world by number. Once it was expanded it is forgotten. */
  readonly #worlds: (World | undefined)[] = [];

  constructor(setting: Setting, bounds: Bounds) {
    this.#setting = setting;
    this.#bounds = bounds;
    this.look = lookingAt(setting);
  }

  run(): Failure | 'clean' | 'unfinished' {
    this.#add(beginning(this.#setting), 0, 0);
    for (let at = 0; at < this.#worlds.length; at++) {
      const world = this.#worlds[at];
      if (world === undefined) continue;
      const failure = this.#expand(world, at);
      if (failure !== undefined) return failure;
      this.#worlds[at] = undefined;
      if (this.visited.size > this.#bounds.states) return 'unfinished';
    }
    return 'clean';
  }

  #add(world: World, parent: number, choice: number): void {
    if (this.visited.add(world, parent, choice)) this.#worlds.push(world);
  }

  #expand(world: World, at: number): Failure | undefined {
    const broken = this.look.broken(world);
    if (broken.length > 0) return { broken, at };
    for (const [choice, move] of moves(this.#setting, world).entries()) {
      const offTable = this.#bounds.table ? offTableBy(world, move, this.taken) : undefined;
      if (offTable !== undefined) return { broken: [offTable], at };
      this.#add(move.world, at, choice);
    }
    return undefined;
  }
}

const stateOf = ({ kind, attempt, key }: Row): StateOf => ({
  kind,
  attempt,
  keyId: key === NONE ? undefined : `K${key}`,
});

const oldStateOf = (kind: OldKind): StateOf => ({ kind, attempt: 1, keyId: kind === 'revoked' ? undefined : 'K0' });

/** @returns what is wrong with the move, if the table does not allow it; the rows that do are noted as taken. */
function offTableBy(from: World, { world, by, oldBy }: Move, taken: Set<Transition>): string | undefined {
  const judge = (before: StateOf, after: StateOf, party: Party): string | undefined => {
    const rows = rowsFor(before, after, party);
    for (const row of rows) taken.add(row);
    return rows.length > 0
      ? undefined
      : `No row of the table lets the ${party} go from ${before.kind} to ${after.kind}.`;
  };
  const one = by === undefined ? undefined : judge(stateOf(from.row), stateOf(world.row), by);
  return one ?? (oldBy === undefined ? undefined : judge(oldStateOf(from.old), oldStateOf(world.old), oldBy));
}
