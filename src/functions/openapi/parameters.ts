import { CREDENTIAL_ID_PATTERN, IDEMPOTENCY_KEY_PATTERN } from '../../vending/model/idempotency.ts';
import { vendedExample } from './examples.ts';

const keySchema = { type: 'string', pattern: IDEMPOTENCY_KEY_PATTERN.source };
const ONE_LINE = 'One header line, without a comma: several lines arrive joined by commas and are refused.';

const limit = (maximum: number): object => ({
  name: 'limit',
  in: 'query',
  description: `Most credentials of one page, 1 to ${maximum}. Without it: 50.`,
  schema: { type: 'integer', minimum: 1, maximum },
  example: 50,
});

export const parameters = {
  IdempotencyKeyOfVend: {
    name: 'Idempotency-Key',
    in: 'header',
    description: `Names the request for its caller: the same for every retry, another for every other request. Required unless the body has \`idempotencyKey\`; where both are given they must be equal. ${ONE_LINE}`,
    schema: keySchema,
    example: '6f1c7d7e-7d0b-4c53-9f0e-0d5b1f0a9c11',
  },
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: true,
    description: `Names the rotation within its credential: the same for every retry. ${ONE_LINE}`,
    schema: keySchema,
    example: 'b1c4a7e2-55ce-4f61-9b6a-2f0f4f1d7c02',
  },
  IdempotencyKeyOfBulk: {
    name: 'Idempotency-Key',
    in: 'header',
    description: `Required unless \`validateOnly\` is set. Names the bulk operation: the same for every retry, another for every other one. ${ONE_LINE}`,
    schema: keySchema,
    example: 'leak-lkc-12345',
  },
  Id: {
    name: 'id',
    in: 'path',
    required: true,
    description: 'The `id` of an earlier answer.',
    schema: { type: 'string', pattern: CREDENTIAL_ID_PATTERN.source },
    example: vendedExample.id,
  },
  Limit: limit(50),
  LongLimit: limit(1_000),
  Cursor: {
    name: 'cursor',
    in: 'query',
    description: 'The `next` of an earlier page.',
    schema: { type: 'string', pattern: '^[!-~]{1,300}$' },
    example: vendedExample.id,
  },
};

export const headers = {
  Location: {
    description: 'Where the credential is, relative to the URL of the request.',
    schema: { type: 'string', format: 'uri-reference' },
    example: `credentials/${vendedExample.id}`,
  },
  IdempotencyReplayed: {
    description: 'It is `true` where an earlier request with this idempotency key did it.',
    schema: { type: 'string' },
    example: 'true',
  },
  CacheControl: { description: 'No answer may be cached.', schema: { type: 'string' }, example: 'no-store' },
  RetryAfter: {
    description: 'Seconds to wait before the same request, with the same idempotency key, is sent again.',
    schema: { type: 'integer', minimum: 1 },
    example: 15,
  },
  Link: {
    description: 'Of a table: the reference to its next page.',
    schema: { type: 'string' },
    example: `<?limit=50&cursor=${vendedExample.id}>; rel="next"`,
  },
  WwwAuthenticate: { description: 'The scheme to use.', schema: { type: 'string' }, example: 'Bearer' },
};
