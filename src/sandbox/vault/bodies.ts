import * as z from 'zod';
import type { EmulatorRequest } from '../kit/http-service.ts';
import { badParameter, KeyVaultError } from './errors.ts';

const MAX_VALUE_BYTES = 25_600;
const MAX_TAGS = 15;

const tagText = z.string().max(256, 'must be 256 characters or less');

const attributesSchema = z.strictObject({
  enabled: z.boolean().optional(),
  nbf: z.int().min(0).optional(),
  exp: z.int().min(0).optional(),
});

const updateSchema = z.strictObject({
  contentType: z.string().max(255, 'must be 255 characters or less').optional(),
  attributes: attributesSchema.optional(),
  tags: z
    .record(tagText.min(1), tagText)
    .refine((tags) => Object.keys(tags).length <= MAX_TAGS, `at most ${MAX_TAGS} tags are allowed`)
    .optional(),
});
export type SecretUpdate = z.infer<typeof updateSchema>;

const writeSchema = updateSchema.extend({
  value: z
    .string()
    .min(1)
    .refine((value) => Buffer.byteLength(value) <= MAX_VALUE_BYTES, 'must be 25 kB or less'),
});
export type SecretWrite = z.infer<typeof writeSchema>;

/** @throws KeyVaultError 400 or 415 */
export const parseWrite = (request: EmulatorRequest): SecretWrite => parse(writeSchema, request);

/** @throws KeyVaultError 400 or 415 */
export const parseUpdate = (request: EmulatorRequest): SecretUpdate => parse(updateSchema, request);

function parse<T>(schema: z.ZodType<T>, request: EmulatorRequest): T {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new KeyVaultError(415, 'BadParameter', 'The request must have the content type application/json.');
  }
  const parsed = schema.safeParse(parseJson(request.body));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badParameter(`Property ${issue?.path.join('.') ?? ''} has invalid value: ${issue?.message ?? ''}`);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw badParameter('The request body is not valid JSON.');
  }
}
