import type { Credential } from '../../src/vending/model/credential.ts';
import type { Moment } from '../../src/vending/model/timings.ts';
import { type Applied, apply, type Party, type Transition } from '../../src/vending/model/transition.ts';
import { ATTEMPT_MS, MINUTE_MS, settleMs, type View, viewOf } from './row.ts';
import type { Setting } from './setting.ts';
import type { Step } from './steps.ts';
import { type Actor, actorOf, type Move, type Role, restOf, type World } from './world.ts';

/** An actor's turn. */
export interface Turn {
  readonly world: World;
  readonly me: Actor;
  readonly at: number;
  readonly setting: Setting;
}

export const turnOf = (world: World, at: number, setting: Setting): Turn | undefined => {
  const me = world.actors[at];
  return me === undefined ? undefined : { world, me, at, setting };
};

export const nameOf = ({ me, at }: Turn): string => `${me.role} ${at}`;
export const rowOf = ({ world }: Turn): View => viewOf(world.row);

/** Now, in the rows' milliseconds. */
export const nowOf = ({ lapsed, minutes }: World, { youth }: Setting): number =>
  lapsed * ATTEMPT_MS + (youth ? minutes * MINUTE_MS : 0);

/** `leaseMs`: the commits that want a sweep want it when everything that was claimed by then has settled. */
export function momentOf(world: World, setting: Setting): Moment {
  const now = nowOf(world, setting);
  const settle = settleMs(setting);
  const leaseMs = Math.max(0, world.claimed * ATTEMPT_MS - now) - settle;
  return { now, timings: { leaseMs, settleMs: settle, retentionMs: 0 } };
}

const PARTIES: Readonly<Record<Role, Party>> = {
  vend: 'worker',
  rotate: 'worker',
  revoke: 'worker',
  end: 'worker',
  other: 'worker',
  reconciler: 'reconciler',
  operator: 'operator',
};

const NOTHING: ReadonlySet<string> = new Set();

/** Asks the table about a commit. */
export function ask<Input>(t: Turn, transition: Transition<Input>, input: Input, row = t.world.row): Applied {
  const { setting, world, me } = t;
  const without = setting.without.get(transition) ?? NOTHING;
  const at = { ...momentOf(world, setting), by: PARTIES[me.role] };
  if (without.size === 0) return apply(transition, row, input, at);
  try {
    return apply(transition, row, input, at, without);
  } catch {
    // A row without the part that the transition changes: no condition is left that says so.
    return { kind: 'refused', condition: 'nothing to change' };
  }
}

export const allows = <Input>(t: Turn, transition: Transition<Input>, input: Input): boolean =>
  ask(t, transition, input).kind === 'allowed';

/** Where an actor goes that loses the commit which its step is, and where without reading again. */
const AFTER_LOST: Readonly<Partial<Record<Step, Step | 'rest'>>> = {
  claim: 'findClaim',
  recordNotMinted: 'readNotMinted',
  recordUnknown: 'rest',
  recordMinted: 'readMinted',
  recordVended: 'readVended',
  discardKey: 'readDiscarded',
  recoverVended: 'rest',
  recoverUnknown: 'rest',
  recoverDiscarded: 'rest',
  recordCompensated: 'readCompensated',
  resolveWithKey: 'rest',
  resolveWithoutKey: 'rest',
  resolveAsVended: 'rest',
  correctNone: 'rest',
  endOverlapNow: 'ask',
  recordOverlapEnded: 'readOverlapEnded',
  revoke: 'ask',
  recordRevoked: 'readRevoked',
  recordChecked: 'rest',
  takeUpFoundKey: 'rest',
  wordGone: 'rest',
  wordNothingLeft: 'rest',
  noteExpiry: 'rest',
  rebuild: 'rest',
};
const WITHOUT_READING: Readonly<Partial<Record<Step, Step | 'rest'>>> = {
  claim: 'ask',
  recordNotMinted: 'rest',
  recordMinted: 'hasty',
  recordVended: 'hasty',
  discardKey: 'hasty',
};

export function afterLost({ role, step }: Pick<Actor, 'role' | 'step'>, { rules }: Setting): Step {
  const next = (!rules.rereads && restOf(role) === 'done' ? WITHOUT_READING[step] : undefined) ?? AFTER_LOST[step];
  return next === undefined || next === 'rest' ? restOf(role) : next;
}

const isCommit = (step: Step): boolean => AFTER_LOST[step] !== undefined;

export type Patch = Partial<Omit<Actor, 'role' | 'step'>>;

/** The actor goes on. One that comes to a commit with an outdated row has lost it already, which saves most states. */
export function goTo(t: Turn, step: Step | 'rest', patch?: Patch): World {
  const { world, me, at, setting } = t;
  const goes = step === 'rest' ? restOf(me.role) : step;
  const next: Actor = { ...me, ...patch, step: goes };
  return { ...world, actors: world.actors.with(at, arriving(next, world.row, patch?.isFresh === true, setting)) };
}

function arriving(next: Actor, row: Credential | undefined, hasRead: boolean, setting: Setting): Actor {
  if (!setting.rules.etag && hasRead) return resting({ ...next, basis: row });
  if (setting.rules.etag && !next.isFresh && isCommit(next.step))
    return resting({ ...next, step: afterLost(next, setting) });
  return resting(next);
}

/** Who rests forgets. */
function resting(actor: Actor): Actor {
  if (actor.step !== 'done' && actor.step !== 'idle') return actor;
  return actorOf(actor.role, actor.step, actor.step === 'idle' ? actor.request : 0);
}

/** The row was written by another. */
export function overtaken(actor: Actor, setting: Setting): Actor {
  if (!actor.isFresh) return actor;
  if (!setting.rules.etag || !isCommit(actor.step)) return { ...actor, isFresh: false };
  return resting({ ...actor, isFresh: false, step: afterLost(actor, setting) });
}

export const moveTo = (t: Turn, says: string, step: Step | 'rest', patch?: Patch): Move => [
  `${nameOf(t)} ${says}`,
  goTo(t, step, patch),
];

export const withFault = (t: Turn): Turn => ({ ...t, world: { ...t.world, faults: t.world.faults - 1 } });
export const withWorld = (t: Turn, world: World): Turn => ({ ...t, world });
export const wrong = (world: World, what: string): World => (world.wrong === '' ? { ...world, wrong: what } : world);

/** A key of the attempt may still be invisible. */
export const isYoung = ({ lapsed, minutes }: World, { clock, youth }: Setting, attempt: number): boolean =>
  clock === 'none' || lapsed < attempt || (youth && lapsed === attempt && minutes < 2);
