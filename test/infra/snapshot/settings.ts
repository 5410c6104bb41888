import * as z from 'zod';
import { readConfig } from '../../../src/config.ts';
import { type Deployment, ofType, type Parameters } from './predict.ts';

/** Known to Azure alone before a deployment: an example of what it will be. */
const KNOWN_LATER: Readonly<Record<string, string>> = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=44444444-4444-4444-8444-444444444444',
  APPLICATIONINSIGHTS_CONNECTION_STRING: 'InstrumentationKey=44444444-4444-4444-8444-444444444444',
  AZURE_CLIENT_ID: '44444444-4444-4444-8444-444444444444',
  AzureWebJobsStorage__clientId: '44444444-4444-4444-8444-444444444444',
  KEY_VAULT_URL: 'https://ckvend-kv-abcdefgh.vault.azure.net/',
  LEDGER_TABLE_ENDPOINT: 'https://ckvendabcdefgh.table.core.windows.net/',
  ServiceBusConnection__clientId: '44444444-4444-4444-8444-444444444444',
  ServiceBusConnection__fullyQualifiedNamespace: 'ckvend-bus-abcdefgh.servicebus.windows.net',
};
const appSettings = z.array(z.object({ name: z.string(), value: z.string() }));
/** Linux plans have cut longer names without a word. */
const MAX_NAME = 53;

const expectedValues = ({ requestQueues, replyQueues, eventTopic, eventGrid, ...given }: Parameters) => ({
  CONFLUENT_SUBSCRIPTION_ID: given.confluentSubscriptionId,
  CONFLUENT_RESOURCE_GROUP: given.confluentResourceGroup,
  EVENT_QUEUE: eventGrid ? 'vend-events' : '',
  EVENT_TOPIC_NAME: eventTopic,
  REPLY_QUEUES: replyQueues.join(','),
  REQUEST_QUEUES: requestQueues.join(','),
  RESULT_QUEUE: 'vend-results',
  RETRY_QUEUE: 'vend-retries',
});

/** Settings with which the function starts, and which name what the same deployment makes. */
export function settingsFaults(deployment: Deployment): string[] {
  const [site] = ofType(deployment, 'Microsoft.Web/sites');
  const config = z.looseObject({ appSettings }).parse(site?.properties.siteConfig);
  const given = new Map(config.appSettings.map(({ name, value }) => [name, value]));
  const unknown = [...given].filter(([name, value]) => value.startsWith('[') !== name in KNOWN_LATER);
  const wrong = Object.entries(expectedValues(deployment.parameters)).filter(
    ([name, value]) => given.get(name) !== value,
  );
  return [
    ...unknown.map(([name, value]) => `${name} is ${value}`),
    ...wrong.map(([name, value]) => `${name} is ${given.get(name)}, not ${value}`),
    ...[...given.keys()].filter((name) => name.length > MAX_NAME).map((name) => `${name} is longer than ${MAX_NAME}`),
    ...startFaults({ ...Object.fromEntries(given), ...KNOWN_LATER }),
  ];
}

/** The function's own word about them. */
function startFaults(env: Readonly<Record<string, string>>): string[] {
  try {
    readConfig({ env, readFile: () => '' });
    return [];
  } catch (error) {
    return [String(error)];
  }
}
