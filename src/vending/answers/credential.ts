import * as z from 'zod';
import { type Credential, type Status, statusOf } from '../model/credential.ts';
import { openReason } from '../model/due.ts';
import { markerOf } from '../model/idempotency.ts';
import { keyRecordSchema, targetSchema } from '../model/resources.ts';
import { iso, PROPAGATION_MS } from '../model/timings.ts';
import { keyVaultReference } from '../secret/naming.ts';
import { contentTypeOf } from '../secret/secret.ts';

export const STATUSES = [
  'vended',
  'pending',
  'failed',
  'unknown',
  'revoking',
  'revoked',
] as const satisfies readonly Status[];

const dateTime = () => z.iso.datetime();
export const problemSummarySchema = z
  .strictObject({ type: z.string(), detail: z.string() })
  .meta({ description: 'Why an attempt made no key: the last word of a problem type, and a text for people.' });

const apiKeySchema = z.strictObject({
  ...keyRecordSchema.shape,
  id: z.string().meta({ description: 'The API key itself: what clients use as user name.' }),
  usableAfter: dateTime().meta({ description: 'Two minutes after it was vended: Confluent propagates keys.' }),
});

const secretSchema = z.strictObject({
  name: z.string(),
  vaultUrl: z.string().meta({ format: 'uri' }),
  contentType: z.string(),
  keyVaultReference: z.string().meta({
    description: 'For App Service settings. Without a version, so that a rotation reaches its consumers.',
  }),
  id: z.string().exactOptional().meta({ format: 'uri', description: 'The version that holds the current secret.' }),
  version: z.string().exactOptional(),
  expiresOn: dateTime().exactOptional(),
});

/**
 * A credential as its caller sees it. Fields that are not named here do not get out: it is built field by field, so nothing
 * that a row may come to hold can leak.
 */
export const credentialAnswerSchema = z.strictObject({
  id: z.string().meta({ description: 'The same for the whole life of the credential.' }),
  status: z.enum(STATUSES).meta({
    description:
      '`vended`: there is a key. `pending`: the first key is being made. `failed`: there is none. `unknown`: nobody knows whether one was made; an operator has to look. `revoking`: everything is being deleted. `revoked`: nothing lives. `previewed`: the request was tried with `validateOnly`, and `effect` says what it would do.',
  }),
  createdAt: dateTime().meta({ description: 'Of the credential. Absent from a preview.' }),
  target: targetSchema,
  secret: secretSchema,
  apiKey: apiKeySchema.exactOptional().meta({ description: 'The current key. Never its secret.' }),
  previous: z
    .strictObject({ apiKeyId: z.string(), secretVersion: z.string(), revokeAt: dateTime() })
    .exactOptional()
    .meta({ description: 'The key before the current one, while it lives.' }),
  rotation: z
    .strictObject({
      status: z.enum(['pending', 'vended', 'failed', 'unknown']),
      apiKeyId: z.string().exactOptional().meta({ description: 'The key that this rotation made.' }),
      problem: problemSummarySchema.exactOptional(),
    })
    .exactOptional()
    .meta({ description: 'The rotation that was asked for, or the latest one that has not vended.' }),
  marker: z
    .string()
    .exactOptional()
    .meta({ description: 'The last word of the description of the key of the attempt under way, if it has one.' }),
  revokedAt: dateTime().exactOptional(),
  problem: problemSummarySchema.exactOptional().meta({ description: 'Why there is no key.' }),
});

export type CredentialAnswer = z.infer<typeof credentialAnswerSchema>;
export type RotationAnswer = NonNullable<CredentialAnswer['rotation']>;

/** @param rotation what a rotation that was asked for came to */
export function answerOf(row: Credential, rotation: RotationAnswer | undefined = rotationOf(row)): CredentialAnswer {
  const { id, createdAt, target, current, previous, work, failure, closed } = row;
  const status = statusOf(row);
  return credentialAnswerSchema.parse({
    id,
    status,
    createdAt: iso(createdAt),
    target: { ...target },
    secret: secretOf(row),
    ...(current !== undefined && { apiKey: { ...current.key, usableAfter: iso(current.vendedAt + PROPAGATION_MS) } }),
    ...(previous !== undefined && {
      previous: {
        apiKeyId: previous.keyId,
        secretVersion: previous.secret.version,
        revokeAt: iso(previous.revokeAt),
      },
    }),
    ...(rotation !== undefined && { rotation }),
    ...(work !== undefined && { marker: markerOf(id, work) }),
    ...(closed !== undefined && { revokedAt: iso(closed.since) }),
    ...(status === 'failed' && failure !== undefined && { problem: { ...failure.problem } }),
  });
}

function secretOf({ vaultUrl, secretName, secretFormat, current }: Credential): CredentialAnswer['secret'] {
  return {
    name: secretName,
    vaultUrl,
    contentType: contentTypeOf(secretFormat),
    keyVaultReference: keyVaultReference(vaultUrl, secretName),
    ...(current !== undefined && { id: current.secret.id, version: current.secret.version }),
    ...(current?.expiresOn !== undefined && { expiresOn: iso(current.expiresOn) }),
  };
}

function rotationOf({ current, work, failure }: Credential): RotationAnswer | undefined {
  if (current === undefined) return undefined;
  if (work !== undefined) return { status: work.phase === 'unknown' ? 'unknown' : 'pending' };
  return failure?.forRotation === true ? { status: 'failed', problem: { ...failure.problem } } : undefined;
}

/** A credential as an operator sees it: the caller's view, and enough to find its keys in Confluent. */
export const operatorViewSchema = z
  .strictObject({
    ...credentialAnswerSchema.shape,
    caller: z.string().meta({ description: 'For operators: who asked for it.' }),
    rule: z.string().meta({ description: 'For operators, and in a preview: the policy rule that grants it.' }),
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
      .meta({ description: 'For operators: the attempt under way.' }),
    open: z
      .strictObject({ reason: z.string(), since: dateTime() })
      .exactOptional()
      .meta({ description: 'For operators: why it waits for a person.' }),
    retryAt: dateTime()
      .exactOptional()
      .meta({ description: 'For operators: when the reconciler looks again after it decided nothing.' }),
    revocation: z
      .strictObject({ since: dateTime(), by: z.string() })
      .exactOptional()
      .meta({ description: 'For operators: who revoked it.' }),
  })
  .meta({ description: 'A credential, as operators see it.' });

export type OperatorView = z.infer<typeof operatorViewSchema>;

export function operatorViewOf(row: Credential): OperatorView {
  const { caller, grant, work, retry, revocation } = row;
  const open = openReason(row);
  return operatorViewSchema.parse({
    ...answerOf(row),
    caller,
    rule: grant.rule,
    ...(work !== undefined && { attempt: attemptOf(work) }),
    ...(open !== undefined && { open: { reason: open.reason, since: iso(open.since) } }),
    ...(retry !== undefined && { retryAt: iso(retry.nextAt) }),
    ...(revocation !== undefined && { revocation: { since: iso(revocation.since), by: revocation.by } }),
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
    since: iso(since),
    leaseUntil: iso(leaseUntil),
    ...(keyId !== undefined && { apiKeyId: keyId }),
    ...(secret !== undefined && { secretVersion: secret.version }),
  };
}
