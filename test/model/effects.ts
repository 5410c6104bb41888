import type { Version, World } from './world.ts';

/** Confluent mints a key. */
export const minted = ({ keys }: World, attempt: number): Partial<World> => ({
  keys: [...keys, { attempt, fate: 'lives' }],
});

/** Confluent deletes a key for one of us. What a stranger deleted stays `gone`. */
export const deleted = ({ keys }: World, key: number): Partial<World> => ({
  keys: keys.map((one, at) => (at === key && one.fate === 'lives' ? { ...one, fate: 'deleted' } : one)),
});

export const lives = ({ keys }: World, key: number): boolean => keys[key]?.fate === 'lives';

/** The vault takes a version, tagged with its attempt. */
export function stored(world: World, { key, attempt }: Pick<Version, 'key' | 'attempt'>): Partial<World> {
  return { versions: [...world.versions, { key, attempt, enabled: true, late: !lives(world, key) }] };
}

/** Every version that carries the tags of the attempt goes out of force. */
export const disabled = ({ versions }: World, attempt: number): Partial<World> => ({
  versions: versions.map((one) => (one.attempt === attempt && one.enabled ? { ...one, enabled: false } : one)),
});

/** The newest version in force that carries the tags of the attempt. */
export const versionInForce = ({ versions }: World, attempt: number): number =>
  versions.findLastIndex((one) => one.attempt === attempt && one.enabled);
