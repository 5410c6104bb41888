import * as z from 'zod';
import { targetSchema } from '../model/resources.ts';

export const EVENT_KINDS = ['vended', 'rotated', 'revoked', 'orphaned', 'failed', 'expired'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const eventTypeOf = <K extends EventKind>(kind: K): `confluent-key-vending.apikey.${K}.v1` =>
  `confluent-key-vending.apikey.${kind}.v1`;

/**
 * Every deployment of the service: a name that no setting can change under its consumers. Ids begin with a UUID, so the
 * events of two deployments on one topic differ.
 */
export const EVENT_SOURCE = 'urn:confluent-key-vending';

const common = {
  credentialId: z.string(),
  sequence: z.int().meta({ description: 'Counts the changes of the credential. Order its events by it.' }),
  attempt: z.int(),
  caller: z.string().meta({ description: 'Who asked for the credential.' }),
  target: targetSchema,
  vaultUrl: z.string(),
  secretName: z.string(),
};

const apiKeyId = () => z.string().meta({ description: 'What clients use as user name; never its secret.' });
const secretId = () => z.string().meta({ description: 'The version in Key Vault that holds the secret.' });
const keyVaultReference = () => z.string().meta({ description: 'For App Service settings; without a version.' });
const expiresOn = () => z.iso.datetime().exactOptional();
const problem = () => z.string().meta({ description: 'Last word of the problem’s type, such as `upstream-refused`.' });

const stored = {
  apiKeyId: apiKeyId(),
  secretId: secretId(),
  keyVaultReference: keyVaultReference(),
  expiresOn: expiresOn(),
};

/** The data of each event. There is no field for a secret, and `parse` lets nothing through that has no field. */
export const eventDataSchemas = {
  vended: z.object({ ...common, ...stored }),
  rotated: z.object({
    ...common,
    ...stored,
    replacedApiKeyId: apiKeyId(),
    revokeAt: z.iso.datetime().meta({ description: 'Until then the replaced key works too.' }),
  }),
  revoked: z.object({
    ...common,
    apiKeyId: apiKeyId(),
    secretId: secretId().exactOptional(),
    replacedBy: apiKeyId().exactOptional(),
  }),
  orphaned: z.object({
    ...common,
    marker: z.string().meta({ description: 'Last word of the description of the key, if there is one.' }),
    apiKeyId: apiKeyId().exactOptional(),
  }),
  failed: z.object({ ...common, problem: problem(), apiKeyId: apiKeyId().exactOptional() }),
  expired: z.object({ ...common, ...stored, willBeRevoked: z.boolean() }),
} as const satisfies Record<EventKind, z.ZodType>;

const eventSchemaOf = (kind: EventKind) =>
  z
    .object({
      specversion: z.literal('1.0'),
      id: z.string().max(128).meta({ description: 'An event may come twice; compare `source` and `id`.' }),
      source: z.literal(EVENT_SOURCE),
      type: z.literal(eventTypeOf(kind)),
      subject: z.string().meta({ description: 'Id of the credential.' }),
      time: z.iso.datetime(),
      datacontenttype: z.literal('application/json'),
      data: eventDataSchemas[kind],
    })
    .meta({ title: eventTypeOf(kind) });

export type OutgoingEvent = Readonly<z.infer<ReturnType<typeof eventSchemaOf>>>;

/** For an event that was kept as JSON, perhaps by another version: its data are passed on as they are. */
export const keptEventSchema = z.looseObject({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.string(),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** As much of an event as its way to the topic needs. */
export type PublishableEvent = Readonly<z.infer<typeof keptEventSchema>>;

/** As published. Later versions may add fields, so others are not forbidden. */
export const eventJsonSchema = (kind: EventKind): object => z.toJSONSchema(eventSchemaOf(kind), { io: 'input' });
