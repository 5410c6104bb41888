import { type Credential, isSameAttempt, namedKeys } from '../model/credential.ts';
import { readMarker } from '../model/idempotency.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { Stored } from '../ports/ledger.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import { commit, readCredential } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import { disableVersion, isNamedVersion } from '../saga/deletion.ts';
import type { Progress } from '../saga/revocation.ts';
import { keysProvenGone } from '../saga/unnamed-keys.ts';
import { readTags, type TaggedAttempt } from '../secret/naming.ts';

/**
 * Disables what landed in the vault after its attempt had ended.
 *
 * It keeps the versions that the row names, whatever their tags say. It keeps a version whose key is alive: the ledger
 * forgot that key, and readers may use it. The sweep is not over while such a key has our marker. Otherwise the next
 * attempt could store elsewhere, or the credential could be removed, and nothing would lead to the key.
 *
 * A 403 proves nothing, here as everywhere: Confluent may answer so for a deleted key, and for every key when the service
 * lost its role. Then the row of an attempt has to say that the key is gone, or the credential is revoked.
 */
export async function sweep(ctx: Context, row: Stored): Promise<Progress> {
  const { credential } = row;
  const { id, vaultUrl, secretName } = credential;
  const listed = await ctx.vault.listVersions(vaultUrl, secretName);
  if (listed.kind === 'unavailable') return { kind: 'open', row, upstream: listed.upstream };
  const hasSuspects = listed.versions.some((version) => suspect(credential, version) !== undefined);
  const outdated = hasSuspects ? await readAgain(ctx, row) : undefined;
  if (outdated !== undefined) return outdated;
  const left: VersionMetadata[] = [];
  let living: UpstreamTrace | undefined;
  for (const version of listed.versions) {
    const swept = await sweepVersion(ctx, credential, version);
    if (swept.kind === 'undecided') return { kind: 'open', row, upstream: swept.upstream };
    if (swept.kind === 'living') living = swept.upstream;
    left.push(swept.kind === 'disabled' ? { ...version, enabled: false } : version);
  }
  const hasLostReaders = readersLost(credential, left);
  if (living !== undefined && !hasLostReaders && !isBeingRevoked(credential))
    return { kind: 'open', row, upstream: living };
  if (hasLostReaders) reportWaitingRotation(ctx, credential);
  const transition = hasLostReaders ? TRANSITIONS.recordReadersLost : TRANSITIONS.recordSwept;
  const recorded = await commit(ctx, row, transition, {}, { id });
  return recorded.kind === 'committed' ? { kind: 'done', row: recorded.row } : { kind: 'open', row };
}

/**
 * Undefined if the row is still the same. A version that is listed was stored after its attempt was claimed. So a row that is
 * read after the list knows the attempt. An older row may not. The sweep would then disable the secret of a live attempt
 * while Confluent does not show its young key yet.
 */
async function readAgain(ctx: Context, row: Stored): Promise<Progress | undefined> {
  const read = await readCredential(ctx, row.credential.id);
  if (read.kind !== 'found') return { kind: 'open', row };
  return read.row.etag === row.etag ? undefined : { kind: 'deferred', row: read.row };
}

/** A revocation that is under way takes up such a key by itself. */
const isBeingRevoked = ({ revocation, closed }: Credential): boolean =>
  revocation !== undefined && closed === undefined;

/**
 * A disabled version does not make the reference fall back to the one before it. An earlier sweep may have disabled it and
 * died, so what it is now decides.
 */
function readersLost(row: Credential, [newest]: readonly VersionMetadata[]): boolean {
  const { id, current, revocation, failure } = row;
  if (newest === undefined || current === undefined || revocation !== undefined || failure?.urgent === true)
    return false;
  return !newest.enabled && readTags(newest.tags)?.id === id && !isNamedVersion(row, newest);
}

/** No rotation can come beside a previous key. Only a person knows whether programs may lose it before its overlap ends. */
function reportWaitingRotation(ctx: Context, { id, previous }: Credential): void {
  if (previous === undefined) return;
  ctx.log({ level: 'error', event: 'readers-wait-for-overlap', credentialId: id, apiKeyId: previous.keyId });
}

type Swept =
  | { readonly kind: 'spared' | 'disabled' }
  /** `living`: its key lives, and has a marker of this credential. */
  | { readonly kind: 'living' | 'undecided'; readonly upstream: UpstreamTrace };

const SPARED: Swept = { kind: 'spared' };

async function sweepVersion(ctx: Context, row: Credential, version: VersionMetadata): Promise<Swept> {
  const tagged = suspect(row, version);
  if (tagged === undefined) return SPARED;
  const looked = await ctx.confluent.getKey(row.target, tagged.keyId);
  const { upstream } = looked;
  const isGone = looked.kind !== 'forbidden' || row.revocation !== undefined || (await isProvenGone(ctx, row, tagged));
  if (looked.kind === 'unclear' || !isGone) return { kind: 'undecided', upstream };
  if (looked.kind === 'found') {
    ctx.log({ level: 'error', event: 'living-key-not-in-ledger', credentialId: row.id, apiKeyId: tagged.keyId });
    return readMarker(looked.key.spec.description)?.id === row.id ? { kind: 'living', upstream } : SPARED;
  }
  const disabled = await disableVersion(ctx, row, version.version);
  return disabled.kind === 'disabled' ? disabled : { kind: 'undecided', upstream: disabled.upstream };
}

async function isProvenGone(ctx: Context, row: Credential, { keyId }: TaggedAttempt): Promise<boolean> {
  const ended = await keysProvenGone(ctx, row);
  return ended?.has(keyId) === true && !namedKeys(row).includes(keyId);
}

/** The tags of a version that is enabled, and of an attempt that is over as far as the row knows. */
function suspect(row: Credential, version: VersionMetadata): TaggedAttempt | undefined {
  const tagged = readTags(version.tags);
  if (!version.enabled || tagged?.id !== row.id) return undefined;
  return isNamedVersion(row, version) || isOfNamedAttempt(row, tagged) ? undefined : tagged;
}

const isOfNamedAttempt = ({ current, previous, work }: Credential, tagged: TaggedAttempt): boolean =>
  [current, previous, work].some((named) => named !== undefined && isSameAttempt(named, tagged));
