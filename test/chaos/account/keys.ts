import type { EmulatedAzure } from '../../../src/sandbox/azure/azure.ts';
import { type Credential, isSameAttempt, statusOf } from '../../../src/vending/model/credential.ts';
import { readMarker } from '../../../src/vending/model/idempotency.ts';
import { readTags } from '../../../src/vending/secret/naming.ts';
import { renderSecret, Secret } from '../../../src/vending/secret/secret.ts';
import { type LedgerView, type Looked, versionsOf } from '../evidence.ts';

type Key = ReturnType<EmulatedAzure['arm']['keys']>[number];
export type Keys = ReadonlyMap<string, Key>;

/**
 * Every live key is the current or previous one of a credential, with its secret in the vault, or an attempt under way names
 * it. No version is enabled whose key is dead, and of a revoked credential nothing is left.
 */
export function accountForKeys(azure: EmulatedAzure, { credentials }: LedgerView): string[] {
  const keys = azure.arm.keys();
  const byId = new Map(keys.map((key) => [key.id, key]));
  return [
    ...keys.filter(({ deleted }) => !deleted).flatMap((key) => ownerless(key, credentials)),
    ...[...credentials.values()].flatMap((credential) => [
      ...brokenKeys(azure, credential, byId),
      ...strayVersions(azure, credential, byId),
    ]),
    ...secondPosts(azure),
  ];
}

export function ownerless({ id: keyId, description }: Key, credentials: LedgerView['credentials']): string[] {
  const marker = readMarker(description);
  const credential = credentials.get(marker?.id ?? '');
  if (marker === undefined || credential === undefined) return [`key ${keyId} lives and no credential names it`];
  const { current, previous, work } = credential;
  const isNamed =
    (current !== undefined && isSameAttempt(current, marker) && current.key.id === keyId) ||
    (previous !== undefined && isSameAttempt(previous, marker) && previous.keyId === keyId) ||
    (work !== undefined && isSameAttempt(work, marker) && (work.keyId ?? keyId) === keyId);
  return isNamed ? [] : [`key ${keyId} of attempt ${marker.attempt} lives, but ${describe(credential)}`];
}

/** Current and previous live, and their versions hold their secrets. */
export function brokenKeys(azure: Pick<Looked, 'vault' | 'clock'>, credential: Credential, keys: Keys): string[] {
  const { current, previous, secretFormat, target, revocation } = credential;
  if (revocation !== undefined) return [];
  const versions = versionsOf(azure, credential);
  const isRight = (version: (typeof versions)[number] | undefined, keyId: string): boolean => {
    const secret = new Secret(keys.get(keyId)?.secret ?? '');
    const { value } = renderSecret(secretFormat, { id: keyId, metadata: {}, spec: {} }, secret, target);
    return version?.enabled === true && version.value === value.reveal();
  };
  const lives = (keyId: string): boolean => keys.get(keyId)?.deleted === false;
  const named = (wanted: string) => versions.find(({ version }) => version === wanted);
  const isPast = previous !== undefined && previous.revokeAt <= azure.clock.now();
  return [
    ...(current === undefined || lives(current.key.id) ? [] : ['its current key is gone']),
    ...(current === undefined || isRight(named(current.secret.version), current.key.id)
      ? []
      : ['the version of its current key does not hold the secret']),
    ...(current === undefined || versions.at(-1)?.version === current.secret.version
      ? []
      : ['a reference without version does not lead to its current key']),
    ...(previous === undefined || isPast || lives(previous.keyId) ? [] : ['its previous key is gone before its date']),
    ...(previous === undefined || isPast || isRight(named(previous.secret.version), previous.keyId)
      ? []
      : ['the version of its previous key does not hold the secret']),
  ].map((what) => `${describe(credential)}, but ${what}`);
}

/** Enabled versions of dead keys, or of keys that the row does not name. */
function strayVersions(azure: EmulatedAzure, credential: Credential, keys: Keys): string[] {
  const { id, current, previous, work } = credential;
  const named = [current?.secret.version, previous?.secret.version];
  return versionsOf(azure, credential).flatMap(({ version, enabled, tags }) => {
    const tagged = readTags(tags);
    if (!enabled || tagged === undefined || tagged.id !== id) return [];
    const isDead = keys.get(tagged.keyId)?.deleted !== false;
    if (isDead) return [`${describe(credential)}, but version ${version} of a dead key is enabled`];
    const isNamed = named.includes(version) || (work !== undefined && isSameAttempt(work, tagged));
    return isNamed ? [] : [`${describe(credential)}, but version ${version}, which it does not name, is enabled`];
  });
}

/** A POST that was answered 401 is repeated with a new token: nobody acted on it. */
export function secondPosts({ arm }: Pick<Looked, 'arm'>): string[] {
  const posts = arm.requests().filter(({ operation, status }) => operation === 'createApiKey' && status !== 401);
  const seen = new Set<string>();
  return posts.flatMap(({ body }) => {
    const marker = markerIn(body);
    if (marker === undefined) return ['a POST carried no marker'];
    const name = `${marker.id}.${marker.attempt}.${marker.nonce}`;
    if (seen.has(name)) return [`attempt ${name} was POSTed twice`];
    seen.add(name);
    return [];
  });
}

function markerIn(body: unknown): ReturnType<typeof readMarker> {
  const isDescribed = typeof body === 'object' && body !== null && 'description' in body;
  return isDescribed ? readMarker(String(body.description)) : undefined;
}

const describe = (credential: Credential): string =>
  `credential ${credential.id} is ${statusOf(credential)} after attempt ${credential.attempts}`;
