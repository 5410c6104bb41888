import { type Credential, isSameAttempt, namedKeys } from '../../model/credential.ts';
import { readMarker } from '../../model/idempotency.ts';
import { API_KEY_ID, type KeyRecord, type Target } from '../../model/resources.ts';
import type { VersionMetadata } from '../../ports/secret-vault.ts';
import type { Context } from '../../saga/context.ts';
import { keysProvenGone } from '../../saga/unnamed-keys.ts';
import { readRowTags, readTags, type TaggedAttempt, type TaggedRow } from '../../secret/naming.ts';
import type { KeyPlace, RecoveredSecret } from './schema.ts';

/** A version with tags of one credential, and what Confluent shows of the key that they name. */
export interface SeenKey {
  readonly version: VersionMetadata;
  readonly tagged: TaggedAttempt;
  /** What else the tags say; absent where that cannot be read. */
  readonly row?: TaggedRow | undefined;
  readonly seen: Seen;
}

/** The vault counts in seconds. Where two versions are of one second, the later attempt made the newer one. */
export const newestFirst = (versions: readonly VersionMetadata[]): readonly VersionMetadata[] =>
  versions.toSorted((a, b) => b.createdAt - a.createdAt || attemptOf(b) - attemptOf(a));

const attemptOf = ({ tags }: VersionMetadata): number => readTags(tags)?.attempt ?? 0;

/** `forged`: the key lives, and has not the marker that the tags say. `unseen`: nothing is known. */
type Seen =
  | { readonly kind: 'living'; readonly key: KeyRecord }
  | { readonly kind: 'gone' | 'forged' | 'unseen' | 'named' };

/**
 * Every version with tags of the credential, newest first. Tags can be forged, descriptions in Confluent cannot: a key
 * counts only with the marker that the tags say. A row that is there has keys that need no look.
 */
export async function lookAtKeys(
  ctx: Context,
  id: string,
  versions: readonly VersionMetadata[],
  known: Credential | undefined,
): Promise<readonly SeenKey[]> {
  const seen: SeenKey[] = [];
  for (const version of versions) {
    const tagged = readTags(version.tags);
    if (tagged === undefined || tagged.id !== id) continue;
    const row = readRowTags(version.tags);
    const isNamed = known !== undefined && namedKeys(known).includes(tagged.keyId);
    const target = known?.target ?? row?.target;
    seen.push({ version, tagged, row, seen: isNamed ? { kind: 'named' } : await look(ctx, tagged, target) });
  }
  return known !== undefined && seen.some(isUnseen) ? withProofs(ctx, known, seen) : seen;
}

const isUnseen = ({ seen }: SeenKey): boolean => seen.kind === 'unseen';

/** Confluent may answer 403 for a deleted key. Then the ledger's own proof counts. */
async function withProofs(ctx: Context, known: Credential, seen: readonly SeenKey[]): Promise<readonly SeenKey[]> {
  const proven = await keysProvenGone(ctx, known);
  return seen.map((each) => {
    const { keyId } = each.tagged;
    const isGone = isUnseen(each) && proven?.has(keyId) === true && !isSaid(known, keyId);
    return isGone ? { ...each, seen: { kind: 'gone' } } : each;
  });
}

const isSaid = (row: Credential, keyId: string): boolean => row.saidGone?.includes(keyId) === true;

async function look({ confluent }: Context, tagged: TaggedAttempt, target: Target | undefined): Promise<Seen> {
  if (target === undefined || !API_KEY_ID.test(tagged.keyId)) return { kind: 'unseen' };
  const looked = await confluent.getKey(target, tagged.keyId);
  switch (looked.kind) {
    case 'found': {
      const marker = readMarker(looked.key.spec.description);
      const isOurs = marker !== undefined && marker.id === tagged.id && isSameAttempt(marker, tagged);
      return isOurs ? { kind: 'living', key: looked.key } : { kind: 'forged' };
    }
    case 'absent':
      return { kind: 'gone' };
    case 'forbidden':
    case 'unclear':
      return { kind: 'unseen' };
  }
}

/** What a row names, or will name. */
export interface Named {
  readonly current?: { readonly keyId: string; readonly version: string } | undefined;
  readonly previous?: string | undefined;
  readonly work?: string | undefined;
  readonly target?: Target | undefined;
  /** Until when readers may still have a secret that is older than current. Ms since the epoch. */
  readonly overlapEnd?: number | undefined;
}

export const namedBy = ({ current, previous, work, target, grant }: Credential): Named => ({
  current: current && { keyId: current.key.id, version: current.secret.version },
  overlapEnd: current && current.vendedAt + grant.overlapMs,
  previous: previous?.keyId,
  work: work?.keyId,
  target,
});

/** The place of each key. Only a key that is older than current is deleted, after its overlap: readers may have the others. */
export function placesOf(keys: readonly SeenKey[], named: Named, now: number): RecoveredSecret['keys'] {
  const at = keys.findIndex(({ version }) => version.version === named.current?.version);
  const isOlder = ({ keyId }: TaggedAttempt): boolean =>
    at >= 0 && keys.findIndex(({ tagged }) => tagged.keyId === keyId) > at;
  return keys.map((key) => ({
    apiKeyId: key.tagged.keyId,
    secretVersion: key.version.version,
    enabled: key.version.enabled,
    is: placeOf(key, named, isOlder(key.tagged), now),
  }));
}

function placeOf({ tagged: { keyId }, row, seen }: SeenKey, named: Named, isOlder: boolean, now: number): KeyPlace {
  if (keyId === named.current?.keyId) return 'current';
  if (keyId === named.previous) return 'previous';
  if (keyId === named.work) return 'under-way';
  if (seen.kind !== 'living') return seen.kind === 'named' ? 'left' : seen.kind;
  if (!isOlder || !isSameTarget(row?.target, named.target)) return 'left';
  return named.overlapEnd !== undefined && now >= named.overlapEnd ? 'superseded' : 'overlapping';
}

/** A key is deleted where its row says that it is. */
export const isSameTarget = (a: Target | undefined, b: Target | undefined): boolean =>
  a !== undefined &&
  b !== undefined &&
  JSON.stringify(Object.entries(a).toSorted()) === JSON.stringify(Object.entries(b).toSorted());
