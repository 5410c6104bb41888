import { previewOf } from '../answers/preview.ts';
import { type Authority, operatorName } from '../model/caller.ts';
import { LEDGER_UNAVAILABLE } from '../model/problems.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { VendSettings } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { commitWhileAllowed } from '../saga/commit.ts';
import { compensate } from '../saga/compensate.ts';
import type { Context } from '../saga/context.ts';
import { continueRevocation } from '../saga/revocation.ts';
import { findCredential } from './find.ts';
import { failed, type Outcome } from './outcome.ts';

export interface RevokeCommand {
  readonly authority: Authority;
  readonly id: string;
}

/** When to look again whether a deletion is proven. */
const RETRY_AFTER_MS = 15_000;

/**
 * Revokes everything that the credential has: the current key, the previous one, and what an attempt under way mints. Asked
 * again it goes on, and answers `revoked` once nothing lives.
 *
 * The row says `revocation` before anything is deleted, so the reconciler goes on where a process dies.
 */
export async function revoke(ctx: Context, settings: VendSettings, command: RevokeCommand): Promise<Outcome> {
  const { authority, id } = command;
  const found = await findCredential(ctx, settings.policy, command);
  if (found.kind === 'problem') return found;
  const { row } = found;
  if (row.credential.revocation !== undefined) return goOn(ctx, row);
  const recorded = await commitWhileAllowed(ctx, row, TRANSITIONS.revoke, { by: nameOf(authority) });
  const seen = 'row' in recorded ? recorded.row : undefined;
  return seen?.credential.revocation === undefined ? failed(LEDGER_UNAVAILABLE, id) : goOn(ctx, seen);
}

function nameOf(authority: Authority): string {
  switch (authority.kind) {
    case 'service':
      return 'service';
    case 'operator':
      return operatorName(authority.caller);
    case 'caller':
      return authority.caller.id;
  }
}

async function goOn(ctx: Context, row: Stored): Promise<Outcome> {
  if (row.credential.closed !== undefined) return { kind: 'revoked', credential: row.credential };
  const compensated = await compensate(ctx, row);
  const { row: now } = await continueRevocation(ctx, compensated.kind === 'closed' ? compensated.row : row);
  const { credential } = now;
  return credential.closed === undefined
    ? { kind: 'revoking', credential, retryAfterMs: RETRY_AFTER_MS }
    : { kind: 'revoked', credential };
}

/** What a revocation would do. */
export async function previewRevoke(ctx: Context, settings: VendSettings, command: RevokeCommand): Promise<Outcome> {
  const found = await findCredential(ctx, settings.policy, command);
  if (found.kind === 'problem') return found;
  const { credential } = found.row;
  const effect = credential.closed === undefined ? 'revoke' : 'none';
  return { kind: 'previewed', preview: previewOf('revoke', effect, credential) };
}
