import * as z from 'zod';
import { operatorViewOf, operatorViewSchema } from '../answers/credential.ts';
import type { Authority } from '../model/caller.ts';
import type { Credential } from '../model/credential.ts';
import { LEDGER_UNAVAILABLE, NOT_FOUND, problemOf } from '../model/problems.ts';
import { mayActOn, type Policy } from '../policy/policy.ts';
import type { Stored } from '../ports/ledger.ts';
import { readCredential } from '../saga/commit.ts';
import type { Context } from '../saga/context.ts';
import { type Failed, failed } from './outcome.ts';

export type Found = { readonly kind: 'found'; readonly row: Stored } | Failed;

/** A credential, for somebody who may act on it. To everybody else it does not exist. */
export async function findCredential(
  ctx: Pick<Context, 'ledger' | 'log'>,
  policy: Policy,
  { authority, id }: { readonly authority: Authority; readonly id: string },
): Promise<Found> {
  const read = await readCredential(ctx, id);
  if (read.kind === 'found' && mayActOn(policy, authority, read.row.credential)) return read;
  return failed(read.kind === 'unreachable' ? LEDGER_UNAVAILABLE : NOT_FOUND, id);
}

export const keyViewSchema = z
  .strictObject({
    apiKeyId: z.string(),
    is: z.enum(['current', 'previous', 'under-way', 'retired']).meta({
      description: '`retired`: the service deleted it, or gave it up. `under-way`: an attempt holds it.',
    }),
    attempt: z.int(),
    credential: operatorViewSchema,
  })
  .meta({ description: 'Whose a key is, as the ledger knows it.' });
export type KeyView = z.infer<typeof keyViewSchema>;

export const UNKNOWN_KEY = problemOf(
  'not-found',
  'The ledger knows no such key. The last word of its description in Confluent is the marker, if this service made it.',
);

const UNREADABLE = problemOf(
  'ledger-unavailable',
  'The ledger has this key in a row that this version cannot read. See row-unreadable in the runbook.',
);

/** Whose a key is, from the ledger alone. It asks neither Confluent nor the vault. */
export async function findKey(
  { ledger, log }: Pick<Context, 'ledger' | 'log'>,
  apiKeyId: string,
): Promise<{ readonly kind: 'found'; readonly view: KeyView } | Failed> {
  const key = await ledger.read('key', apiKeyId);
  if (key.kind === 'unreachable') return failed(LEDGER_UNAVAILABLE);
  if (key.kind === 'absent') return failed(UNKNOWN_KEY);
  if (key.kind === 'unreadable') {
    log({ level: 'error', event: 'row-unreadable' });
    return failed(UNREADABLE);
  }
  const { id, attempt } = key.value;
  const read = await ledger.read('credential', id);
  switch (read.kind) {
    case 'found':
      return {
        kind: 'found',
        view: { apiKeyId, is: placeOf(read.value, apiKeyId), attempt, credential: operatorViewOf(read.value) },
      };
    case 'absent':
      return failed(UNKNOWN_KEY, id);
    case 'unreadable':
      log({ level: 'error', event: 'row-unreadable', credentialId: id });
      return failed(UNREADABLE, id);
    case 'unreachable':
      return failed(LEDGER_UNAVAILABLE, id);
  }
}

function placeOf({ current, previous, work }: Credential, apiKeyId: string): KeyView['is'] {
  if (current?.key.id === apiKeyId) return 'current';
  if (previous?.keyId === apiKeyId) return 'previous';
  return work?.keyId === apiKeyId ? 'under-way' : 'retired';
}
