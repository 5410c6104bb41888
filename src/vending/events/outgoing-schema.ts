import * as z from 'zod';

export const EVENT_KINDS = ['vended', 'rotated', 'revoked', 'orphaned', 'failed', 'expired'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export const eventTypeOf = <K extends EventKind>(kind: K): `confluent-key-vending.apikey.${K}.v1` =>
  `confluent-key-vending.apikey.${kind}.v1`;

/**
 * The service, whichever of its deployments: a name that no setting can change under its consumers. Ids are UUIDs, so
 * that the events of two deployments on one topic are still told apart.
 */
export const EVENT_SOURCE = 'urn:confluent-key-vending';

const optionalText = () => z.string().exactOptional();

const request = {
  requestId: z.string(),
  attempt: z.int(),
  caller: z.string().meta({ description: 'Who asked for the key.' }),
  target: z.object({
    subscriptionId: z.string(),
    resourceGroupName: z.string(),
    organizationName: z.string(),
    environmentId: z.string(),
    clusterId: z.string(),
  }),
  vaultUrl: z.string(),
  secretName: z.string(),
};

const apiKeyId = () => z.string().meta({ description: 'What clients use as user name; never its secret.' });
const secretId = () => z.string().meta({ description: 'The version in Key Vault that holds the secret.' });
const expiresOn = () => z.string().exactOptional().meta({ format: 'date-time' });
const problem = () => z.string().meta({ description: 'Last word of the problem’s type, such as `upstream-refused`.' });

const stored = {
  apiKeyId: apiKeyId(),
  secretId: secretId(),
  keyVaultReference: z.string().meta({ description: 'For App Service settings; without a version.' }),
  expiresOn: expiresOn(),
  supersedes: optionalText().meta({ description: 'Id of the request whose key this one replaces.' }),
};

/** What each event tells. There is no field for a secret, and `parse` lets nothing through that has no field. */
export const eventDataSchemas = {
  vended: z.object({ ...request, ...stored }),
  rotated: z.object({
    ...request,
    ...stored,
    supersededBy: optionalText().meta({ description: 'Id of the request whose key replaces this one.' }),
    revokeAt: z.iso.datetime().exactOptional().meta({ description: 'Until then the replaced key works too.' }),
  }),
  revoked: z.object({
    ...request,
    apiKeyId: apiKeyId(),
    secretId: secretId().exactOptional(),
    supersededBy: optionalText().meta({ description: 'Id of the request whose key replaced this one.' }),
  }),
  orphaned: z.object({
    ...request,
    marker: z.string().meta({ description: 'Last word of the description of the key, if there is one.' }),
    apiKeyId: apiKeyId().exactOptional(),
    problem: problem().exactOptional(),
  }),
  failed: z.object({ ...request, problem: problem(), apiKeyId: apiKeyId().exactOptional() }),
  expired: z.object({
    ...request,
    apiKeyId: apiKeyId(),
    secretId: secretId().exactOptional(),
    keyVaultReference: optionalText(),
    expiresOn: expiresOn(),
  }),
} as const satisfies Record<EventKind, z.ZodType>;

const eventSchemaOf = (kind: EventKind) =>
  z
    .object({
      specversion: z.literal('1.0'),
      id: z.string().max(128).meta({ description: 'An event may come twice; with `source`, this tells.' }),
      source: z.literal(EVENT_SOURCE),
      type: z.literal(eventTypeOf(kind)),
      subject: z.string().meta({ description: 'Id of the request.' }),
      time: z.iso.datetime(),
      datacontenttype: z.literal('application/json'),
      data: eventDataSchemas[kind],
    })
    .meta({ title: eventTypeOf(kind) });

export type OutgoingEvent = Readonly<z.infer<ReturnType<typeof eventSchemaOf>>>;

/** As published. Later versions may add fields, so others are not forbidden. */
export const eventJsonSchema = (kind: EventKind): object => z.toJSONSchema(eventSchemaOf(kind), { io: 'input' });
