import { decides } from './decision.ts';
import { attemptName, write } from './ledger.ts';
import { NONE, previousOf, rowWith } from './row.ts';
import type { Step } from './steps.ts';
import { afterLost, nameOf, type Turn } from './turn.ts';
import { attemptOf, isLive } from './upstreams.ts';
import type { Move } from './world.ts';

/** From the vault's tags: the newest living key is current, the one before it previous. */
export function rebuilds(t: Turn): Move[] {
  const { world, setting } = t;
  if (!world.isLost) return [];
  const found = world.versions.flatMap((v, n) => {
    const hasMarker = attemptOf(world, v.tagKey) === v.tag || !setting.rules.markerBuilds;
    return v.enabled && v.tag > 0 && isLive(world, v.tagKey) && hasMarker ? [n] : [];
  });
  const [version, old = NONE] = found.reverse();
  if (version === undefined) return [];
  return [decides(t, 'builds the row anew from the vault', 'rebuild', { version, attempt: old })];
}

function rebuild(t: Turn): Move[] {
  const { world, me, setting } = t;
  const named = (n: number) => {
    const version = world.versions[n];
    return { key: version?.tagKey ?? NONE, name: attemptName(world, version?.tag ?? 0) };
  };
  const { key, name } = named(me.version);
  const attempts = Math.max(name.attempt, 1);
  const row = { ...rowWith(setting, key, attempts, name.nonce, me.version) };
  const old = named(me.attempt);
  const whole = me.attempt === NONE ? row : { ...row, previous: previousOf(old.key, old.name, me.attempt) };
  return write(t, `${nameOf(t)} inserts the row`, whole, 'rest', afterLost(me, setting));
}

export const REBUILD: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = { rebuild };
