import * as z from 'zod';
import { REQUEST_ID_PATTERN } from '../model/idempotency.ts';
import type { FieldError } from '../model/problems.ts';
import { parseDuration, validitySchema } from './duration.ts';
import { expecting, fieldErrors } from './field-errors.ts';
import { parseRequest, type VendRequest } from './request.ts';

const requestId = () =>
  z
    .string({ error: expecting('a string') })
    .regex(REQUEST_ID_PATTERN, 'must be the requestId of an earlier answer')
    .meta({ description: 'Of the request whose key it is about.' });
const validateOnly = () =>
  z
    .boolean({ error: 'must be true or false' })
    .exactOptional()
    .meta({ description: 'Says what would happen; nothing is minted, nothing is written.' });

export const rotationSchema = z
  .strictObject(
    {
      overlap: validitySchema.exactOptional().meta({
        description: 'ISO 8601 duration: how long the old key lives on. Default: as policy says.',
      }),
      validateOnly: validateOnly(),
    },
    { error: 'must be a JSON object' },
  )
  .meta({ description: 'A rotation of one key.' });

const revokeOrderSchema = z.strictObject({
  operation: z.literal('revoke'),
  requestId: requestId(),
  validateOnly: validateOnly(),
});
const rotateOrderSchema = z.strictObject({
  operation: z.literal('rotate'),
  requestId: requestId(),
  ...rotationSchema.shape,
});
const orderSchema = z.discriminatedUnion('operation', [revokeOrderSchema, rotateOrderSchema], {
  error: 'must be "revoke" or "rotate"',
});

/** What a message asks for: a vend request as it is, or an order on a request that exists. */
export type Order =
  | { readonly operation: 'vend'; readonly request: VendRequest }
  | { readonly operation: 'revoke'; readonly requestId: string; readonly validateOnly?: boolean }
  | {
      readonly operation: 'rotate';
      readonly requestId: string;
      readonly overlap?: string;
      readonly validateOnly?: boolean;
    };

export type ParsedOrder =
  | { readonly kind: 'valid'; readonly order: Order }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

/** A message's body, or the data of an event. */
export function parseOrder(value: unknown): ParsedOrder {
  if (typeof value === 'object' && value !== null && 'operation' in value) {
    const parsed = orderSchema.safeParse(value);
    return parsed.success
      ? { kind: 'valid', order: parsed.data }
      : { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
  }
  const parsed = parseRequest(value);
  return parsed.kind === 'valid' ? { kind: 'valid', order: { operation: 'vend', request: parsed.request } } : parsed;
}

/** What a copy of the message carries: it is parsed again with {@link parseOrder}. */
export const writeOrder = (order: Order): unknown => (order.operation === 'vend' ? order.request : order);

export const overlapMsOf = ({ overlap }: { readonly overlap?: string }): number | undefined =>
  overlap === undefined ? undefined : parseDuration(overlap);
