import { LEDGER_UNAVAILABLE, type Problem } from '../model/problems.ts';
import { review } from '../review/review.ts';
import { slotsFrom } from '../review/rotation-schedule.ts';
import { readCredential } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import type { VendSettings } from './settings.ts';

/** The version of a secret that an event of Key Vault is about. */
export interface SecretVersion {
  readonly vaultUrl: string;
  readonly secretName: string;
  readonly version: string;
}

export type Looked =
  | { readonly kind: 'looked' }
  | { readonly kind: 'ignored'; readonly reason: 'not-ours' | 'not-current' }
  | { readonly kind: 'unclear'; readonly problem: Problem };

/**
 * An event about a secret means "look now" and nothing else: anybody who may send events may make one up. The ledger knows
 * every date, so the review does what is due, and nothing before its time.
 */
export async function lookAtSecret(
  ctx: Context,
  settings: VendSettings,
  { vaultUrl, secretName, version }: SecretVersion,
): Promise<Looked> {
  const name = await ctx.ledger.read('name', new URL(vaultUrl).host.toLowerCase(), secretName.toLowerCase());
  if (name.kind === 'absent') return { kind: 'ignored', reason: 'not-ours' };
  if (name.kind !== 'found') return { kind: 'unclear', problem: LEDGER_UNAVAILABLE };
  const read = await readCredential(ctx, name.value.id);
  if (read.kind === 'absent') return { kind: 'ignored', reason: 'not-ours' };
  if (read.kind === 'unreachable') return { kind: 'unclear', problem: LEDGER_UNAVAILABLE };
  if (read.row.credential.current?.secret.version !== version) return { kind: 'ignored', reason: 'not-current' };
  await review(ctx, { terms: settings, slots: slotsFrom(ctx.clock.now()) }, read.row);
  return { kind: 'looked' };
}
