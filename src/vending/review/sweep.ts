import { type Credential, isSameAttempt } from '../model/credential.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { UpstreamTrace } from '../model/upstream.ts';
import type { Stored } from '../ports/ledger.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import { commit } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import type { Progress } from '../saga/revocation.ts';
import { disableVersion, isNamed } from '../saga/versions.ts';
import { readTags, type TaggedAttempt } from '../secret/tags.ts';

/**
 * Disables what landed in the vault after its attempt had ended.
 *
 * It spares what the row names, whatever its tags say, and a version whose key is seen alive: that key is one that the
 * ledger forgot, and readers may use it.
 */
export async function sweep(ctx: Context, row: Stored): Promise<Progress> {
  const { credential } = row;
  const { id, vaultUrl, secretName } = credential;
  const listed = await ctx.vault.listVersions(vaultUrl, secretName);
  if (listed.kind === 'unavailable') return { kind: 'open', row, upstream: listed.upstream };
  const left: VersionMetadata[] = [];
  for (const version of listed.versions) {
    const swept = await sweepVersion(ctx, credential, version);
    if (typeof swept === 'object') return { kind: 'open', row, upstream: swept };
    left.push(swept === 'disabled' ? { ...version, enabled: false } : version);
  }
  const transition = readersLost(credential, left) ? TRANSITIONS.recordReadersLost : TRANSITIONS.recordSwept;
  const recorded = await commit(ctx, row, transition, {}, { id });
  return recorded.kind === 'committed' ? { kind: 'done', row: recorded.row } : { kind: 'open', row };
}

/**
 * A disabled version does not make the reference fall back to the one before it. An earlier sweep may have disabled it and
 * died, so what it is now decides.
 */
function readersLost(row: Credential, [newest]: readonly VersionMetadata[]): boolean {
  const { id, current, revocation, failure } = row;
  if (newest === undefined || current === undefined || revocation !== undefined || failure?.urgent === true)
    return false;
  return !newest.enabled && readTags(newest.tags)?.id === id && !isNamed(row, newest);
}

/** @returns the upstream that did not decide */
async function sweepVersion(
  ctx: Context,
  row: Credential,
  version: VersionMetadata,
): Promise<'spared' | 'disabled' | UpstreamTrace> {
  const tagged = readTags(version.tags);
  if (!version.enabled || tagged === undefined || tagged.id !== row.id) return 'spared';
  if (isNamed(row, version) || isOfNamedAttempt(row, tagged)) return 'spared';
  const looked = await ctx.confluent.getKey(row.target, tagged.keyId);
  if (looked.kind === 'unclear') return looked.upstream;
  if (looked.kind === 'found') {
    ctx.log({ level: 'error', event: 'living-key-not-in-ledger', credentialId: row.id, apiKeyId: tagged.keyId });
    return 'spared';
  }
  const disabled = await disableVersion(ctx, row, version.version);
  return disabled.kind === 'unavailable' ? disabled.upstream : 'disabled';
}

const isOfNamedAttempt = ({ current, previous, work }: Credential, tagged: TaggedAttempt): boolean =>
  [current, previous, work].some((named) => named !== undefined && isSameAttempt(named, tagged));
