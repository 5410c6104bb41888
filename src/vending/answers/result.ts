import * as z from 'zod';
import { PROBLEMS, type Problem, type ProblemType } from '../model/problems.ts';
import type { VendedIntent } from '../saga/outcome.ts';
import { contentTypeOf } from '../secret/formats.ts';

/** Confluent propagates a new key before it works. */
const PROPAGATION_MS = 2 * 60_000;

const optionalString = () => z.string().exactOptional();

const principalSchema = z.object({
  id: optionalString(),
  kind: optionalString(),
  related: optionalString(),
  resourceName: optionalString(),
});

const apiKeySchema = z.object({
  id: z.string().meta({ description: 'The API key itself: what clients use as user name.' }),
  kind: optionalString(),
  metadata: z.object({
    createdTimestamp: optionalString(),
    updatedTimestamp: optionalString(),
    deletedTimestamp: optionalString(),
    resourceName: optionalString(),
    self: optionalString(),
  }),
  spec: z.object({
    name: optionalString(),
    description: z
      .string()
      .exactOptional()
      .meta({ description: 'Ends with the marker of the attempt that minted it.' }),
    owner: principalSchema.exactOptional(),
    resource: principalSchema
      .extend({ environment: optionalString() })
      .exactOptional()
      .meta({ description: 'As Confluent names it; its id need not equal the requested `clusterId`.' }),
  }),
  usableAfter: z
    .string()
    .meta({ format: 'date-time', description: 'Two minutes after its creation: Confluent propagates keys.' }),
});

const secretReferenceSchema = z.object({
  id: z.string().meta({ format: 'uri', description: 'The version that holds this secret.' }),
  name: z.string(),
  version: z.string(),
  vaultUrl: z.string().meta({ format: 'uri' }),
  contentType: z.string(),
  expiresOn: z.string().exactOptional().meta({ format: 'date-time' }),
  keyVaultReference: z.string().meta({
    description: 'For App Service settings. Without a version, so that a rotation reaches its consumers.',
  }),
});

/**
 * The answer to a vended request. Fields that are not named here do not get out: `parse` builds the answer field by
 * field, so nothing that a record may come to hold can leak.
 */
export const resultSchema = z
  .object({
    requestId: z.string(),
    status: z.literal('vended'),
    secret: secretReferenceSchema,
    apiKey: apiKeySchema,
    supersedes: optionalString().meta({ description: 'Of a rotation: the request whose key it replaces.' }),
  })
  .meta({ description: 'Where the secret is, and the key that it belongs to. Never the secret.' });

export type VendResult = z.infer<typeof resultSchema>;

export function buildResult(intent: VendedIntent): VendResult {
  const { key, secret } = intent.state;
  const vaultUrl = intent.vaultUrl.replace(/\/$/, '');
  return resultSchema.parse({
    requestId: intent.id,
    status: 'vended',
    secret: {
      id: secret.id,
      version: secret.version,
      name: intent.secretName,
      vaultUrl,
      contentType: contentTypeOf(intent.secretFormat),
      ...(intent.expiresOn === undefined ? {} : { expiresOn: intent.expiresOn }),
      keyVaultReference: keyVaultReference(vaultUrl, intent.secretName),
    },
    apiKey: { ...key, usableAfter: usableAfter(key.metadata.createdTimestamp, intent.createdAt) },
    ...(intent.supersedes === undefined ? {} : { supersedes: intent.supersedes.intentId }),
  } satisfies VendResult);
}

export const keyVaultReference = (vaultUrl: string, secretName: string): string =>
  `@Microsoft.KeyVault(SecretUri=${vaultUrl}/secrets/${secretName}/)`;

function usableAfter(createdTimestamp: string | undefined, fallback: number): string {
  const created = Date.parse(createdTimestamp ?? '');
  return new Date((Number.isNaN(created) ? fallback : created) + PROPAGATION_MS).toISOString();
}

/** Stable: callers switch on it. */
export function problemTypeUri(type: ProblemType): string {
  return `urn:confluent-key-vending:problem:${type}`;
}

/** RFC 9457. */
export const problemSchema = z
  .object({
    type: z.enum(Object.keys(PROBLEMS).map((type) => problemTypeUri(type as ProblemType))),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    requestId: z.string().exactOptional(),
    errors: z
      .array(
        z.object({ pointer: z.string().meta({ description: 'RFC 6901, into the request body.' }), detail: z.string() }),
      )
      .exactOptional(),
  })
  .meta({ description: 'Why there is no key; `type` is stable, texts are not.' });

export type ProblemBody = z.infer<typeof problemSchema>;

export function problemBody(problem: Problem, requestId?: string): ProblemBody {
  const { status, title } = PROBLEMS[problem.type];
  return {
    type: problemTypeUri(problem.type),
    title,
    status,
    detail: problem.detail,
    ...(requestId === undefined ? {} : { requestId }),
    ...(problem.errors === undefined
      ? {}
      : { errors: problem.errors.map(({ pointer, detail }) => ({ pointer, detail })) }),
  };
}
