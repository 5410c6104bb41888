import type { Credential } from '../model/credential.ts';
import type { Context } from '../saga/context.ts';

/** Rows of one call to the ledger. It asks for one more, and the service answers with 1,000 at most. */
export const MAX_ROWS = 999;

/**
 * Visits every credential of the ledger, in the order of their ids.
 *
 * @returns false where the ledger did not answer
 */
export async function everyCredential(
  { ledger, log }: Pick<Context, 'ledger' | 'log'>,
  visit: (row: Credential) => void,
): Promise<boolean> {
  let from: string | undefined;
  do {
    const listed = await ledger.list({ kind: 'credential', from, limit: MAX_ROWS });
    if (listed.kind === 'unreachable') return false;
    for (const { value } of listed.rows) visit(value);
    for (const key of listed.unreadable)
      log({ level: 'error', event: 'row-unreadable', credentialId: key.slice('credential_'.length) });
    from = listed.next;
  } while (from !== undefined);
  return true;
}

/** Visits the ids of every member of a bulk operation. @returns false where the ledger did not answer */
export async function everyMember(
  { ledger }: Pick<Context, 'ledger'>,
  bulk: string,
  visit: (id: string) => void,
): Promise<boolean> {
  let from: string | undefined;
  do {
    const listed = await ledger.list({ kind: 'member', within: [bulk], from, limit: MAX_ROWS });
    if (listed.kind === 'unreachable') return false;
    for (const { value } of listed.rows) visit(value.id);
    from = listed.next;
  } while (from !== undefined);
  return true;
}
