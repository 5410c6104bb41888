import { mayPrune, TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { commit, written } from './ledger.ts';
import { NONE, viewOf } from './row.ts';
import { allows, isYoung, momentOf, moveTo, nameOf, rowOf, type Turn, withFault, withWorld } from './turn.ts';
import { attemptOf, disabled, isLive, isOver, isReadVersion, taggedWith } from './upstreams.ts';
import { DEAD, FOREIGN, type Move, type Version } from './world.ts';

/** Versions of attempts that are over. A sweep looks for the keys that their tags name. */
function suspects(t: Turn): readonly Version[] {
  const { world, setting } = t;
  const { rules } = setting;
  const { workAttempt, phase } = rowOf(t);
  const isSeen = ({ tag, tagKey }: Version): boolean =>
    rules.sweepSparesLiving &&
    setting.clock === 'kept' &&
    world.isDark !== 'confluent' &&
    (tagKey === FOREIGN ||
      (tagKey !== DEAD && world.keys.some(({ attempt, fate }) => attempt === tag && fate === 'live')));
  return world.versions.filter(
    (v, n) =>
      v.enabled &&
      (isOver(world, v.tag, world.claimed) ||
        (!rules.sweepSparesWork && phase !== undefined && v.tag === workAttempt)) &&
      taggedWith(t, v.tag)(v, n) &&
      !isSeen(v),
  );
}

/** Confluent answers 403, and no row of an attempt says that the key is gone. Of a credential that is revoked nothing is spared. */
function isUndecided({ world, setting: { rules } }: Turn, { tagKey }: Version): boolean {
  const key = world.keys[tagKey];
  const isUnproven = key !== undefined && (key.isLost || key.fate === 'live');
  return rules.sweepNeedsProof && world.isDark === 'confluent' && isUnproven && !viewOf(world.row).isRevoked;
}

export function sweep(t: Turn): Move[] {
  const { world, setting } = t;
  if (world.row?.sweepAt === undefined || world.isDark === 'vault' || !allows(t, TRANSITIONS.recordSwept, {}))
    return [];
  if (!setting.rules.sweepReadsLast)
    return [moveTo(t, 'reads the row to sweep', 'sweep', { basis: world.row, isFresh: true })];
  const suspected = suspects(t);
  const swept = suspected.filter((v) => !isUndecided(t, v));
  const turn = withWorld(
    t,
    disabled(world, (v) => swept.includes(v)),
  );
  if (swept.length < suspected.length)
    return swept.length === 0 ? [] : [[`${nameOf(t)} sweeps: Confluent answers 403`, turn.world]];
  // With no clock no sweep is the last one.
  if (setting.clock === 'none') return swept.length === 0 ? [] : [[`${nameOf(t)} sweeps`, turn.world]];
  const transition = readersLost(turn) ? TRANSITIONS.recordReadersLost : TRANSITIONS.recordSwept;
  const out = commit({ ...turn, me: { ...t.me, isFresh: true } }, 'sweeps', transition, {}, 'idle');
  const silent = withFault(t).world;
  return world.faults > 0 ? [...out, [`${nameOf(t)} sweeps: the vault is silent`, silent]] : out;
}

/**
 * Without a rule: the row was read before the versions were listed. It does not know an attempt that was claimed since, whose
 * key is young, so that Confluent may not show it yet.
 */
export function sweepBlindly(t: Turn): Move[] {
  const { world, me, setting } = t;
  const { current, previous, workAttempt } = viewOf(me.basis);
  const named = [workAttempt, attemptOf(world, current), attemptOf(world, previous)];
  const isHidden = ({ tag, tagKey }: Version): boolean => !isLive(world, tagKey) || isYoung(world, setting, tag);
  const swept = world.versions.filter(
    (v, n) => v.enabled && !named.includes(v.tag) && taggedWith(t, v.tag)(v, n) && isHidden(v),
  );
  const turn = withWorld(
    t,
    disabled(world, (v) => swept.includes(v)),
  );
  if (!me.isFresh) return [moveTo(turn, 'sweeps by an old row', 'idle')];
  const transition = readersLost(turn) ? TRANSITIONS.recordReadersLost : TRANSITIONS.recordSwept;
  return commit(turn, 'sweeps', transition, {}, 'idle');
}

/** A disabled version does not make the reference fall back to the one before it. */
function readersLost({ world }: Turn): boolean {
  const row = viewOf(world.row);
  const newest = world.versions.at(-1);
  if (newest === undefined || row.current === NONE || row.isRevoked || world.row?.failure?.urgent === true)
    return false;
  return !newest.enabled && newest.tag > 0 && !isReadVersion(row, world.versions.length - 1);
}

/** Only where another credential wants the name: what is forgotten has no future else. */
export function prune(t: Turn): Move[] {
  const { world, setting, at } = t;
  const { row } = world;
  const { isIdle, isRevoked, isClosed } = rowOf(t);
  if (!setting.second || row === undefined) return [];
  const { sweepAt: _, ...unswept } = row;
  const { pruneWaits, pruneAfterClose } = setting.rules;
  const may = mayPrune(pruneWaits ? row : unswept, momentOf(world, setting));
  const closes = !pruneAfterClose && isIdle && isRevoked && !isClosed && row.sweepAt === undefined;
  if (!may && !closes) return [];
  return [[`${nameOf(t)} prunes the row`, { ...written(world, undefined, at, setting), isPruned: true }]];
}
