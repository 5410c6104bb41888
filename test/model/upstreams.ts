import { NONE, type View, viewOf } from './row.ts';
import { type Turn, withWorld, wrong } from './turn.ts';
import { BY_HAND, DEAD, FOREIGN, keyOf, type Version, versionOf, type World } from './world.ts';

// ---- Confluent

export const isLive = (world: World, key: number): boolean => key === FOREIGN || world.keys[key]?.fate === 'live';
export const attemptOf = (world: World, key: number): number => world.keys[key]?.attempt ?? 0;

/** A key that comes to exist while its row is lost is forgotten too. */
export const minted = (world: World, attempt: number): World => ({
  ...world,
  keys: [...world.keys, { ...keyOf(attempt), isLost: world.isLost && world.row === undefined }],
});

export function killed(world: World, key: number, fate: 'deleted' | 'gone' = 'deleted'): World {
  if (key === FOREIGN) return wrong(world, 'VII: a key without our marker was deleted');
  const was = world.keys[key];
  if (was?.fate !== 'live') return world;
  return { ...world, keys: world.keys.with(key, { ...was, fate }) };
}

// ---- the vault

/** A version that lands for a dead key can only be found by a sweep. */
export function stored(world: World, key: number, attempt: number, place: number): World {
  if (world.isDark === 'vault') return world;
  const version = { ...versionOf(key, attempt, attempt, place), isLate: key < BY_HAND && !isLive(world, key) };
  return { ...world, versions: [...world.versions, version] };
}

/** Its tags are the ones that it was stored with. */
export const isSigned = ({ tag, attempt, tagKey, key }: Version): boolean => tag === attempt && tagKey === key;
export const isOurs = ({ key }: Version): boolean => key < BY_HAND;
/** A version whose tags were replaced and that no row named: nobody can know of it any more. */
export const isBeyondUs = (version: Version): boolean => !isOurs(version) || (!isSigned(version) && !version.isKnown);

export const isEnabled = ({ versions }: World, key: number): boolean =>
  versions.some((v) => v.key === key && v.enabled);

/** The version of current or of previous. */
export const isReadVersion = (row: View, version: number): boolean =>
  row.currentVersion === version || row.previousVersion === version;
export const namesVersion = (row: View, version: number): boolean =>
  isReadVersion(row, version) || row.workVersion === version;

/** Whose it is by what Confluent shows of the key that its tags name: the marker has no forgery. */
const hasMarker = (world: World, { tag, tagKey }: Version): boolean =>
  tagKey < DEAD && attemptOf(world, tagKey) === tag;

/** The newest enabled version with the tags of an attempt. `key`: only one that names it. `holds`: Confluent shows the marker. */
export function findVersion(
  { world, setting: { moves } }: Turn,
  attempt: number,
  { key, holds }: { readonly key: number; readonly holds: boolean },
): number {
  const place = viewOf(world.row).place;
  return world.versions.findLastIndex(
    (v) =>
      v.enabled &&
      v.tag === attempt &&
      (!moves || v.place === place) &&
      (!holds || (key === NONE ? hasMarker(world, v) : v.tagKey === key)),
  );
}

/** An enabled version that has no tags of this credential which name a key of ours, and that the row does not name. */
export const isUnsigned = (row: View, version: Version, at: number, rowKnows: boolean): boolean =>
  version.enabled &&
  (version.tag === 0 || (version.tag === row.workAttempt && version.tagKey !== row.workKey)) &&
  !(rowKnows && namesVersion(row, at));

/** Nothing that a look finds can tell whether the attempt's secret was stored. */
export function isInDoubt(t: Turn): boolean {
  const { world, setting } = t;
  const row = viewOf(world.row);
  const { rules } = setting;
  return (
    row.phase === 'minted' &&
    !row.isRevoked &&
    rules.untaggedDecidesNothing &&
    isLive(world, row.workKey) &&
    findVersion(t, row.workAttempt, { key: row.workKey, holds: rules.markerAdopts }) === NONE &&
    world.versions.some((v, n) => isUnsigned(row, v, n, rules.rowKnowsVersion))
  );
}

export const disabled = (world: World, which: (version: Version, at: number) => boolean): World =>
  world.versions.some((v, n) => v.enabled && which(v, n))
    ? { ...world, versions: world.versions.map((v, n) => (v.enabled && which(v, n) ? { ...v, enabled: false } : v)) }
    : world;

/** Versions with the tags of an attempt. The version that current or previous names is not found by its tags. */
export const taggedWith =
  ({ world, setting: { rules, moves } }: Turn, attempt: number) =>
  (version: Version, at: number): boolean => {
    const row = viewOf(world.row);
    return (
      version.tag === attempt &&
      attempt > 0 &&
      (!moves || version.place === row.place) &&
      !(rules.rowBeatsTags && isReadVersion(row, at))
    );
  };

/** What is tagged with such an attempt belongs to nobody any more. */
export function isOver(world: World, attempt: number, latest: number): boolean {
  const row = viewOf(world.row);
  return (
    attempt > 0 &&
    attempt <= latest &&
    row.workAttempt !== attempt &&
    (row.current === NONE || row.currentAttempt !== attempt) &&
    (row.previous === NONE || row.previousAttempt !== attempt)
  );
}

export const withDisabled = (t: Turn, which: (version: Version, at: number) => boolean): Turn =>
  withWorld(t, disabled(t.world, which));
