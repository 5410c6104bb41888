import { type Credential, namedKeys } from '../model/credential.ts';
import { readMarker } from '../model/idempotency.ts';
import { CLOCK_SKEW_MS } from '../model/timings.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import type { FoundKey } from '../model/transitions.ts';
import type { GetKeyOutcome } from '../ports/confluent.ts';
import type { VersionMetadata } from '../ports/secret-vault.ts';
import { readTags } from '../secret/naming.ts';
import type { Context } from './context.ts';

export type Look =
  | { readonly kind: 'none' }
  | { readonly kind: 'found'; readonly key: Omit<FoundKey, 'claimId' | 'problem'> }
  | { readonly kind: 'unclear'; readonly upstream: UpstreamTrace };

/** A ledger that lost rows, or an operator's wrong word, leaves keys that only the vault's tags still name. Those are looked at. */
export async function findUnnamedKey(ctx: Context, row: Credential): Promise<Look> {
  const listed = await ctx.vault.listVersions(row.vaultUrl, row.secretName);
  if (listed.kind === 'unavailable') return { kind: 'unclear', upstream: listed.upstream };
  const unnamed = listed.versions.flatMap((each): readonly Unnamed[] => {
    const tagged = readTags(each.tags);
    const isOurs = tagged !== undefined && tagged.id === row.id && !namedKeys(row).includes(tagged.keyId);
    return isOurs ? [{ keyId: tagged.keyId, of: each }] : [];
  });
  const gone = unnamed.length === 0 ? NO_KEYS : await keysProvenGone(ctx, row);
  if (gone === undefined) return { kind: 'unclear', upstream: { service: 'ledger' } };
  for (const each of unnamed) {
    // A person's word counts only while Confluent does not show the key.
    const isKnown = gone.has(each.keyId) && row.saidGone?.includes(each.keyId) !== true;
    const look = isKnown ? NO_SUCH_KEY : await lookAt(ctx, row, each);
    if (look.kind !== 'none') return look;
  }
  return NO_SUCH_KEY;
}

const NO_SUCH_KEY: Look = { kind: 'none' };

interface Unnamed {
  readonly keyId: string;
  /** The version whose tags name it. */
  readonly of: VersionMetadata;
}

async function lookAt(ctx: Context, row: Credential, { keyId, of }: Unnamed): Promise<Look> {
  const looked = await ctx.confluent.getKey(row.target, keyId);
  switch (looked.kind) {
    case 'found': {
      const marked = readMarker(looked.key.spec.description);
      if (marked?.id !== row.id) return NO_SUCH_KEY;
      return { kind: 'found', key: { attempt: marked, keyId, secret: { id: of.id, version: of.version } } };
    }
    case 'absent':
      return NO_SUCH_KEY;
    case 'forbidden':
    case 'unclear': {
      const isOver = isHidden(looked) && row.saidGone?.includes(keyId) === true;
      const isForgotten = looked.kind === 'forbidden' && isOfEarlierLife(ctx, row, of);
      return isOver || isForgotten ? NO_SUCH_KEY : { kind: 'unclear', upstream: looked.upstream };
    }
  }
}

const LATER: ReadonlySet<number> = new Set([408, 429]);

/**
 * ARM answers in its own words, and does not show the key. After an organization was deleted, or a subscription moved, that says no
 * more than a 403, for ever.
 */
export function isHidden({ kind, upstream: { status = 0, code } }: GetKeyOutcome): boolean {
  const isFinal = status >= 400 && status < 500 && !LATER.has(status) && code !== undefined;
  return kind === 'forbidden' || (kind === 'unclear' && isFinal);
}

/**
 * The credential was forgotten, and its request came again. It was forgotten when all its keys were proven gone and all its
 * versions disabled, a retention before. So a 403 about such a key is the answer for a deleted one.
 */
const isOfEarlierLife = ({ timings }: Context, { createdAt }: Credential, of: VersionMetadata): boolean =>
  !of.enabled && of.createdAt < createdAt - timings.retentionMs;

const NO_KEYS: ReadonlySet<string> = new Set();

const ATTEMPTS_OF_A_PAGE = 1_000;

/**
 * A key leaves the row only when it is proven gone, so the keys of ended attempts need no look. The keys that the row names
 * are among them. An attempt from before the row proves nothing: an earlier row was lost, and its keys may live.
 *
 * @returns undefined where the ledger did not answer
 */
export async function keysProvenGone(
  { ledger }: Context,
  { id, createdAt }: Pick<Credential, 'id' | 'createdAt'>,
): Promise<ReadonlySet<string> | undefined> {
  const gone = new Set<string>();
  let from: string | undefined;
  do {
    const page = await ledger.list({ kind: 'attempt', within: [id], limit: ATTEMPTS_OF_A_PAGE, from });
    if (page.kind === 'unreachable') return undefined;
    for (const { value } of page.rows)
      if (value.outcome !== 'open' && value.apiKeyId !== undefined && value.claimedAt >= createdAt - CLOCK_SKEW_MS)
        gone.add(value.apiKeyId);
    from = page.next;
  } while (from !== undefined);
  return gone;
}
