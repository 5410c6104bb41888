import * as z from 'zod';
import { PROBLEM_TYPES } from './problems.ts';
import { keyRecordSchema, targetSchema } from './resources.ts';

/** Milliseconds since the epoch, up to the year 9999: a later date does not sort as text, and a sum may be no date at all. */
export const timeSchema = z.int().min(0).max(253_402_300_799_999);
const optionalTime = () => timeSchema.exactOptional();
const optionalText = () => z.string().exactOptional();
const flag = () => z.literal(true).exactOptional();

/** An operator's words about keys that a row remembers. */
export const MAX_SAID_GONE = 10;

export const SECRET_FORMATS = ['secret', 'json', 'jaas', 'basic-auth'] as const;
export type SecretFormat = (typeof SECRET_FORMATS)[number];

/** Names one attempt: its number, and the nonce that keeps its marker unique if the ledger ever loses rows. */
const attempt = { attempt: z.int().min(1), nonce: z.string() };

const secretReferenceSchema = z.strictObject({ id: z.string(), version: z.string() });

const problemSchema = z.strictObject({ type: z.enum(PROBLEM_TYPES), detail: z.string() });

/** The key whose secret version is the newest. */
const currentSchema = z.strictObject({
  ...attempt,
  key: keyRecordSchema,
  secret: secretReferenceSchema,
  vendedAt: timeSchema,
  expiresOn: optionalTime(),
  /** When the service rotates it unasked. */
  rotateAt: optionalTime(),
  rotationAskedAt: optionalTime(),
  /** Policy no longer grants the rotation, so an operator has to look. */
  rotationSuspended: flag(),
  expiryNotedAt: optionalTime(),
});

/** The key that current replaced. It lives until `revokeAt`. */
const previousSchema = z.strictObject({
  ...attempt,
  keyId: z.string(),
  vendedAt: timeSchema,
  secret: secretReferenceSchema,
  revokeAt: timeSchema,
});

const grantSchema = z.strictObject({
  rule: z.string(),
  overlapMs: z.int().min(0),
  rotateEveryMs: z.int().min(1).exactOptional(),
  revokeAtExpiry: z.boolean(),
});

const workSchema = z.strictObject({
  ...attempt,
  /** The `writeId` of the claim. A revocation overwrites `writeId`, and a worker must still know its own claim. */
  claimId: z.string(),
  purpose: z.enum(['vend', 'rotate']),
  phase: z.enum(['minting', 'minted', 'compensating', 'unknown']),
  claimedAt: timeSchema,
  leaseUntil: timeSchema,
  /** When this phase began. */
  since: timeSchema,
  /** When the secret that the attempt stores expires. */
  expiresOn: optionalTime(),
  keyId: optionalText(),
  /** The version that holds the secret of `keyId`, once its id is known. */
  secret: secretReferenceSchema.exactOptional(),
  problem: problemSchema.exactOptional(),
  /** `grant`: what policy granted when the rotation was claimed. */
  rotation: z.strictObject({ requestKey: z.string(), overlapMs: z.int().min(0), grant: grantSchema }).exactOptional(),
});

const failureSchema = z.strictObject({
  problem: problemSchema,
  /** No attempt before this time. */
  retryAt: timeSchema,
  since: timeSchema,
  /** How many attempts failed one after another. */
  streak: z.int().min(1),
  forRotation: flag(),
  /** The newest version is disabled, so readers have no secret until the next rotation. */
  urgent: flag(),
});

/**
 * The ledger's record of one credential: what was asked for, and how far it came.
 *
 * The schema is strict. A field that this version does not know may carry a decision that it must not undo, so it does
 * not act on such a row.
 */
export const credentialSchema = z.strictObject({
  id: z.string(),
  caller: z.string(),
  /** SHA-256 of the validated request as the caller sent it, before defaults. */
  requestHash: z.string(),
  target: targetSchema,
  name: z.string(),
  description: optionalText(),
  vaultUrl: z.string(),
  secretName: z.string(),
  secretFormat: z.enum(SECRET_FORMATS),
  /** How long each secret is valid, in milliseconds. */
  validForMs: z.int().min(1).exactOptional(),
  /** The grant of policy when the current key was claimed. */
  grant: grantSchema,
  createdAt: timeSchema,
  /** Number of the latest attempt. */
  attempts: z.int().min(1),
  current: currentSchema.exactOptional(),
  previous: previousSchema.exactOptional(),
  work: workSchema.exactOptional(),
  /** Why the latest attempt failed. The next success removes it. */
  failure: failureSchema.exactOptional(),
  /** From now on nothing is minted and everything is deleted. */
  revocation: z
    .strictObject({
      since: timeSchema,
      by: z.string(),
      /** When the vault was asked for keys that the row does not name. */
      checkedAt: optionalTime(),
    })
    .exactOptional(),
  /** Revoked, and nothing of it lives. */
  closed: z.strictObject({ since: timeSchema }).exactOptional(),
  /** Keys that left the row by an operator's word alone: the last of them. */
  saidGone: z.array(z.string()).max(MAX_SAID_GONE).readonly().exactOptional(),
  /** When versions that landed late are disabled. */
  sweepAt: optionalTime(),
  /** Reviews that decided nothing: what was due at `lookedAt` is looked at again at `nextAt`. */
  retry: z.strictObject({ since: timeSchema, lookedAt: timeSchema, nextAt: timeSchema }).exactOptional(),
  /** The ledger has a name row of this credential. */
  holdsName: flag(),
  /** Counts the commits. Events carry it, and consumers order by it. */
  sequence: z.int().min(1),
  /** Names the commit that made this row. A writer knows its own unanswered commit by it. */
  writeId: z.string(),
});

export type Credential = Readonly<z.infer<typeof credentialSchema>>;
export type Current = NonNullable<Credential['current']>;
export type Previous = NonNullable<Credential['previous']>;
export type Work = NonNullable<Credential['work']>;
export type Failure = NonNullable<Credential['failure']>;
export type CredentialGrant = Credential['grant'];
export type SecretReference = Current['secret'];

/** Names one attempt of a credential. */
export type AttemptName = Pick<Work, 'attempt' | 'nonce'>;

export const isSameAttempt = (a: AttemptName, b: AttemptName): boolean =>
  a.attempt === b.attempt && a.nonce === b.nonce;

/** Neither a key nor an attempt is left. */
export const isIdle = ({ current, previous, work }: Credential): boolean =>
  current === undefined && previous === undefined && work === undefined;

/** Ids of the keys that the row names. */
export const namedKeys = ({ current, previous, work }: Credential): readonly string[] =>
  [current?.key.id, previous?.keyId, work?.keyId].filter((id) => id !== undefined);

/** The status that a caller sees. An attempt to rotate does not hide the key that is there. */
export type Status = 'vended' | 'pending' | 'failed' | 'unknown' | 'revoking' | 'revoked';

export function statusOf(credential: Credential): Status {
  const { closed, revocation, current, work } = credential;
  if (closed !== undefined) return 'revoked';
  if (revocation !== undefined) return 'revoking';
  if (current !== undefined) return 'vended';
  if (work === undefined) return 'failed';
  return work.phase === 'unknown' ? 'unknown' : 'pending';
}
