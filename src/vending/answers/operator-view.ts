import * as z from 'zod';
import type { Credential } from '../model/credential.ts';
import { openReason } from '../model/due.ts';
import { answerOf, credentialAnswerSchema } from './credential.ts';

const dateTime = () => z.iso.datetime();

/** A credential as an operator sees it: the caller's view, and enough to find its keys in Confluent. */
export const operatorViewSchema = z
  .strictObject({
    ...credentialAnswerSchema.shape,
    caller: z.string(),
    rule: z.string(),
    attempt: z
      .strictObject({
        number: z.int(),
        purpose: z.enum(['vend', 'rotate']),
        phase: z.enum(['minting', 'minted', 'compensating', 'unknown']),
        since: dateTime(),
        leaseUntil: dateTime(),
        apiKeyId: z.string().exactOptional(),
        secretVersion: z.string().exactOptional(),
      })
      .exactOptional()
      .meta({ description: 'The attempt under way.' }),
    open: z
      .strictObject({ reason: z.string(), since: dateTime() })
      .exactOptional()
      .meta({ description: 'Why it waits for a person.' }),
    retryAt: dateTime()
      .exactOptional()
      .meta({ description: 'When the reconciler looks again after it decided nothing.' }),
    revocation: z.strictObject({ since: dateTime(), by: z.string() }).exactOptional(),
  })
  .meta({ description: 'A credential, as operators see it.' });

export type OperatorView = z.infer<typeof operatorViewSchema>;

const time = (at: number): string => new Date(at).toISOString();

export function operatorViewOf(row: Credential): OperatorView {
  const { caller, grant, work, retry, revocation } = row;
  const open = openReason(row);
  return operatorViewSchema.parse({
    ...answerOf(row),
    caller,
    rule: grant.rule,
    ...(work !== undefined && { attempt: attemptOf(work) }),
    ...(open !== undefined && { open: { reason: open.reason, since: time(open.since) } }),
    ...(retry !== undefined && { retryAt: time(retry.nextAt) }),
    ...(revocation !== undefined && { revocation: { since: time(revocation.since), by: revocation.by } }),
  });
}

function attemptOf({
  attempt,
  purpose,
  phase,
  since,
  leaseUntil,
  keyId,
  secret,
}: NonNullable<Credential['work']>): NonNullable<OperatorView['attempt']> {
  return {
    number: attempt,
    purpose,
    phase,
    since: time(since),
    leaseUntil: time(leaseUntil),
    ...(keyId !== undefined && { apiKeyId: keyId }),
    ...(secret !== undefined && { secretVersion: secret.version }),
  };
}
