import * as z from 'zod';
import { STATUSES } from '../answers/credential.ts';
import { type Credential, namedKeys, statusOf } from '../model/credential.ts';
import type { RowOf } from '../model/rows.ts';
import { apiKeyIdField, expecting } from '../request/validation.ts';
import type { Context } from '../saga/context.ts';

const dateTime = z.iso
  .datetime({ offset: true, error: 'must be a date and time such as 2026-01-31T00:00:00Z' })
  .transform((text) => Date.parse(text));
const text = z
  .string({ error: expecting('a string') })
  .min(1, 'must not be empty')
  .max(200, 'must be at most 200 characters');

/** The conditions of a list or a bulk operation. All conditions that are given must hold. */
export const filterSchema = z.strictObject({
  status: z
    .enum(STATUSES, { error: `must be one of ${STATUSES.join(', ')}` })
    .exactOptional()
    .meta({ description: 'As answers have it.' }),
  caller: text
    .exactOptional()
    .meta({ description: 'As policy and audit trail name it: `queue:orders`, `entra:<tenant>:<object id>`.' }),
  organization: text.exactOptional().meta({ description: 'Name of the Azure resource. Case does not matter.' }),
  environment: text.exactOptional().meta({ description: 'Confluent environment.' }),
  cluster: text.exactOptional().meta({ description: 'Confluent cluster.' }),
  rule: text.exactOptional().meta({ description: 'The policy rule that granted the current key.' }),
  apiKeyId: apiKeyIdField().exactOptional().meta({ description: 'A key that the credential has, or is making.' }),
  secretName: text.exactOptional().meta({ description: 'Name in its vault. Case does not matter.' }),
  vendedBefore: dateTime
    .exactOptional()
    .meta({ description: 'One of its living keys was vended earlier, or is being made.' }),
  vendedAfter: dateTime
    .exactOptional()
    .meta({ description: 'One of its living keys was vended then or later, or is being made.' }),
  expiresBefore: dateTime.exactOptional().meta({ description: "The current key's secret expires earlier." }),
  expiresAfter: dateTime.exactOptional().meta({ description: "The current key's secret expires then or later." }),
});
export type Filter = z.infer<typeof filterSchema>;

type Condition = (filter: Filter, row: Credential) => boolean;

/** It holds where the filter does not name it. */
const condition =
  <Name extends keyof Filter>(
    name: Name,
    holds: (row: Credential, wanted: NonNullable<Filter[Name]>) => boolean,
  ): Condition =>
  (filter, row) => {
    const wanted = filter[name];
    return wanted === undefined || holds(row, wanted);
  };

/** When its keys were vended. A rotated key lives on as the previous one, and an attempt may have made one already. */
const timesOf = ({ current, previous, work }: Credential): readonly number[] =>
  [current?.vendedAt, previous?.vendedAt, work?.claimedAt].filter((time) => time !== undefined);

/** Names in Azure ignore case. Ids in Confluent do not. */
const isSameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const CONDITIONS: readonly Condition[] = [
  condition('status', (row, status) => statusOf(row) === status),
  condition('caller', (row, caller) => row.caller === caller),
  condition('organization', (row, name) => isSameName(row.target.organizationName, name)),
  condition('environment', (row, id) => row.target.environmentId === id),
  condition('cluster', (row, id) => row.target.clusterId === id),
  condition('rule', (row, rule) => row.grant.rule === rule),
  condition('apiKeyId', (row, id) => namedKeys(row).includes(id)),
  condition('secretName', (row, name) => isSameName(row.secretName, name)),
  condition('vendedBefore', (row, at) => timesOf(row).some((time) => time < at)),
  condition('vendedAfter', (row, at) => timesOf(row).some((time) => time >= at)),
  condition('expiresBefore', ({ current }, at) => current?.expiresOn !== undefined && current.expiresOn < at),
  condition('expiresAfter', ({ current }, at) => current?.expiresOn !== undefined && current.expiresOn >= at),
];

export const matches = (filter: Filter, row: Credential): boolean => CONDITIONS.every((holds) => holds(filter, row));

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
