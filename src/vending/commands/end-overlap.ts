import { previewOf } from '../answers/preview.ts';
import { LEDGER_UNAVAILABLE, problemOf } from '../model/problems.ts';
import { TRANSITIONS } from '../model/transitions.ts';
import type { VendSettings } from '../policy/policy.ts';
import { commitWhileAllowed } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import { endOverlap } from '../saga/revocation.ts';
import { findCredential } from './find.ts';
import { failed, type Outcome } from './outcome.ts';
import type { RevokeCommand } from './revoke.ts';

export interface EndOverlapCommand extends RevokeCommand {
  /** The previous key. */
  readonly apiKeyId: string;
}

const NOT_PREVIOUS = problemOf(
  'no-overlap',
  'apiKeyId is not the previous key of this credential. To end the current key, rotate or revoke it.',
);

/** Revokes the previous key now. A leaked key must not live a day longer. A key that is gone already is answered alike. */
export async function endOverlapNow(
  ctx: Context,
  settings: VendSettings,
  command: EndOverlapCommand,
): Promise<Outcome> {
  const found = await find(ctx, settings, command);
  if (found.kind !== 'previous') return found.outcome;
  const { apiKeyId: keyId } = command;
  const recorded = await commitWhileAllowed(ctx, found.row, TRANSITIONS.endOverlapNow, { keyId });
  if (recorded.kind !== 'committed') return failed(LEDGER_UNAVAILABLE, command.id);
  // What is not proven now the reconciler goes on with.
  const ended = await endOverlap(ctx, recorded.row);
  return { kind: 'overlap-ended', credential: ended.row.credential };
}

/** What that would do. */
export async function previewEndOverlap(
  ctx: Context,
  settings: VendSettings,
  command: EndOverlapCommand,
): Promise<Outcome> {
  const found = await find(ctx, settings, command);
  if (found.kind === 'previous')
    return { kind: 'previewed', preview: previewOf('end-overlap', 'revoke', found.row.credential) };
  const { outcome } = found;
  return outcome.kind === 'overlap-ended'
    ? { kind: 'previewed', preview: previewOf('end-overlap', 'none', outcome.credential) }
    : outcome;
}

async function find(ctx: Context, { policy }: VendSettings, command: EndOverlapCommand) {
  const { id, apiKeyId } = command;
  const other = (outcome: Outcome) => ({ kind: 'other', outcome }) as const;
  const found = await findCredential(ctx, policy, command);
  if (found.kind === 'problem') return other(found);
  const { row } = found;
  const { credential } = row;
  if (credential.previous?.keyId === apiKeyId) return { kind: 'previous', row } as const;
  if (credential.current?.key.id === apiKeyId || credential.work?.keyId === apiKeyId)
    return other(failed(NOT_PREVIOUS, id));
  const key = await ctx.ledger.read('key', apiKeyId);
  if (key.kind === 'unreachable') return other(failed(LEDGER_UNAVAILABLE, id));
  const wasOurs = key.kind === 'found' && key.value.id === id;
  return other(wasOurs ? { kind: 'overlap-ended', credential } : failed(NOT_PREVIOUS, id));
}
