import { ALWAYS, broken, invariantsFor, WHEN_QUIET } from './invariants.ts';
import { play } from './moves.ts';
import type { Setting } from './setting.ts';
import type { StateKind } from './table.ts';
import type { World } from './world.ts';

export interface Look {
  /** In which states of the row it ended so far, after the reconciler had had its chance. */
  readonly ends: ReadonlySet<StateKind>;
  /** What does not hold in a world. Where nothing moves any more, the reconciler gets its chance first. */
  broken(world: World): readonly string[];
}

export function lookingAt(setting: Setting): Look {
  const always = invariantsFor(ALWAYS, setting);
  const inTheEnd = [...always, ...invariantsFor(WHEN_QUIET, setting)];
  const ends = new Set<StateKind>();
  return {
    ends,
    broken: (world) => {
      const now = broken(always, world, setting);
      if (now.length > 0 || !isQuiet(world)) return now;
      const last = reconciled(setting, world);
      ends.add(last.row.kind);
      return broken(inTheEnd, last, setting);
    },
  };
}

const isQuiet = ({ late, actors }: World): boolean =>
  late.length === 0 && actors.every(({ step }) => step === 'done' || step === 'idle');

/** More looks than the longest way to the end takes. */
const LOOKS = 40;

/** Nothing goes wrong any more, every lease is over, and one reconciler runs until it finds nothing to do. */
function reconciled(setting: Setting, world: World): World {
  let now: World = { ...world, faults: 0, lapsed: world.row.attempt, overlapOver: true };
  const at = now.actors.findIndex(({ role }) => role === 'reconciler');
  for (let looks = 0; looks < LOOKS; looks++) {
    const [move] = play(setting, now, at);
    if (move === undefined) break;
    now = move.world;
  }
  return now;
}
