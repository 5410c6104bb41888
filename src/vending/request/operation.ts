import { createHash } from 'node:crypto';
import * as z from 'zod';
import { CREDENTIAL_ID_PATTERN } from '../model/idempotency.ts';
import type { FieldErrors, Result } from '../model/problems.ts';
import { parseRequest, type VendRequest, withoutNulls } from './request.ts';
import {
  apiKeyIdField,
  expecting,
  fieldErrors,
  idempotencyKeyField,
  overlapSchema,
  parseDuration,
  validateOnlyField,
} from './validation.ts';

const id = () =>
  z
    .string({ error: expecting('a string') })
    .regex(CREDENTIAL_ID_PATTERN, 'must be the id of an earlier answer')
    .meta({ description: 'Of the credential.' });
const apiKeyId = (description: string) => apiKeyIdField().meta({ description });

export const rotationSchema = z
  .strictObject(
    {
      replaces: apiKeyId(
        'The key that is to be replaced. If another one is current by then, nothing happens.',
      ).exactOptional(),
      overlap: overlapSchema.exactOptional().meta({
        description:
          'ISO 8601 duration: how long the old key lives on. Default: as policy says. Operators may send PT0S.',
      }),
      validateOnly: validateOnlyField(),
    },
    { error: 'must be a JSON object' },
  )
  .meta({ description: 'A rotation of one credential.' });

export const endOverlapSchema = z
  .strictObject(
    {
      apiKeyId: apiKeyId('The previous key. A repeated request ends no other overlap.'),
      validateOnly: validateOnlyField(),
    },
    { error: 'must be a JSON object' },
  )
  .meta({ description: 'Revokes the previous key now.' });

const operationSchema = z.discriminatedUnion(
  'operation',
  [
    z.strictObject({ operation: z.literal('revoke'), id: id(), validateOnly: validateOnlyField() }),
    z.strictObject({
      operation: z.literal('rotate'),
      id: id(),
      ...rotationSchema.shape,
      idempotencyKey: idempotencyKeyField(),
    }),
    z.strictObject({ operation: z.literal('end-overlap'), id: id(), ...endOverlapSchema.shape }),
  ],
  { error: 'must be "revoke", "rotate" or "end-overlap"' },
);

/** The body of a message or an event: a vend request as it is, or an operation on a credential. */
export type Operation =
  | { readonly operation: 'vend'; readonly request: VendRequest }
  | Readonly<z.infer<typeof operationSchema>>;

/** A message's body, or the data of an event. */
export function parseOperation(sent: unknown): Result<Operation, FieldErrors> {
  const value = withoutNulls(sent);
  if (typeof value === 'object' && value !== null && 'operation' in value) {
    const parsed = operationSchema.safeParse(value);
    return parsed.success
      ? { kind: 'valid', value: parsed.data }
      : { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
  }
  const parsed = parseRequest(value);
  return parsed.kind === 'valid' ? { kind: 'valid', value: { operation: 'vend', request: parsed.value } } : parsed;
}

/** The operation of a retry message. It is parsed again with {@link parseOperation}. */
export const writeOperation = (operation: Operation): unknown =>
  operation.operation === 'vend' ? operation.request : operation;

/** The terms of a rotation. */
export interface RotationTerms {
  readonly replaces?: string | undefined;
  readonly overlap?: string | undefined;
}

/** Milliseconds; undefined: as policy says. */
export const overlapMsOf = ({ overlap }: RotationTerms): number | undefined =>
  overlap === undefined ? undefined : parseDuration(overlap);

/** Tells a repeated rotation from another one under the same idempotency key. */
export const hashRotation = ({ replaces, overlap }: RotationTerms): string =>
  createHash('sha256')
    .update(JSON.stringify([replaces ?? null, overlap ?? null]))
    .digest('hex');
