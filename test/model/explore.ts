import { brokenInTheEnd, isQuiet } from './ends.ts';
import { codesOf } from './fingerprint.ts';
import { broken } from './invariants.ts';
import { moves } from './moves.ts';
import type { Rule } from './rules.ts';
import { type Bounds, type Setting, settingOf } from './setting.ts';
import { Visited } from './visited.ts';
import { beginning, type World } from './world.ts';

export interface Exploration {
  /** `unfinished`: there are more worlds than the bound. */
  readonly verdict: 'clean' | 'violation' | 'unfinished';
  readonly states: number;
  readonly ms: number;
  /** How often the quiet worlds end how. */
  readonly ends: ReadonlyMap<string, number>;
  readonly broken: readonly string[];
  /** The shortest way to what is broken. */
  readonly trace: readonly string[];
}

const MOST_STATES = 20_000_000;

/** Breadth first: every world that can be reached, nearest first, so that a trace is a shortest one. */
export function explore(bounds: Bounds, off: readonly Rule[] = [], mostStates = MOST_STATES): Exploration {
  const setting = settingOf(bounds, off);
  const visited = new Visited();
  const ends = new Map<string, number>();
  const begun = Date.now();
  const first = beginning(setting);
  visited.add(codesOf(first), -1, 0);
  let layer: Layer = { worlds: [first], number: 0 };
  while (layer.worlds.length > 0 && layer.broken === undefined && visited.size <= mostStates)
    layer = nextLayer(layer, visited, setting, ends);
  const { broken: what = [], number, worlds } = layer;
  return {
    verdict: what.length > 0 ? 'violation' : worlds.length > 0 ? 'unfinished' : 'clean',
    states: visited.size,
    ms: Date.now() - begun,
    ends,
    broken: what,
    trace: what.length > 0 ? traceTo(visited, number, setting) : [],
  };
}

/** The worlds at one distance from the beginning. `number`: of the first of them, or of the one that is broken. */
interface Layer {
  readonly worlds: readonly World[];
  readonly number: number;
  readonly broken?: readonly string[];
}

function nextLayer({ worlds, number }: Layer, visited: Visited, setting: Setting, ends: Map<string, number>): Layer {
  const next: World[] = [];
  let at = number;
  for (const world of worlds) {
    const now = broken(world, setting);
    const what = now.length === 0 && isQuiet(world) ? brokenInTheEnd(world, setting, ends) : now;
    if (what.length > 0) return { worlds: [], number: at, broken: what };
    let choice = 0;
    for (const [, reached] of moves(world, setting)) {
      if (visited.add(codesOf(reached), at, choice)) next.push(reached);
      choice++;
    }
    at++;
  }
  return { worlds: next, number: at };
}

function traceTo(visited: Visited, to: number, setting: Setting): readonly string[] {
  const trace: string[] = [];
  let world = beginning(setting);
  for (const choice of visited.wayTo(to)) {
    const [says, next] = moves(world, setting)[choice] ?? [];
    if (says === undefined || next === undefined) break;
    trace.push(says);
    world = next;
  }
  return trace;
}
