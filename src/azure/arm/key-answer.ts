import * as z from 'zod';
import type { KeyRecord } from '../../vending/model/key-record.ts';
import { API_KEY_ID } from '../../vending/model/resource-names.ts';
import { Secret } from '../../vending/secret/secret.ts';
import { parseJson } from '../json.ts';

export interface KeyAnswer {
  readonly key: KeyRecord;
  /** Absent if the answer has none, or a blank one. */
  readonly secret?: Secret;
}

// Whatever else the answer holds, the key exists once it has a legal id: a malformed optional field is dropped, lest
// it make the answer unreadable and the key an orphan.
const text = z.string().optional().catch(undefined);
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
      description: text,
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
  const key = { id, ...defined({ kind }), metadata: properties?.metadata ?? {}, spec: properties?.spec ?? {} };
  const secret = secretSchema.safeParse(json);
  return secret.success ? { key, secret: new Secret(secret.data.properties.spec.secret) } : { key };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** The fields that have a value; records must not hold keys with `undefined`. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
