import { createHash } from 'node:crypto';
import * as z from 'zod';
import { SECRET_FORMATS } from '../model/credential.ts';
import type { FieldErrors, Result } from '../model/problems.ts';
import {
  CLUSTER_ID,
  ENVIRONMENT_ID,
  ORGANIZATION_NAME,
  RESOURCE_GROUP_NAME,
  SUBSCRIPTION_ID,
  type Target,
} from '../model/resources.ts';
import {
  expecting,
  fieldErrors,
  idempotencyKeyField,
  parseDuration,
  validateOnlyField,
  validitySchema,
} from './validation.ts';

const UNFIT_FOR_TEXT = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/u;
const ID_RULE = 'must be 1 to 64 letters, digits, "-" or "_", beginning with a letter or digit';

/** One pattern: generated clients cannot read several. */
const SECRET_NAME = /^(?![Cc][Kk]-)[0-9A-Za-z-]{1,127}$/;
const SECRET_NAME_RULE = 'must be 1 to 127 letters, digits or "-"';
const RESERVED_NAME = 'must not begin with "ck-", which is kept for names made by this service';

const string = () => z.string({ error: expecting('a string') });

const text = (min: number, max: number) =>
  string()
    .refine((value) => isLong(value, min, max), `must be ${min} to ${max} characters long`)
    .refine(
      (value) => !UNFIT_FOR_TEXT.test(value),
      'must not contain control characters, line separators, bidirectional controls or lone surrogates',
    )
    .refine((value) => !/vend:/i.test(value), 'must not contain "vend:", which marks the keys of this service');

/** Counts code points, as `minLength` and `maxLength` of JSON Schema do. */
function isLong(value: string, min: number, max: number): boolean {
  const { length } = Array.from(value);
  return length >= min && length <= max;
}

/** A caller's request, the same on every transport. Nothing is defaulted here: the hash is of what was sent. */
export const requestSchema = z
  .strictObject(
    {
      subscriptionId: string()
        .regex(SUBSCRIPTION_ID, 'must be a UUID')
        .exactOptional()
        .meta({ description: 'Azure subscription of the Confluent organization. Default: configured.' }),
      resourceGroupName: string()
        .regex(
          RESOURCE_GROUP_NAME,
          'must be 1 to 90 letters, digits or any of ".", "_", "(", ")", "-", not ending in "."',
        )
        .exactOptional()
        .meta({ description: 'Resource group of the Confluent organization. Default: configured.' }),
      organizationName: string()
        .regex(ORGANIZATION_NAME, 'must be 1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit')
        .exactOptional()
        .meta({ description: 'Resource name of the Confluent organization. Default: configured.' }),
      environmentId: string().regex(ENVIRONMENT_ID, ID_RULE).meta({ description: 'Confluent environment.' }),
      clusterId: string()
        .regex(CLUSTER_ID, ID_RULE)
        .meta({ description: 'Kafka (`lkc-…`) or Schema Registry (`lsrc-…`) cluster that the key is for.' }),
      name: text(1, 64).meta({ description: 'Name of the API key. No `vend:`.', minLength: 1, maxLength: 64 }),
      description: text(0, 200).exactOptional().meta({
        description: "Description of the API key; the attempt's marker is added to it. No `vend:`.",
        maxLength: 200,
      }),
      secretName: string()
        .regex(SECRET_NAME, { error: ({ input }) => (/^ck-/i.test(String(input)) ? RESERVED_NAME : SECRET_NAME_RULE) })
        .exactOptional()
        .meta({
          description: "Key Vault secret to write; must begin with the caller's prefix. Default: made by the service.",
        }),
      secretFormat: z
        .enum(SECRET_FORMATS, { error: 'must be "secret", "json", "jaas" or "basic-auth"' })
        .exactOptional()
        .meta({ description: 'What the Key Vault secret holds. Default: the bare secret.', default: 'secret' }),
      validFor: validitySchema.exactOptional().meta({
        description: 'ISO 8601 duration (weeks to seconds), PT1M to P3650D, after which the Key Vault secret expires.',
      }),
      validateOnly: validateOnlyField(),
      idempotencyKey: idempotencyKeyField().meta({
        description: "The caller's name for this request, where no header can carry it.",
      }),
    },
    { error: 'must be a JSON object' },
  )
  .meta({ description: 'A request for one API key. Unknown fields are refused.' });

export type VendRequest = Readonly<z.infer<typeof requestSchema>>;

export function parseRequest(value: unknown): Result<VendRequest, FieldErrors> {
  const parsed = requestSchema.safeParse(withoutNulls(value));
  if (parsed.success) return { kind: 'valid', value: parsed.data };
  return { kind: 'invalid', errors: fieldErrors(parsed.error.issues) };
}

/** An explicit null is an absent field: some serializers write one for every property that is not set. */
export const withoutNulls = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([name, field]) => (field === null ? [] : [[name, withoutNulls(field)]])),
      )
    : value;

export function validForMs({ validFor }: VendRequest): number | undefined {
  return validFor === undefined ? undefined : parseDuration(validFor);
}

/**
 * SHA-256, hexadecimal, of a request's canonical JSON, without its idempotency key and `validateOnly`. Azure ignores the case
 * of its own names, so they are folded: a retry that spells them otherwise is the same request.
 */
export function hashRequest(request: VendRequest): string {
  const { idempotencyKey: _, validateOnly: __, ...sent } = request;
  const payload = { ...sent, ...folded(sent) };
  const canonical = JSON.stringify(Object.fromEntries(Object.entries(payload).toSorted(byName)));
  return createHash('sha256').update(canonical).digest('hex');
}

const AZURE_NAMES = ['subscriptionId', 'resourceGroupName', 'organizationName'] as const;

const folded = (request: VendRequest): Readonly<Record<string, string>> =>
  Object.fromEntries(
    AZURE_NAMES.flatMap((name) => {
      const value = request[name];
      return value === undefined ? [] : [[name, value.toLowerCase()]];
    }),
  );

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

export type TargetDefaults = Partial<Pick<Target, 'subscriptionId' | 'resourceGroupName' | 'organizationName'>>;

export function resolveTarget(request: VendRequest, defaults: TargetDefaults): Result<Target, FieldErrors> {
  const { environmentId, clusterId } = request;
  const { subscriptionId, resourceGroupName, organizationName } = { ...defaults, ...request };
  if (subscriptionId !== undefined && resourceGroupName !== undefined && organizationName !== undefined) {
    return {
      kind: 'valid',
      value: { subscriptionId, resourceGroupName, organizationName, environmentId, clusterId },
    };
  }
  const errors = Object.entries({ subscriptionId, resourceGroupName, organizationName })
    .filter(([, value]) => value === undefined)
    .map(([field]) => ({ pointer: `/${field}`, detail: 'is required: no default is configured' }));
  return { kind: 'invalid', errors };
}
