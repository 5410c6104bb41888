import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { ofAttempt, ofVended, toCompensate } from './inputs.ts';
import { commit } from './ledger.ts';
import { hasToRevoke } from './revocation.ts';
import { AHEAD, keyId, NONE } from './row.ts';
import type { Step } from './steps.ts';
import { prune, sweep, sweepBlindly } from './sweep.ts';
import {
  allows,
  goTo,
  isYoung,
  moveTo,
  nameOf,
  type Patch,
  rowOf,
  type Turn,
  withFault,
  withWorld,
  wrong,
} from './turn.ts';
import { attemptOf, findVersion, isInDoubt, isLive, killed } from './upstreams.ts';
import { DEAD, type Move } from './world.ts';

/** What a review does. The table decides what is due, whatever the dates of the due rows say. */
function idle(t: Turn): Move[] {
  const { world, setting } = t;
  const row = rowOf(t);
  if (!row.exists) return [];
  const out: Move[] = [];
  const pick = (says: string, step: Step, patch = {}): void => {
    out.push(moveTo(t, says, step, { isFresh: true, ...patch }));
  };
  const ofWork = { attempt: row.workAttempt, key: row.workKey };
  if (row.phase === 'compensating') pick('finds a key to delete', 'compensate', ofWork);
  if (isLapsed(t)) pick('finds an attempt whose lease is over', 'look', ofWork);
  if (hasToRevoke(t)) pick('goes on with the revocation', 'revoking');
  if (
    row.previous !== NONE &&
    !row.isRevoked &&
    allows(t, TRANSITIONS.recordOverlapEnded, { keyId: keyId(row.previous) })
  )
    pick('ends the overlap', 'endPrevious', { key: row.previous, attempt: attemptOf(world, row.previous) });
  out.push(...sweep(t), ...prune(t));
  if (setting.expiry && row.current !== NONE && allows(t, TRANSITIONS.noteExpiry, {}))
    pick('notes the expiry', 'noteExpiry');
  return out;
}

function isLapsed(t: Turn): boolean {
  const { phase, workAttempt, workKey } = rowOf(t);
  if (phase !== 'minting' && phase !== 'minted') return false;
  const me = { ...t.me, attempt: workAttempt, key: workKey === NONE ? DEAD : workKey };
  return allows(t, TRANSITIONS.recoverDiscarded, toCompensate({ ...t, me }));
}

// ---- the attempt of a dead worker

function look(t: Turn): Move[] {
  const { world, me, setting } = t;
  const { rules } = setting;
  const { attempt, key } = me;
  const isMinting = key === NONE;
  const none: Step = isMinting ? 'recoverUnknown' : rules.recordBeforeDelete ? 'recoverDiscarded' : 'hasty';
  const silent = (turn: Turn): Move =>
    moveTo(turn, 'looks in the vault: silent', rules.lookupMustSucceed ? 'idle' : none);
  if (world.isDark === 'vault') return [silent(t)];
  const tagged = findVersion(t, attempt, { key, holds: rules.markerAdopts });
  const found = tagged === NONE && isMinting ? findDead(t) : tagged;
  const version = world.versions[found];
  if (version === undefined && !isMinting && world.isDark === 'confluent' && !rowOf(t).isRevoked)
    return [moveTo(t, 'looks in the vault: none, Confluent answers 403', 'idle')];
  const out: Move[] =
    version !== undefined
      ? lookAtKey(t, found, version.tagKey)
      : isInDoubt(t)
        ? [moveTo(t, 'looks in the vault: an untagged version, decides nothing', 'idle')]
        : [moveTo(t, 'looks in the vault: none', none)];
  return world.faults > 0 ? [...out, silent(withFault(t))] : out;
}

/** Tags of the attempt that name a key which Confluent does not know. */
const findDead = ({ world, me }: Turn): number =>
  world.versions.findLastIndex((v) => v.enabled && v.tag === me.attempt && v.tagKey === DEAD);

/** Confluent shows the key that the tags name, or not. Without the key there is no marker to see. */
function lookAtKey(t: Turn, version: number, key: number): Move[] {
  const { world, me, setting } = t;
  const { rules } = setting;
  const { isRevoked } = rowOf(t);
  const says = (turn: Turn, what: string, step: Step, patch?: Patch): Move =>
    moveTo(turn, `looks in the vault: K${key}, ${what}`, step, patch);
  if (world.isDark === 'confluent' && (me.key === NONE || !isRevoked))
    return [says(t, 'Confluent answers 403', 'idle')];
  const known = { key, version };
  const gone = whenGone(t);
  const closes = gone === 'recoverDiscarded' ? known : {};
  if (!isLive(world, key) && (rules.adoptOnlyLiving || isRevoked)) return [says(t, 'gone', gone, closes)];
  const adopts = { ...t, me: { ...me, ...known } };
  const mayAdopt = allows(adopts, TRANSITIONS.recoverVended, ofVended(adopts));
  const alive = mayAdopt
    ? says(t, 'alive', 'recoverVended', known)
    : says(t, 'alive, not to be used', 'recoverDiscarded', known);
  const mayHide = isLive(world, key) && setting.clock === 'kept' && isYoung(world, setting, me.attempt);
  if (world.faults === 0 || !mayHide) return [alive];
  const hidden = says(withFault(t), '404 while it propagates', rules.youngIsNotGone ? 'idle' : gone, closes);
  return [alive, hidden];
}

/** A key that is gone was the attempt's if the row names it. If only tags do, nobody knows. */
function whenGone({ me, setting: { rules } }: Turn): Step {
  if (me.key !== NONE) return 'recoverDiscarded';
  if (!rules.goneIsDecided) return 'idle';
  return rules.goneIsAnybodys ? 'recoverUnknown' : 'recoverDiscarded';
}

const recoverVended = (t: Turn): Move[] => {
  const { key } = t.me;
  const mayBeGone = isLive(t.world, key) || t.world.keys[key]?.fate === 'deleted';
  const turn = mayBeGone ? t : withWorld(t, wrong(t.world, 'A: a key is adopted that was gone at the look'));
  return commit(turn, 'adopts the key', TRANSITIONS.recoverVended, ofVended(t), 'rest');
};

/** Without a rule: it deletes first and records then. */
const hasty = (t: Turn): Move[] => [
  [`${nameOf(t)} deletes K${t.me.key}`, goTo(withWorld(t, killed(t.world, t.me.key)), 'recordCompensated')],
];

function noteExpiry(t: Turn): Move[] {
  const expiresOn = t.world.row?.current?.expiresOn ?? AHEAD;
  const turn = expiresOn < AHEAD ? t : withWorld(t, wrong(t.world, 'E: a key is revoked that has not expired'));
  return commit(turn, 'notes the expiry', TRANSITIONS.noteExpiry, {}, 'revoking');
}

export const RECONCILER: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  idle,
  look,
  sweep: sweepBlindly,
  recoverVended,
  recoverUnknown: (t) => commit(t, 'records unknown', TRANSITIONS.recoverUnknown, ofAttempt(t), 'rest'),
  recoverDiscarded: (t) => commit(t, 'discards the key', TRANSITIONS.recoverDiscarded, toCompensate(t), 'compensate'),
  hasty,
  noteExpiry,
};
