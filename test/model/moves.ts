import { lateEffects, stranger, time } from './network.ts';
import { OPERATOR } from './operator.ts';
import { RECONCILER } from './reconciler.ts';
import type { Setting } from './setting.ts';
import type { Party } from './table.ts';
import { go, type Move, type Plays, type Turn } from './turn.ts';
import { WORKER } from './worker.ts';
import { RESTING, type World } from './world.ts';

const PLAYS: Readonly<Record<Party, Plays>> = { worker: WORKER, reconciler: RECONCILER, operator: OPERATOR };

/** Everything that one actor may do next. */
export function play(setting: Setting, world: World, at: number): readonly Move[] {
  const me = world.actors[at];
  return me === undefined ? [] : (PLAYS[me.role][me.step]?.({ setting, world, at, me }) ?? []);
}

const isUnderWay = ({ me }: Turn): boolean => me.step !== 'vend' && me.step !== 'idle' && me.step !== 'done';

function actorMoves(setting: Setting, world: World): readonly Move[] {
  return world.actors.flatMap((me, at) => {
    const turn: Turn = { setting, world, at, me };
    const crash = { says: `${me.role} ${at} crashes before ${me.step}`, world: go(turn, RESTING[me.role].step) };
    return [...play(setting, world, at), ...(isUnderWay(turn) ? [crash] : [])];
  });
}

/** Every world that can come next. */
export const moves = (setting: Setting, world: World): readonly Move[] => [
  ...time(setting, world),
  ...actorMoves(setting, world),
  ...lateEffects(world),
  ...stranger(setting, world),
];
