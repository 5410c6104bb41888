import * as z from 'zod';
import type { Intent } from '../../vending/intent.ts';
import { PROBLEMS, type ProblemType } from '../../vending/model/problems.ts';
import { targetSchema } from '../../vending/model/target.ts';

const text = z.string().exactOptional();
const time = z.int();

const principalFields = { id: text, kind: text, related: text, resourceName: text };

const key = z.strictObject({
  id: z.string(),
  kind: text,
  metadata: z.strictObject({
    createdTimestamp: text,
    updatedTimestamp: text,
    deletedTimestamp: text,
    resourceName: text,
    self: text,
  }),
  spec: z.strictObject({
    name: text,
    description: text,
    owner: z.strictObject(principalFields).exactOptional(),
    resource: z.strictObject({ ...principalFields, environment: text }).exactOptional(),
  }),
});

const secret = z.strictObject({ id: z.string(), version: z.string() });

const problem = z.strictObject({
  type: z.custom<ProblemType>((type) => typeof type === 'string' && Object.hasOwn(PROBLEMS, type)),
  detail: z.string(),
});

const pending = { id: z.string(), at: time, attempt: z.int() };
const pendingEvent = z.discriminatedUnion('kind', [
  z.strictObject({
    ...pending,
    kind: z.enum(['vended', 'rotated', 'revoked']),
    apiKeyId: z.string(),
    secretId: z.string(),
  }),
  z.strictObject({ ...pending, kind: z.literal('orphaned'), apiKeyId: text }),
  z.strictObject({ ...pending, kind: z.literal('failed'), problem: problem.shape.type }),
]);

const state = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('minting'), leaseUntil: time }),
  z.strictObject({ kind: z.literal('minted'), leaseUntil: time, key }),
  z.strictObject({ kind: z.literal('vended'), key, secret, rotateAt: time.exactOptional() }),
  z.strictObject({ kind: z.literal('superseded'), key, secret, successor: z.string(), revokeAt: time }),
  z.strictObject({ kind: z.literal('revoking'), key, secret, since: time, successor: text }),
  z.strictObject({
    kind: z.literal('revoked'),
    secret,
    since: time,
    successor: text,
    sweepAt: time.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('compensating'), key, problem, since: time }),
  z.strictObject({ kind: z.literal('failed'), problem, retryAt: time, since: time, sweepAt: time.exactOptional() }),
  z.strictObject({ kind: z.literal('unknown'), leaseUntil: time, keyId: text }),
]);

/**
 * The row's document, strictly: a field that this version does not know may carry a decision that it must not undo, so
 * such a row is not acted on.
 */
export const intentSchema = z.strictObject({
  id: z.string(),
  caller: z.string(),
  requestHash: z.string(),
  target: targetSchema,
  name: z.string(),
  description: text,
  vaultUrl: z.string(),
  secretName: z.string(),
  secretFormat: z.enum(['secret', 'json', 'jaas', 'basic-auth']),
  expiresOn: text,
  validForMs: time.exactOptional(),
  rule: z.string(),
  rotateEveryMs: time.exactOptional(),
  supersedes: z.strictObject({ intentId: z.string(), overlapMs: time }).exactOptional(),
  createdAt: time,
  attempt: z.int().min(1),
  state,
  dueAt: time,
  earlierKeys: z.array(z.string()).readonly(),
  outbox: z.array(pendingEvent).readonly().exactOptional(),
  writeId: z.string(),
}) satisfies z.ZodType<Intent>;
