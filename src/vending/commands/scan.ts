import type { Credential } from '../model/credential.ts';
import type { RowOf } from '../model/rows.ts';
import type { Context } from '../saga/context.ts';

/** Rows of one call to the ledger. It asks for one more, and the service answers with 1,000 at most. */
export const MAX_ROWS = 999;

/**
 * Visits every credential of the ledger, in the order of their ids.
 *
 * @returns the ids of those that this version cannot read; undefined where the ledger did not answer
 */
export async function everyCredential(
  { ledger }: Pick<Context, 'ledger'>,
  visit: (row: Credential) => void,
): Promise<{ readonly unreadable: readonly string[] } | undefined> {
  const unreadable: string[] = [];
  let from: string | undefined;
  do {
    const listed = await ledger.list({ kind: 'credential', from, limit: MAX_ROWS });
    if (listed.kind === 'unreachable') return undefined;
    for (const { value } of listed.rows) visit(value);
    unreadable.push(...listed.unreadable.map((key) => key.slice('credential_'.length)));
    from = listed.next;
  } while (from !== undefined);
  return { unreadable };
}

/** Visits every member of a bulk operation. @returns false where the ledger did not answer */
export async function everyMember(
  { ledger }: Pick<Context, 'ledger'>,
  bulk: string,
  visit: (member: RowOf<'member'>) => void,
): Promise<boolean> {
  let from: string | undefined;
  do {
    const listed = await ledger.list({ kind: 'member', within: [bulk], from, limit: MAX_ROWS });
    if (listed.kind === 'unreachable') return false;
    for (const { value } of listed.rows) visit(value);
    from = listed.next;
  } while (from !== undefined);
  return true;
}
