import type { Stored } from '../ports/ledger.ts';
import { nextReviewRow } from '../saga/changes.ts';
import type { Context } from '../saga/context.ts';

/**
 * Writes the due row that goes with a credential, in case it was lost, and removes wrong ones.
 *
 * The credential is written as it is, so that its ETag guards the commit: a date that changes meanwhile must keep its row.
 */
export async function restoreDueRow(
  { ledger, timings }: Context,
  { credential, etag }: Stored,
  remove: readonly string[] = [],
): Promise<void> {
  const next = nextReviewRow(credential, timings);
  await ledger.commit({
    credential: { action: 'replace', value: credential, etag },
    put: next === undefined ? [] : [next],
    remove,
  });
}
