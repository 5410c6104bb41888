import { NONE, type View, viewOf } from './row.ts';
import type { Setting } from './setting.ts';
import { isBeyondUs, isEnabled, isLive, isOurs, isOver } from './upstreams.ts';
import { DEAD, type Key, type Version, type World } from './world.ts';

/**
 * What must hold in every world.
 *
 * I: one attempt sends one POST. II: every key is named. IV: one request, one credential, two living keys at most. V: what is
 * answered as vended is there. VI: no key that readers have is deleted by us. VII: no key without our marker is deleted, or
 * becomes current or previous. R: what is revoked is gone. L: what is closed leaves nothing enabled. M: a rotation that failed
 * can be asked for again. N: a secret name has one owner. U: readers without a secret get a rotation.
 */
export function broken(world: World, setting: Setting): string[] {
  if (world.wrong !== '') return [world.wrong];
  if (world.isForged) return [];
  const row = viewOf(world.row);
  if (row.current >= DEAD || row.previous >= DEAD) return ['VII: a key without our marker is in the row'];
  return [
    ...brokenAttempts(world, row),
    ...brokenKeys(world, row),
    ...brokenReaders(world, row, setting),
    ...brokenEnd(world, row),
  ];
}

function brokenAttempts(world: World, row: View): string[] {
  const out: string[] = [];
  if (world.posts.some((n) => n > 1)) out.push('I: two POSTs in one attempt');
  for (const [request, attempt] of world.requests.entries())
    if (attempt !== 0 && attempt !== row.workAttempt && attempt !== world.vendedFor[request])
      out.push(`M: request ${request} cannot be asked for again, and its attempt a${attempt} has no key`);
  const holdsName = world.row?.holdsName === true;
  // A key that is only to be deleted needs no name.
  const needsName = !row.isIdle && (row.current !== NONE || row.phase !== 'compensating');
  if (row.exists && (row.isIdle ? holdsName : needsName && !holdsName))
    out.push('N: the row holds its name without need, or lacks it');
  return out;
}

function brokenKeys(world: World, row: View): string[] {
  const living = world.keys.flatMap(({ fate, isMissed, isLost }, n) =>
    fate === 'live' && !isMissed && !isLost ? [n] : [],
  );
  const unnamed = living.filter((n) => !isNamed(world, row, n));
  return [
    ...unnamed.map((n) => `II: K${n} lives, and nothing names it`),
    ...(living.length > 2 ? ['IV: three keys live'] : []),
  ];
}

function isNamed(world: World, row: View, n: number): boolean {
  const isOpen = row.phase === 'minting' || row.phase === 'unknown';
  if (row.workKey === n || (isOpen && row.workAttempt === world.keys[n]?.attempt)) return true;
  const mayBeDisabled = row.isRevoked || world.isDark === 'vault' || isEnabled(world, n);
  return (row.current === n && mayBeDisabled) || (row.previous === n && (mayBeDisabled || row.isOverlapOver));
}

function brokenReaders(world: World, row: View, setting: Setting): string[] {
  if (row.isRevoked) return [];
  const out: string[] = [];
  const current = notLost(world, row.current);
  if (current?.fate === 'deleted') out.push('VI: current was deleted by us');
  if (notLost(world, row.previous)?.fate === 'deleted' && !row.isOverlapOver)
    out.push('VI: previous was deleted by us before its date');
  if (current?.fate === 'live' && world.isDark === undefined && !isEnabled(world, row.current))
    out.push('V: the secret of current is not enabled');
  const newest = world.versions.at(-1);
  if (setting.clock === 'kept' && row.exists && newest !== undefined && isOurs(newest) && !newest.isLate)
    out.push(...brokenNewest(world, row, newest));
  return out;
}

const notLost = ({ keys }: World, n: number): Key | undefined => (keys[n]?.isLost === false ? keys[n] : undefined);

/** Readers of the reference without a version get the newest one, enabled or not. */
function brokenNewest(world: World, row: View, newest: Version): string[] {
  const hasCurrent = row.current !== NONE;
  const fate = world.keys[newest.key]?.fate;
  if (fate === 'deleted' && (hasCurrent || newest.enabled))
    return ['VI: readers get the version of a key that we deleted'];
  if (!hasCurrent || newest.enabled) return [];
  if (fate !== 'gone') return ['VI: readers get a disabled version'];
  const isUrgent = world.row?.failure?.urgent === true;
  // Such a key died after the loss. The sweep that disabled the version may have died before it said so: the next one does.
  const isSwept = world.isLost && world.row?.sweepAt !== undefined;
  return row.phase === undefined && !isUrgent && !isSwept
    ? ['U: readers get a disabled version, and no rotation is asked for']
    : [];
}

function brokenEnd(world: World, row: View): string[] {
  const out: string[] = [];
  const isLiving = world.keys.some(({ fate, isMissed }) => fate === 'live' && !isMissed);
  if (row.isClosed && (isLiving || isLive(world, row.workKey)))
    out.push('R: the credential is closed, and a key lives');
  const isLeft = (v: Version): boolean => v.enabled && !v.isLate && isLeftOver(world, row, v);
  if (row.exists && world.isDark === undefined && world.versions.some(isLeft))
    out.push('L: what was closed left enabled what had been stored before its key was deleted');
  const newest = world.versions.at(-1);
  if (world.isTaken && newest !== undefined && isOurs(newest))
    out.push('N: a secret lands in the name of another credential');
  return out;
}

/** A version of an attempt that is over, and that we can know of. */
export const isLeftOver = (world: World, row: View, v: Version): boolean =>
  !isBeyondUs(v) && isOver(world, v.attempt, world.claimed) && (world.keys[v.key]?.isLost !== true || row.isClosed);
