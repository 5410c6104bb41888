import { TRANSITIONS, type Transition } from '../../src/vending/model/transitions.ts';
import { ofAttempt } from './inputs.ts';
import { commit, later, readRow } from './ledger.ts';
import { keyId, NONE } from './row.ts';
import type { Step } from './steps.ts';
import { allows, goTo, isYoung, moveTo, nameOf, rowOf, type Turn, withFault, withWorld } from './turn.ts';
import { attemptOf, disabled, isLive, killed, taggedWith, withDisabled } from './upstreams.ts';
import { FOREIGN, type Move } from './world.ts';

interface After {
  /** Only this may lead to a record that the key is gone. */
  readonly proven: (t: Turn) => Move[1];
  readonly unproven: (t: Turn) => Move[1];
  /** A deletion that Confluent refuses is taken for a proof. */
  readonly believesRefusal?: boolean;
}

/**
 * A GET, then a DELETE. They are one step, because nothing that the GET shows changes later but the end of the key.
 *
 * 204 and 404 both say that Confluent knows no such key.
 */
export function deletes(t: Turn, { proven, unproven, believesRefusal = false }: After): Move[] {
  const { world, me, setting } = t;
  const { rules } = setting;
  const { key } = me;
  const says = `${nameOf(t)} DELETE K${key}`;
  if (world.isDark === 'confluent') return [[`${says}: 403`, (rules.deleteNeedsProof ? unproven : proven)(t)]];
  if (key === FOREIGN && rules.markerBeforeDelete)
    return [[`${nameOf(t)} GET K${key}: the marker is another's`, unproven(t)]];
  const isDoubtful = isYoung(world, setting, attemptOf(world, key));
  if (!isLive(world, key))
    return [
      [`${says}: 404`, proven(t)],
      ...(isDoubtful && rules.youngAbsence ? [[`${says}: 404, young`, unproven(t)] as const] : []),
    ];
  const deleted = (turn: Turn): Turn => withWorld(turn, killed(turn.world, key));
  const out: Move[] = [[says, proven(deleted(t))]];
  if (world.faults === 0) return out;
  const f = withFault(t);
  const ifBelieved = (isRule: boolean): ((turn: Turn) => Move[1]) => (isRule ? unproven : proven);
  out.push(
    [`${says}: fails`, unproven(f)],
    [`${says}: no answer`, unproven(deleted(f))],
    [`${says}: 202`, ifBelieved(rules.acceptedIsNotDone)(later(f, { kind: 'delete', key }))],
    [`${says}: 403, and GET shows it`, ifBelieved(rules.deleteNeedsProof && !believesRefusal)(f)],
  );
  if (isDoubtful) out.push([`${says}: 404 while it propagates`, ifBelieved(rules.youngAbsence)(f)]);
  return out;
}

export const step =
  (next: Step | 'rest') =>
  (t: Turn): Move[1] =>
    goTo(t, next);

/** @param next gets the world in which it is disabled. */
export function disables(
  t: Turn,
  which: (t: Turn) => Turn,
  next: (t: Turn) => Move[1],
  silent: (t: Turn) => Move[1],
): Move[] {
  const says = `${nameOf(t)} disables the version of K${t.me.key}`;
  if (t.world.isDark === 'vault') return [[`${says}: no vault`, silent(t)]];
  const out: Move[] = [[says, next(which(t))]];
  if (t.world.faults > 0) out.push([`${says}: the vault is silent`, silent(withFault(t))]);
  return out;
}

/** The version that the row names for a key that is read, or was. */
export function disableNamed(t: Turn): Turn {
  const { world, me, setting } = t;
  const row = rowOf(t);
  if (!setting.rules.rowKnowsVersion) return withDisabled(t, taggedWith(t, attemptOf(world, me.key)));
  const isNamed = (_: unknown, n: number): boolean =>
    (row.current === me.key && n === row.currentVersion) || (row.previous === me.key && n === row.previousVersion);
  return withDisabled(t, isNamed);
}

/** The version first, so that nobody reads a secret whose key is dead. A silent vault does not save the key. */
export function disablesFirst(t: Turn, next: Step): Move[] {
  if (!t.setting.rules.disablesFirst) return [[`${nameOf(t)} goes on with K${t.me.key}`, goTo(t, next)]];
  const isDone = (turn: Turn): Move[1] => goTo(turn, next, { version: DISABLED });
  return disables(t, disableNamed, isDone, step(next));
}
const DISABLED = 0;

/** The version has still to be disabled where the vault was silent before. */
export const afterDelete = ({ me }: Turn, isRule: boolean): boolean => isRule && me.version !== DISABLED;

/** Everything that the attempt stored: what its work names, and what has its tags. */
function disableAttempt(t: Turn): Turn {
  const { world, me, setting } = t;
  const row = rowOf(t);
  const isTagged = taggedWith(t, me.attempt);
  const names = setting.rules.workKnowsVersion && row.workKey === me.key ? row.workVersion : NONE;
  const found = world.versions.findIndex((v, n) => isTagged(v, n) || n === names);
  const next = disabled(world, (v, n) => isTagged(v, n) || n === names);
  return { ...withWorld(t, next), me: { ...me, version: found } };
}

const toClose = (t: Turn) => ({ ...ofAttempt(t), keyId: keyId(t.me.key), stored: t.me.version !== NONE });
const toEnd = (t: Turn) => ({ keyId: keyId(t.me.key) });

/** The proof that a key is gone does not come twice: who loses the commit reads, and commits on the row as it is. */
export const readAndRecord =
  <Input>(step: Step, transition: Transition<Input>, input: (t: Turn) => Input) =>
  (t: Turn): Move[] =>
    readRow(t, (read) => [moveTo(read, 'reads', allows(read, transition, input(read)) ? step : 'rest')]);

/** Workers and reviews delete in the same way. */
export const DELETION: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  compensate: (t) =>
    deletes(t, {
      proven: step(t.setting.rules.disableCompensated ? 'disableAttempt' : 'recordCompensated'),
      unproven: step('rest'),
    }),
  disableAttempt: (t) => disables(t, disableAttempt, step('recordCompensated'), step('rest')),
  recordCompensated: (t) =>
    commit(t, 'records the end of the attempt', TRANSITIONS.recordCompensated, toClose(t), 'rest'),
  readCompensated: readAndRecord('recordCompensated', TRANSITIONS.recordCompensated, toClose),
  endPrevious: (t) => disablesFirst(t, 'deletePrevious'),
  deletePrevious: (t) =>
    deletes(t, {
      proven: step(afterDelete(t, t.setting.rules.previousDisabled) ? 'disablePrevious' : 'recordOverlapEnded'),
      unproven: step('rest'),
      believesRefusal: !t.setting.rules.previousProven,
    }),
  disablePrevious: (t) => disables(t, disableNamed, step('recordOverlapEnded'), step('rest')),
  recordOverlapEnded: (t) =>
    commit(t, 'records the end of the overlap', TRANSITIONS.recordOverlapEnded, toEnd(t), 'rest'),
  readOverlapEnded: readAndRecord('recordOverlapEnded', TRANSITIONS.recordOverlapEnded, toEnd),
};
