/**
 * Payloads in the form in which they are published, with every oddity of theirs: the names and values of another vault
 * and subscription, nothing else changed.
 */

const VERSION = '0f1e2d3c4b5a69788796a5b4c3d2e1f0';
const RESOURCE =
  '/subscriptions/{subscription-id}/resourceGroups/vending-rg/providers/Microsoft.KeyVault/vaults/vending-kv';
const ID = `https://vending-kv.vault.azure.net/secrets/ordersecret/${VERSION}`;

/** What every sample of a Key Vault event below is about. */
export const SAMPLE_SECRET = {
  vaultUrl: 'https://vending-kv.vault.azure.net',
  secretName: 'ordersecret',
  version: VERSION,
};

/** Blanks in `"ObjectName "` and before the version, times as text: Microsoft Learn, event-schema-key-vault. */
const DOCUMENTED_DATA = {
  Id: ID,
  VaultName: 'vending-kv',
  ObjectType: 'Secret',
  'ObjectName ': 'ordersecret',
  Version: ` ${VERSION}`,
  NBF: '1559081980',
  EXP: '1559082102',
};

/** Without the blanks: Azure/azure-rest-api-specs, specification/eventgrid/data-plane/Microsoft.KeyVault. */
const SPECIFIED_DATA = {
  Id: ID,
  VaultName: 'vending-kv',
  ObjectType: 'Secret',
  ObjectName: 'ordersecret',
  Version: VERSION,
  NBF: '1559081980',
  EXP: '1559082102',
};

/** As the property tables and the generated clients have them: numbers, and names of another case. */
const TABULATED_DATA = {
  id: ID,
  vaultName: 'vending-kv',
  objectType: 'Secret',
  objectName: 'ordersecret',
  version: VERSION,
  nbf: 1_559_081_980,
  exp: 1_559_082_102,
};

const eventGridEvent = (eventType: string, data: object) => ({
  id: '11fdd080-a6b8-5f8d-9300-3fc28ff0ae75',
  topic: RESOURCE,
  subject: 'ordersecret',
  eventType,
  eventTime: '2019-07-25T01:08:33.1036736Z',
  data,
  dataVersion: '1',
  metadataVersion: '1',
});

const cloudEvent = (type: string, data: object) => ({
  id: '11fdd080-a6b8-5f8d-9300-3fc28ff0ae75',
  source: RESOURCE,
  subject: 'ordersecret',
  type,
  time: '2019-07-25T01:08:33.1036736Z',
  data,
  specversion: '1.0',
});

export const SAMPLE_NAME = { source: RESOURCE, id: '11fdd080-a6b8-5f8d-9300-3fc28ff0ae75' };

/** Published for `SecretNewVersionCreated` only; all three secret events have the same data. */
export const keyVaultSamples = (type: string): readonly (readonly [string, unknown])[] => [
  ['documented, Event Grid schema', [eventGridEvent(type, DOCUMENTED_DATA)]],
  ['documented, CloudEvents', [cloudEvent(type, DOCUMENTED_DATA)]],
  ['specified, Event Grid schema', eventGridEvent(type, SPECIFIED_DATA)],
  ['specified, CloudEvents', cloudEvent(type, SPECIFIED_DATA)],
  ['by the property table', eventGridEvent(type, TABULATED_DATA)],
];

export const VALIDATION_CODE = '623e49c7-d8c9-41d9-90fe-e57fa0ff7733';

/** Microsoft Learn, end-point-validation-event-grid-events-schema. */
export const VALIDATION_SAMPLE = [
  {
    id: '3e2892bg-4b5d-4e8d-ce1e-f45c2aeb5f77',
    topic: '/subscriptions/xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
    subject: '',
    data: {
      validationCode: VALIDATION_CODE,
      validationUrl:
        'https://rp-westeurope.eventgrid.azure.net:553/eventsubscriptions/vending/validate?id=0000000000-0000-0000-0000-00000000000000&t=2022-10-28T04:23:35.1981776Z&apiVersion=2018-05-01-preview&token=1A1A1A1A',
    },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: '2022-10-28T04:23:35.1981776Z',
    metadataVersion: '1',
    dataVersion: '1',
  },
];

const someEvent = (id: string, source: string, more: object) => ({
  specversion: '1.0',
  type: 'com.example.someevent',
  source,
  id,
  time: '2018-04-05T17:31:00Z',
  comexampleextension1: 'value',
  comexampleothervalue: 5,
  ...more,
});

const THRIFT = {
  datacontenttype: 'application/vnd.apache.thrift.binary',
  data_base64: '... base64 encoded string ...',
};
const APP_INFO = { datacontenttype: 'application/json', data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true } };

/** CloudEvents JSON Event Format 1.0.2, sections 3.2 and 4.3: binary data, XML, `null` attributes, a bare string. */
export const CLOUD_EVENT_SAMPLES: readonly (readonly [string, unknown])[] = [
  ['binary data', someEvent('A234-1234-1234', '/mycontext', THRIFT)],
  [
    'XML data and an unset extension',
    someEvent('B234-1234-1234', '/mycontext', {
      unsetextension: null,
      datacontenttype: 'application/xml',
      data: '<much wow="xml"/>',
    }),
  ],
  ['a subject of null', someEvent('C234-1234-1234', '/mycontext', { subject: null, ...APP_INFO })],
  ['a JSON string as data', someEvent('D234-1234-1234', '/mycontext', { subject: null, data: "I'm just a string" })],
  [
    'a batch',
    [
      someEvent('B234-1234-1234', '/mycontext/4', THRIFT),
      { ...someEvent('C234-1234-1234', '/mycontext/9', APP_INFO), type: 'com.example.someotherevent' },
    ],
  ],
];
