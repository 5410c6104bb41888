import { viewOf } from './row.ts';
import { STEPS, type Step } from './steps.ts';
import type { Actor, Late, Role, World } from './world.ts';

const numbered = <Name extends string>(names: readonly Name[]): ReadonlyMap<Name, number> =>
  new Map(names.map((name, n) => [name, n]));
const STEP_CODES = numbered<Step>(STEPS);
const ROLE_CODES = numbered<Role>(['vend', 'rotate', 'revoke', 'end', 'reconciler', 'operator', 'other']);
const LATE_CODES = numbered<Late['kind']>(['commit', 'post', 'put', 'delete']);
const FATE_CODES = { live: 0, deleted: 1, gone: 2 } as const;

/** A world in numbers: two worlds with the same numbers have the same future. */
export function codesOf(world: World): readonly number[] {
  const out: number[] = [...viewOf(world.row).code];
  const dark = world.isDark === undefined ? 0 : world.isDark === 'confluent' ? 1 : 2;
  const flags = [world.isPruned, world.isTaken, world.isLost, world.isForged, world.wrong !== ''];
  out.push(
    ((world.lapsed * 4 + world.minutes) * 3 + dark) * 8 + world.claimed,
    flags.reduce<number>((sum, flag) => sum * 2 + Number(flag), 0),
    (world.forgotten * 8 + world.shift) * 8 + world.faults,
    (world.keys.length * 16 + world.versions.length) * 16 + world.late.length,
  );
  for (const count of world.posts) out.push(count);
  for (const [n, attempt] of world.answered.entries())
    out.push((attempt * 8 + (world.requests[n] ?? 0)) * 8 + (world.vendedFor[n] ?? 0));
  for (const { attempt, fate, isMissed, isLost } of world.keys)
    out.push(((attempt * 3 + FATE_CODES[fate]) * 2 + Number(isMissed)) * 2 + Number(isLost));
  for (const { key, attempt, tag, tagKey, enabled, isLate, isKnown, place } of world.versions)
    out.push(
      (((key * 128 + attempt) * 16 + tag) * 128 + tagKey + 1) * 16 +
        (Number(enabled) * 8 + Number(isLate) * 4 + Number(isKnown) * 2 + place),
    );
  for (const effect of world.late) addLate(out, effect);
  out.push(...world.actors.map((actor, at) => codeOfActor(world, actor, at)).sort((a, b) => a - b));
  for (const { basis } of world.actors) if (basis !== undefined) out.push(...viewOf(basis).code);
  return out;
}

function addLate(out: number[], effect: Late): void {
  out.push(LATE_CODES.get(effect.kind) ?? 0);
  switch (effect.kind) {
    case 'commit':
      out.push(...viewOf(effect.row).code);
      break;
    case 'post':
      out.push(effect.attempt);
      break;
    case 'put':
      out.push((effect.attempt * 8 + effect.key) * 2 + effect.place);
      break;
    case 'delete':
      out.push(effect.key);
      break;
  }
}

/** Actors of one kind are interchangeable, so they are sorted. The number of an actor says too whether it wrote the row. */
function codeOfActor(world: World, actor: Actor, at: number): number {
  const { role, request, step, isFresh, attempt, key, version, gone } = actor;
  const looks = step === 'findClaim' || step === 'findLateClaim';
  const wrote = looks
    ? Number(world.row?.writeId === String(at)) +
      2 * Number(viewOf(world.row).claimedBy === at) +
      4 * Number(world.late.some((effect) => effect.kind === 'commit' && effect.by === at))
    : 0;
  const what = ((ROLE_CODES.get(role) ?? 0) * 4 + request) * 64 + (STEP_CODES.get(step) ?? 0);
  return (((((what * 2 + Number(isFresh)) * 8 + attempt) * 8 + key + 1) * 16 + version + 1) * 64 + gone) * 8 + wrote;
}
