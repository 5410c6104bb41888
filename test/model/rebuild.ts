import type { Recovery } from '../../src/vending/model/transitions.ts';
import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { decidesIf } from './decision.ts';
import { attemptName, commit } from './ledger.ts';
import { draftOf, keyRecord, NONE, secretAt, viewOf } from './row.ts';
import type { Setting } from './setting.ts';
import type { Step } from './steps.ts';
import type { Turn } from './turn.ts';
import { attemptOf, isLive } from './upstreams.ts';
import { isResting, type Move, type Version, type World } from './world.ts';

const counts = ({ enabled, tag, tagKey }: Version, world: World, { rules }: Setting): boolean =>
  enabled && tag > 0 && isLive(world, tagKey) && (attemptOf(world, tagKey) === tag || !rules.markerBuilds);

/** From the vault's tags: the newest living key is current, the one before it previous. */
export function rebuilds(t: Turn): Move[] {
  const { world, setting } = t;
  if (!world.isLost || (setting.rules.recoveryWaits && isUnderWay(t))) return [];
  const found = world.versions.flatMap((version, n) => (counts(version, world, setting) ? [n] : []));
  const [version = NONE, attempt = NONE] = setting.rules.newestIsCurrent ? found.reverse() : found;
  if (version === NONE) return [];
  const patch = { version, attempt };
  return decidesIf(t, 'builds the row anew from the vault', 'rebuild', patch, TRANSITIONS.insertRecovered, recovery);
}

/** Something that was begun on the row before it was lost. */
const isUnderWay = ({ world: { lapsed, claimed, late, actors }, at }: Turn): boolean =>
  lapsed < claimed || late.length > 0 || actors.some((actor, n) => n !== at && !isResting(actor));

/** `version` is that of current, `attempt` that of previous. */
function recovery({ world, me, setting }: Turn): Recovery {
  const named = (n: number) => {
    const { tag = 0, tagKey = NONE } = world.versions[n] ?? {};
    return { ...attemptName(world, tag), key: keyRecord(tagKey), secret: secretAt(n), vendedAt: 0 };
  };
  const current = named(me.version);
  const previous = me.attempt === NONE ? undefined : named(me.attempt);
  const attempts = Math.max(current.attempt, previous?.attempt ?? 0);
  return { draft: draftOf(setting, 0), createdAt: 0, attempts, current, ...(previous && { previous }) };
}

const rebuild = (t: Turn): Move[] => commit(t, 'inserts the row', TRANSITIONS.insertRecovered, recovery(t), 'rest');

export const REBUILD: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = { rebuild };

/** Keys that the ledger forgot, that live, and that the tags of an enabled version still name. */
export const forgotten = (world: World): readonly number[] =>
  world.keys.flatMap(({ fate, isLost, isMissed }, n) => {
    const isFound = world.versions.some(
      (v) => v.enabled && v.tag > 0 && v.tagKey === n && attemptOf(world, n) === v.tag,
    );
    return fate === 'live' && isLost && !isMissed && isFound && !isNamed(world, n) ? [n] : [];
  });

const isNamed = ({ row }: World, n: number): boolean => {
  const { current, previous, workKey } = viewOf(row);
  return [current, previous, workKey].includes(n);
};
