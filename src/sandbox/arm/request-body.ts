import * as z from 'zod';
import type { EmulatorRequest } from '../kit/http-service.ts';
import { ArmError } from './arm-error.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;

const createApiKeySchema = z.strictObject({ name: z.string().optional(), description: z.string().optional() });

export interface CreateApiKeyBody {
  readonly name: string;
  readonly description: string;
}

/** @throws ArmError 415, 413 or 400. Fields that the specification does not know are refused. */
export function parseCreateApiKey({ headers, body }: EmulatorRequest): CreateApiKeyBody {
  const contentType = headers['content-type'];
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '')) {
    const message = `The content media type '${contentType ?? '<null>'}' is not supported. Only 'application/json' is supported.`;
    throw new ArmError(415, 'UnsupportedMediaType', message);
  }
  if (body.length > MAX_BODY_BYTES) {
    throw new ArmError(413, 'RequestEntityTooLarge', `The request content exceeds ${MAX_BODY_BYTES} bytes.`);
  }
  const parsed = createApiKeySchema.safeParse(parseJson(body));
  if (parsed.success) return { name: parsed.data.name ?? '', description: parsed.data.description ?? '' };
  const [issue] = parsed.error.issues;
  throw invalidContent(`${issue?.message} Path '${issue?.path.join('.')}'.`);
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw invalidContent('It is not JSON in UTF-8.');
  }
}

const invalidContent = (reason: string): ArmError =>
  new ArmError(
    400,
    'InvalidRequestContent',
    `The request content was invalid and could not be deserialized: '${reason}'`,
  );
