import * as z from 'zod';
import { answerOf, credentialAnswerSchema } from '../answers/credential.ts';
import type { Credential } from '../model/credential.ts';
import { callerHash } from '../model/rows.ts';
import type { Authority } from '../policy/authority.ts';
import type { Context } from '../saga/context.ts';

export const credentialPageSchema = z.strictObject({
  credentials: z.array(credentialAnswerSchema),
  next: z
    .string()
    .exactOptional()
    .meta({ description: 'Give it back as `cursor` for the next page; absent at the end.' }),
});
export type CredentialPage = z.infer<typeof credentialPageSchema>;

export interface ListCommand {
  readonly authority: Authority;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * One page of credentials: a caller's own, oldest first, by their index; for operators all of them.
 *
 * @returns undefined where the ledger did not answer
 */
export async function listCredentials(
  ctx: Pick<Context, 'ledger'>,
  { authority, limit, cursor }: ListCommand,
): Promise<CredentialPage | undefined> {
  const page =
    authority.kind === 'caller'
      ? await ownPage(ctx, authority.caller.id, limit, cursor)
      : await allPage(ctx, limit, cursor);
  if (page === undefined) return undefined;
  const credentials = page.rows.map((row) => answerOf(row));
  return page.next === undefined ? { credentials } : { credentials, next: page.next };
}

interface Page {
  readonly rows: readonly Credential[];
  readonly next: string | undefined;
}

async function ownPage(
  { ledger }: Pick<Context, 'ledger'>,
  caller: string,
  limit: number,
  from?: string,
): Promise<Page | undefined> {
  const listed = await ledger.list({ kind: 'caller', within: [callerHash(caller)], from, limit });
  if (listed.kind === 'unreachable') return undefined;
  const reads = await Promise.all(
    listed.rows.map(async ({ key, value }) => ({ key, read: await ledger.read('credential', value.id) })),
  );
  if (reads.some(({ read }) => read.kind === 'unreachable')) return undefined;
  // A process that died while it forgot a credential left its index row behind.
  const remove = reads.filter(({ read }) => read.kind === 'absent').map(({ key }) => key);
  if (remove.length > 0) await ledger.commit({ remove });
  return { rows: reads.flatMap(({ read }) => (read.kind === 'found' ? [read.value] : [])), next: listed.next };
}

async function allPage({ ledger }: Pick<Context, 'ledger'>, limit: number, from?: string): Promise<Page | undefined> {
  const listed = await ledger.list({ kind: 'credential', from, limit });
  if (listed.kind === 'unreachable') return undefined;
  return { rows: listed.rows.map(({ value }) => value), next: listed.next };
}
