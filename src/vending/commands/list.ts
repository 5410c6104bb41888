import * as z from 'zod';
import { answerOf, credentialAnswerSchema, operatorViewOf, operatorViewSchema } from '../answers/credential.ts';
import type { Authority } from '../model/caller.ts';
import type { Credential } from '../model/credential.ts';
import { callerHash, rowOf } from '../model/rows.ts';
import { managesAny, mayActOn, type Policy } from '../policy/policy.ts';
import type { ReadOutcome } from '../ports/ledger.ts';
import type { Context } from '../saga/context.ts';
import { type Filter, MAX_ROWS, matches } from './filter.ts';

/** The fields of every page, beside its rows. */
export const pageFields = {
  unreadable: z
    .array(z.string())
    .exactOptional()
    .meta({ description: 'For operators: ids of credentials whose row this version cannot read.' }),
  next: z
    .string()
    .exactOptional()
    .meta({ description: 'Give it back as `cursor` for the next page; absent at the end.' }),
};

export const credentialPageSchema = z.strictObject({
  credentials: z.array(z.union([operatorViewSchema, credentialAnswerSchema])),
  ...pageFields,
});
export type CredentialPage = z.infer<typeof credentialPageSchema>;

export interface ListCommand {
  readonly authority: Authority;
  readonly filter: Filter;
  /** Lists credentials of others too, where policy makes the caller their manager. */
  readonly managed: boolean;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** Rows of one page. */
export interface Page {
  readonly rows: readonly Credential[];
  readonly unreadable: readonly string[];
  readonly next?: string | undefined;
}

/** Rows that a filter looks at for one page. A page may be short, or empty, and still have a next one. */
export const MAX_SCAN = 5_000;
const READS_AT_ONCE = 50;
/** Rows of one transaction. */
const MAX_REMOVED = 100;

/**
 * One page of credentials in a stable order: a caller's own, oldest first; for operators and managers those that the filter
 * finds among all.
 *
 * @returns undefined where the ledger did not answer
 */
export async function listRows(
  ctx: Pick<Context, 'ledger'>,
  policy: Policy,
  command: ListCommand,
): Promise<Page | undefined> {
  const { authority, filter, managed, limit, cursor } = command;
  // Only a manager's list is worth a scan of all.
  if (authority.kind === 'caller' && !(managed && managesAny(policy, authority.caller)))
    return ownPage(ctx, authority.caller.id, filter, limit, cursor);
  const isWanted = (row: Credential): boolean => matches(filter, row) && mayActOn(policy, authority, row);
  return filter.apiKeyId === undefined ? scan(ctx, isWanted, limit, cursor) : ofKey(ctx, filter.apiKeyId, isWanted);
}

/** The page as it is answered. Operators see more of each credential. */
export function pageOf({ rows, unreadable, next }: Page, authority: Authority): CredentialPage {
  const isOperator = authority.kind === 'operator';
  return {
    credentials: rows.map((row) => (isOperator ? operatorViewOf(row) : answerOf(row))),
    ...(isOperator && unreadable.length > 0 && { unreadable: [...unreadable] }),
    ...(next !== undefined && { next }),
  };
}

/** It costs what it holds: the index of the caller, and a read for each row. */
async function ownPage(
  { ledger }: Pick<Context, 'ledger'>,
  caller: string,
  filter: Filter,
  limit: number,
  from?: string,
): Promise<Page | undefined> {
  const listed = await ledger.list({ kind: 'caller', within: [callerHash(caller)], from, limit });
  if (listed.kind === 'unreachable') return undefined;
  const reads: { readonly key: string; readonly read: ReadOutcome<Credential> }[] = [];
  for (let at = 0; at < listed.rows.length; at += READS_AT_ONCE) {
    const some = listed.rows.slice(at, at + READS_AT_ONCE);
    reads.push(
      ...(await Promise.all(
        some.map(async ({ key, value }) => ({ key, read: await ledger.read('credential', value.id) })),
      )),
    );
  }
  if (reads.some(({ read }) => read.kind === 'unreachable')) return undefined;
  // A process that died while it forgot a credential left its index row behind. The credential may have come again since.
  const remove = reads
    .filter(({ key, read }) => isStale(key, read))
    .map(({ key }) => key)
    .slice(0, MAX_REMOVED);
  if (remove.length > 0) await ledger.commit({ remove });
  const rows = reads.flatMap(({ key, read }) =>
    read.kind === 'found' && !isStale(key, read) && matches(filter, read.value) ? [read.value] : [],
  );
  return { rows, unreadable: [], next: listed.next };
}

function isStale(key: string, read: ReadOutcome<Credential>): boolean {
  if (read.kind === 'absent') return true;
  return read.kind === 'found' && rowOf('caller', callerRowOf(read.value)).key !== key;
}

const callerRowOf = ({ id, caller, createdAt }: Credential) => ({ id, caller, createdAt });

type IsWanted = (row: Credential) => boolean;

/** The index of keys leads there at once. A key that was deleted leads to a credential that does not name it any more. */
async function ofKey(
  { ledger }: Pick<Context, 'ledger'>,
  apiKeyId: string,
  isWanted: IsWanted,
): Promise<Page | undefined> {
  const key = await ledger.read('key', apiKeyId);
  if (key.kind === 'unreachable') return undefined;
  if (key.kind !== 'found') return { rows: [], unreadable: [] };
  const read = await ledger.read('credential', key.value.id);
  if (read.kind === 'unreachable') return undefined;
  return {
    rows: read.kind === 'found' && isWanted(read.value) ? [read.value] : [],
    unreadable: read.kind === 'unreadable' ? [key.value.id] : [],
  };
}

/** Looks at rows in the order of their ids until the page is full, or the bound is reached. */
async function scan(
  { ledger }: Pick<Context, 'ledger'>,
  isWanted: IsWanted,
  limit: number,
  cursor?: string,
): Promise<Page | undefined> {
  const rows: Credential[] = [];
  const unreadable: string[] = [];
  let from = cursor;
  // Where every row is wanted, the first read fills the page. A filter that finds few makes the next ones long.
  let length = Math.min(limit, MAX_ROWS);
  for (let seen = 0; seen + MAX_ROWS <= MAX_SCAN; length = MAX_ROWS) {
    const listed = await ledger.list({ kind: 'credential', from, limit: length });
    if (listed.kind === 'unreachable') return undefined;
    unreadable.push(...listed.unreadable.map((key) => key.slice('credential_'.length)));
    for (const { value } of listed.rows) {
      // The next page begins with the row that this one has no room for.
      if (rows.length === limit) return { rows, unreadable: unreadable.filter((id) => id < value.id), next: value.id };
      if (isWanted(value)) rows.push(value);
    }
    if (listed.next === undefined || rows.length === limit) return { rows, unreadable, next: listed.next };
    from = listed.next;
    seen += listed.rows.length + listed.unreadable.length;
  }
  return { rows, unreadable, next: from };
}
