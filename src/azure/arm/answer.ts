import * as z from 'zod';
import { API_KEY_ID, type KeyRecord } from '../../vending/model/resources.ts';
import type { UpstreamTrace } from '../../vending/model/tracing.ts';
import { Secret } from '../../vending/secret/secret.ts';
import { errorCodeIn, isSuccess, parseJson } from '../http.ts';
import { traceOfResponse } from '../upstream-trace.ts';
import type { ArmAnswer } from './transport.ts';

/** With these codes ARM answers for itself, before it asks the provider. */
const CODES_OF_THE_GATEWAY: ReadonlySet<string | undefined> = new Set([
  'AuthorizationFailed',
  'MissingSubscriptionRegistration',
  'ReadOnlyDisabledSubscription',
  'RequestDisallowedByPolicy',
  'ResourceGroupBeingDeleted',
  'ScopeLocked',
]);
const STATUSES_OF_THE_GATEWAY: ReadonlySet<number> = new Set([403, 404, 409]);

export const errorCodeOf = ({ status, body }: ArmAnswer): string | undefined =>
  isSuccess(status) ? undefined : errorCodeIn(body);

/** Holds nothing of the answer's text, which may contain the secret. */
export const traceOfAnswer = (answer: ArmAnswer): UpstreamTrace => traceOfResponse('arm', answer, errorCodeOf(answer));

/** ARM refused, and proves that it did not ask the provider. The provider alone mints, deletes and knows keys. */
export const isRefusedByGateway = (answer: ArmAnswer): boolean =>
  STATUSES_OF_THE_GATEWAY.has(answer.status) &&
  (answer.headers.get('x-ms-failure-cause')?.toLowerCase() === 'gateway' ||
    CODES_OF_THE_GATEWAY.has(errorCodeOf(answer)));

export interface KeyAnswer {
  readonly key: KeyRecord;
  /** Absent if the answer has none, or a blank one. */
  readonly secret?: Secret;
}

/** In UTF-16 code units. The record is stored in a row that must not outgrow its table. */
const MAX_TEXT = 256;
const MAX_DESCRIPTION = 512;
/** Characters of the record's JSON. An escaped character takes up to six. */
const MAX_RECORD = 4_000;

// The key exists once the answer has a legal id. A malformed or overlong field is dropped: otherwise the answer would be
// unreadable and the key an orphan.
const textOf = (max: number) =>
  z
    .string()
    .refine(({ length }) => length <= max)
    .optional()
    .catch(undefined);
const text = textOf(MAX_TEXT);
const part = <T extends z.ZodRawShape>(shape: T) => z.object(shape).transform(defined).optional().catch(undefined);

const principal = { id: text, kind: text, related: text, resourceName: text };

/** Names every field but the secret: zod drops what a schema does not name. */
const recordSchema = z.object({
  id: z.string().regex(API_KEY_ID),
  kind: text,
  properties: part({
    metadata: part({
      createdTimestamp: text,
      updatedTimestamp: text,
      deletedTimestamp: text,
      resourceName: text,
      self: text,
    }),
    spec: part({
      name: text,
      description: textOf(MAX_DESCRIPTION),
      owner: part(principal),
      resource: part({ ...principal, environment: text }),
    }),
  }),
});

const secretSchema = z.object({
  properties: z.object({ spec: z.object({ secret: z.string().regex(/\S/) }) }),
});

/** Reads an `APIKeyRecord`; undefined if it is none, or has no legal id. */
export function parseKeyAnswer(body: string | undefined): KeyAnswer | undefined {
  const json = parseJson(body);
  const record = recordSchema.safeParse(json);
  if (!record.success) return undefined;
  const { id, kind, properties } = record.data;
  const key = bounded({
    id,
    ...defined({ kind }),
    metadata: properties?.metadata ?? {},
    spec: properties?.spec ?? {},
  });
  const secret = secretSchema.safeParse(json);
  return secret.success ? { key, secret: new Secret(secret.data.properties.spec.secret) } : { key };
}

/** The record, or as much of it as fits: the description before the rest, because it ends in the attempt's marker. */
function bounded(key: KeyRecord): KeyRecord {
  if (fits(key)) return key;
  const { createdTimestamp } = key.metadata;
  const { description, owner } = key.spec;
  const least: KeyRecord = {
    id: key.id,
    metadata: defined({ createdTimestamp }),
    spec: owner?.id === undefined ? {} : { owner: { id: owner.id } },
  };
  const described: KeyRecord = { ...least, spec: { ...least.spec, ...defined({ description }) } };
  return fits(described) ? described : least;
}

const fits = (key: KeyRecord): boolean => JSON.stringify(key).length <= MAX_RECORD;

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value; records must not hold keys with `undefined`. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
