import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { answerRevoked } from './answers.ts';
import { afterDelete, deletes, disableNamed, disables, disablesFirst } from './deletion.ts';
import { toCompensate } from './inputs.ts';
import { attemptName, commit, readRow } from './ledger.ts';
import { keyId, NONE, type View } from './row.ts';
import type { Step } from './steps.ts';
import { allows, goTo, moveTo, nameOf, rowOf, type Turn, withFault } from './turn.ts';
import { attemptOf, isLive } from './upstreams.ts';
import type { Move, Version, World } from './world.ts';

/** Keys that this pass has proven gone, one bit each. Both leave the row in one commit. */
const bitOf = (key: number): number => (key === NONE ? 0 : 1 << Math.min(key, 5));

const goneKeys = ({ current, previous }: View, gone: number): readonly string[] =>
  [current, previous].filter((key) => (gone & bitOf(key)) !== 0).map(keyId);

const input = (t: Turn, checked: boolean) => ({ keyIds: goneKeys(rowOf(t), t.me.gone), checked });

/** Another pass may have recorded the same. */
const isStillNamed = (t: Turn): boolean =>
  goneKeys(rowOf(t), t.me.gone).length > 0 && allows(t, TRANSITIONS.recordRevoked, input(t, false));

/** The look in the vault comes last. The table says when: its answer must hold for the row that it is recorded in. */
const mayAsk = (t: Turn): boolean => !rowOf(t).isChecked && allows(t, TRANSITIONS.recordRevoked, input(t, true));

/** A review has something to do for the revocation. */
export function hasToRevoke(t: Turn): boolean {
  const { isRevoked, current, previous } = rowOf(t);
  return isRevoked && (current !== NONE || previous !== NONE || (mayAsk(t) && t.world.isDark !== 'vault'));
}

function revoking(t: Turn): Move[] {
  const { me, world, setting } = t;
  const row = rowOf(t);
  const key =
    row.current !== NONE && (me.gone & bitOf(row.current)) === 0
      ? row.current
      : row.previous !== NONE && (me.gone & bitOf(row.previous)) === 0
        ? row.previous
        : NONE;
  if (key !== NONE) {
    // A pass begins with the row as it is now.
    const isFresh = me.gone === 0 || me.isFresh;
    const on = { ...t, me: { ...me, key, attempt: attemptOf(world, key), isFresh } };
    return disablesFirst(on, 'deleteRevoked');
  }
  if (mayAsk(t) && world.isDark !== 'vault')
    return [moveTo(t, 'asks the vault', setting.rules.closeAsksVault ? 'askVault' : 'recordChecked')];
  if (me.gone !== 0) return [moveTo(t, 'has no more to delete', 'recordRevoked')];
  if (me.role !== 'revoke') return [moveTo(t, 'finds nothing more to revoke', 'rest')];
  return [row.isClosed ? answerRevoked(t) : moveTo(t, 'answers that it is revoking', 'rest')];
}

/** What is proven is recorded. The rest is looked at again later. */
const unproven = (t: Turn): World => goTo(t, t.me.gone === 0 ? 'rest' : 'recordRevoked', { version: NONE });

const isGone = (t: Turn): World =>
  goTo(t, 'revoking', { gone: t.me.gone | bitOf(t.me.key), key: NONE, attempt: 0, version: NONE });

const deleteRevoked = (t: Turn): Move[] =>
  deletes(t, {
    proven: (turn) => (afterDelete(t, t.setting.rules.revokedDisabled) ? goTo(turn, 'disableRevoked') : isGone(turn)),
    unproven,
    believesRefusal: !t.setting.rules.revokedProven,
  });

function askVault(t: Turn): Move[] {
  const { world, setting } = t;
  const { rules } = setting;
  const row = rowOf(t);
  const isUnnamed = ({ tag, tagKey }: Version): boolean =>
    tag > 0 && tagKey !== row.current && tagKey !== row.previous && tagKey !== row.workKey && tag !== row.workAttempt;
  const unnamed = world.isDark === 'vault' ? [] : world.versions.filter(isUnnamed);
  const isSilent = world.isDark === 'confluent' && rules.askNeedsProof && unnamed.length > 0;
  if (isSilent) return [[`${nameOf(t)} asks the vault, and Confluent answers 403`, unproven(t)]];
  const ours = ({ tag, tagKey }: Version): boolean =>
    isLive(world, tagKey) && (attemptOf(world, tagKey) === tag || !rules.markerAsked);
  const found = world.isDark === 'confluent' ? undefined : unnamed.find(ours);
  const out: Move[] = [
    found === undefined ? moveTo(t, 'sees in the vault that all is gone', 'recordChecked') : takesUp(t, found),
  ];
  if (world.faults > 0) {
    const f = withFault(t);
    out.push([`${nameOf(t)} asks the vault: silent`, rules.lookupMustSucceed ? unproven(f) : goTo(f, 'recordChecked')]);
  }
  return out;
}

/** The key that a look finds takes the place of `work`, so the end of the others is recorded first. */
function takesUp(t: Turn, found: Version): Move {
  const says = `sees in the vault that K${found.tagKey} lives`;
  const version = t.world.versions.indexOf(found);
  const patch = { key: found.tagKey, attempt: found.tag, version };
  const on = { ...t, me: { ...t.me, ...patch } };
  if (allows(on, TRANSITIONS.takeUpFoundKey, toTakeUp(on))) return moveTo(t, says, 'takeUpFoundKey', patch);
  return [`${nameOf(t)} ${says}`, unproven(t)];
}

export const toTakeUp = (t: Turn) => ({
  ...toCompensate(t),
  attempt: attemptName(t.world, t.me.attempt),
  claimId: String(t.at),
});

export const REVOCATION: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  revoking,
  deleteRevoked,
  disableRevoked: (t) => disables(t, disableNamed, isGone, unproven),
  askVault,
  readRevoked: (t) => readRow(t, (read) => [moveTo(read, 'reads', isStillNamed(read) ? 'recordRevoked' : 'rest')]),
  recordRevoked: (t) =>
    commit(t, 'records what is gone', TRANSITIONS.recordRevoked, input(t, false), (world) => again(t, world)),
  recordChecked: (t) =>
    commit(t, 'records that all is gone', TRANSITIONS.recordRevoked, input(t, true), (world) => again(t, world)),
  takeUpFoundKey: (t) =>
    commit(t, 'takes up the key', TRANSITIONS.takeUpFoundKey, toTakeUp(t), (world) =>
      goTo({ ...t, world }, 'compensate', { isFresh: true, gone: 0 }),
    ),
};

const again = (t: Turn, world: World): World =>
  goTo({ ...t, world }, 'revoking', { isFresh: true, gone: 0, key: NONE, attempt: 0 });
