import { dueTasks, nextReview } from '../../src/vending/model/due.ts';
import { broken, isLeftOver } from './invariants.ts';
import { play } from './moves.ts';
import { forgotten } from './rebuild.ts';
import { MINUTE_MS, NONE, viewOf } from './row.ts';
import type { Setting } from './setting.ts';
import { allPassed } from './time.ts';
import { goTo, momentOf, nowOf, turnOf } from './turn.ts';
import { isBeyondUs, isInDoubt } from './upstreams.ts';
import type { Role, World } from './world.ts';

/** Nobody is at work and nothing is under way. */
export const isQuiet = ({ late, actors }: World): boolean =>
  late.length === 0 && actors.every(({ step }) => step === 'done' || step === 'idle');

/**
 * The rest of the invariants. The reconciler runs alone, and every date is past. Then nothing is open but what a person has
 * to decide, and the operator has a way out of that.
 */
export function brokenInTheEnd(quiet: World, setting: Setting, ends: Map<string, number>): string[] {
  const world = reconciled(quiet, setting);
  const out = broken(world, setting);
  const row = viewOf(world.row);
  if (world.isForged) return out;
  if (world.isPruned && world.versions.some((v) => v.enabled && !isBeyondUs(v)))
    out.push('Q: the row is forgotten, and a version of it is enabled');
  if (setting.operator && world.isDark === undefined) out.push(...notRecovered(world, setting));
  if (!row.exists) return out;
  const end = endOf(world);
  ends.set(end, (ends.get(end) ?? 0) + 1);
  const open = openIn(world);
  const isForPeople = (what: string): boolean => what === 'unknown' || (what === 'minted' && isDoubted(world, setting));
  if (world.isDark === undefined) {
    if (!open.every(isForPeople)) out.push(`Q: open after the reconciler: ${open.join(', ')}`);
    out.push(...stillDue(world, setting, open.some(isForPeople)));
  }
  if (setting.operator) out.push(...withoutWayOut(world, setting, open));
  if (world.isDark !== 'vault' && world.versions.some((v) => v.enabled && isLeftOver(world, row, v)))
    out.push('Q: a version of what is over is enabled');
  return out;
}

/** The dates of the row say the same: what is still due then would be looked at again and again. */
function stillDue(world: World, setting: Setting, waits: boolean): string[] {
  if (world.row === undefined || waits || setting.clock === 'none') return [];
  const next = nextReview(world.row, momentOf(world, setting));
  const isDone = next === undefined || next.task === 'prune' || next.task === 'ask-rotation';
  return isDone ? [] : [`Q: due after the reconciler: ${next.task}`];
}

/** What the vault still names, a recovery inserts or deletes. A key whose secret readers get is rotated first. */
function notRecovered(world: World, setting: Setting): string[] {
  const { exists, phase, isRevoked } = viewOf(world.row);
  const newest = world.versions.at(-1);
  const left = forgotten(world).filter((n) => !exists || isRevoked || newest?.key !== n);
  if (left.length === 0 || phase !== undefined) return [];
  const operator = actorAt(world, 'operator');
  const after = { ...world, faults: 0, lapsed: Math.max(world.lapsed, world.claimed) };
  const steps = play(after, operator, setting).map(([, { actors }]) => actors[operator]);
  const isDone = (n: number): boolean =>
    steps.some((actor) => actor?.step === 'rebuild' || (actor?.step === 'correctNone' && actor.key === n));
  return left.filter((n) => !isDone(n)).map((n) => `F: K${n} is named by the vault, and no recovery finds it`);
}

function endOf(world: World): string {
  const { isClosed, phase, isRevoked, current } = viewOf(world.row);
  if (isClosed) return 'closed';
  return phase ?? (isRevoked ? 'revoking' : current === NONE ? 'failed' : 'vended');
}

function openIn(world: World): string[] {
  const row = viewOf(world.row);
  const hasKeys = row.current !== NONE || row.previous !== NONE;
  return [
    ...(row.phase === undefined ? [] : [row.phase]),
    ...(row.isRevoked && hasKeys ? ['revoking'] : []),
    ...(row.isRevoked && row.isIdle && !row.isClosed ? ['closing'] : []),
    ...(!row.isRevoked && row.previous !== NONE ? ['previous past its date'] : []),
  ];
}

const actorAt = (world: World, role: Role): number => world.actors.findIndex((actor) => actor.role === role);

function isDoubted(world: World, setting: Setting): boolean {
  const t = turnOf(world, actorAt(world, 'reconciler'), setting);
  return t !== undefined && isInDoubt(t);
}

/** Row by row an operator must be able to move on whatever is left. */
function withoutWayOut(world: World, setting: Setting, open: readonly string[]): string[] {
  if (open.length === 0) return [];
  const operator = actorAt(world, 'operator');
  const ways = play({ ...world, faults: 0 }, operator, setting).map(([, next]) => next);
  return open
    .filter((what) => !ways.some((next) => movesOn(what, next, operator)))
    .map((what) => `Q: an operator has no move for: ${what}`);
}

function movesOn(what: string, world: World, operator: number): boolean {
  const { step, key } = world.actors[operator] ?? { step: 'idle', key: NONE };
  const row = viewOf(world.row);
  const isWord = step === 'wordGone';
  switch (what) {
    case 'revoking':
    case 'previous past its date':
      return isWord && (key === row.current || key === row.previous);
    case 'closing':
      return step === 'wordNothingLeft' || step === 'correctNone';
    default:
      return step.startsWith('resolve') || (isWord && key === row.workKey);
  }
}

const MOST_LOOKS = 100;

/** The reconciler looks at all that is due in turn: a task that decides nothing must not hold up the rest. */
function reconciled(quiet: World, setting: Setting): World {
  const { second: _, ...rest } = setting;
  const alone = { ...rest, second: false };
  const lapsed = quiet.row === undefined ? quiet.lapsed : Math.max(quiet.lapsed, quiet.claimed);
  let world: World = allPassed({ ...quiet, faults: 0, lapsed, minutes: 2 });
  const at = actorAt(world, 'reconciler');
  for (let n = 0, looks = 0; n < MOST_LOOKS; n++) {
    world = allPassed(world);
    const isIdle = world.actors[at]?.step === 'idle';
    const next = play(world, at, alone);
    const chosen = next[isIdle && next.length > 0 ? looks++ % next.length : 0];
    if (chosen === undefined) break;
    const missed = isIdle && notDue(world, setting);
    world = missed ? { ...chosen[1], wrong: missed } : chosen[1];
  }
  const t = turnOf(world, at, setting);
  return t === undefined || t.me.step === 'idle' ? world : goTo(t, 'idle');
}

/** A review comes only when the row says that something is due. */
function notDue(world: World, setting: Setting): string {
  if (world.row === undefined || !setting.isTableWhole) return '';
  const { timings } = momentOf(world, setting);
  // The writer of a deletion has half a minute to do it before a review comes.
  const due = dueTasks(world.row, { now: nowOf(world, setting) + MINUTE_MS, timings });
  return due.length > 0 ? '' : 'Q: a review has something to do, and the row has no date for it';
}
