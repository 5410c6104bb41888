import { CLAIM } from './claim.ts';
import { DELETION } from './deletion.ts';
import { OPERATOR } from './operator.ts';
import { RECONCILER } from './reconciler.ts';
import { REVOCATION } from './revocation.ts';
import type { Setting } from './setting.ts';
import type { Step } from './steps.ts';
import { strangers } from './strangers.ts';
import { lateMoves, time } from './time.ts';
import { moveTo, rowOf, type Turn, turnOf } from './turn.ts';
import { stored } from './upstreams.ts';
import { WORKER } from './worker.ts';
import { isResting, type Move, OTHER, type Role, type World } from './world.ts';

type Play = Readonly<Partial<Record<Step, (t: Turn) => Move[]>>>;

/** A second credential that wants the same name. It looks in the vault too. */
const SECOND: Play = {
  idle: (t) => {
    const { world, setting } = t;
    const isFree = world.row === undefined ? world.isPruned : world.row.holdsName !== true;
    const isClean = world.versions.every(({ enabled }) => !enabled);
    if (world.isTaken || !isFree || !isClean || world.isDark !== undefined) return [];
    const next = { ...stored(world, OTHER, OTHER, rowOf(t).place), isTaken: true };
    return [moveTo({ world: next, me: t.me, at: t.at, setting }, 'takes the name and stores its secret', 'idle')];
  },
};

const worker: Play = { ...CLAIM, ...DELETION, ...REVOCATION, ...WORKER };
const PLAYS: Readonly<Record<Role, Play>> = {
  vend: worker,
  rotate: worker,
  revoke: worker,
  end: worker,
  reconciler: { ...DELETION, ...REVOCATION, ...RECONCILER },
  operator: OPERATOR,
  other: SECOND,
};

/** What one actor may do next. */
export function play(world: World, at: number, setting: Setting): Move[] {
  const t = turnOf(world, at, setting);
  return t === undefined ? [] : (PLAYS[t.me.role][t.me.step]?.(t) ?? []);
}

/** Everything that may happen next. */
export function moves(world: World, setting: Setting): Move[] {
  const out = [...time(world, setting), ...strangers(world, setting)];
  for (const [at, me] of world.actors.entries()) {
    out.push(...play(world, at, setting));
    const t = isResting(me) ? undefined : turnOf(world, at, setting);
    if (t !== undefined) out.push(moveTo(t, `crashes before ${me.step}`, 'rest'));
  }
  out.push(...lateMoves(world, setting));
  return out;
}
