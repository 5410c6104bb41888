import { expect, it } from 'vitest';
import { settingsSchema } from '../../src/settings.ts';
import { MAX_BATCH_BYTES } from '../../src/vending/events/incoming.ts';
import { modulesOf, parametersOf, variablesOf } from './bicep/document.ts';
import { infraFile, literalOf, parseBicep, propertiesOf } from './bicep/syntax.ts';

const main = await parseBicep(infraFile('main.bicep'));
const settings = variablesOf(main).find(({ name }) => name === 'settings')?.value;
if (settings === undefined) throw new Error('main.bicep has no settings');
const given = propertiesOf(settings);
const names = given.map(({ name }) => name);
const known = Object.keys(settingsSchema.shape);

/** Read by the host, by its Service Bus extension or by Application Insights, not by us. */
const OF_THE_HOST = [
  'AzureWebJobsStorage__accountName',
  'AzureWebJobsStorage__credential',
  'AzureWebJobsStorage__clientId',
  'APPLICATIONINSIGHTS_CONNECTION_STRING',
  'APPLICATIONINSIGHTS_AUTHENTICATION_STRING',
  'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT',
  'ServiceBusConnection__credential',
  'ServiceBusConnection__clientId',
];
/** Read with POLICY_FILE before the other settings. */
const OF_THE_POLICY = ['POLICY'];

it('every app setting in Bicep is one that somebody reads', () => {
  const readable = [...known, ...OF_THE_HOST, ...OF_THE_POLICY];
  expect(names.filter((name) => !readable.includes(name))).toEqual([]);
});

it('every required setting is given', () => {
  const required = Object.entries(settingsSchema.shape).filter(([, schema]) => !schema.safeParse(undefined).success);
  expect(required.length).toBeGreaterThan(6);
  const missing = required.map(([name]) => name).filter((name) => !names.includes(name));
  expect([...missing, ...[...OF_THE_HOST, ...OF_THE_POLICY].filter((name) => !names.includes(name))]).toEqual([]);
  expect(names).toContain('ServiceBusConnection__fullyQualifiedNamespace');
  expect(names).not.toContain('ServiceBusConnection');
});

it('a setting that is written out is one that the function takes', () => {
  for (const { name, value } of given) {
    const literal = literalOf(value);
    const schema = settingsSchema.shape[name as keyof typeof settingsSchema.shape];
    if (literal !== undefined && known.includes(name)) expect(schema.safeParse(literal).success, name).toBe(true);
  }
});

it('modes are those that the function knows', () => {
  const mode = parametersOf(main).find(({ name }) => name === 'mode');
  const allowed = settingsSchema.shape.MODE.unwrap().options.map((option) => `'${option}'`);
  expect(mode?.decorators).toContain(`@allowed([${allowed.join(', ')}])`);
});

it('no exporter is set up unasked', () => {
  const endpoint = parametersOf(main).find(({ name }) => name === 'otlpEndpoint');
  expect(endpoint?.value === undefined ? undefined : literalOf(endpoint.value)).toBe('');
});

it('no setting changes what host.json says of the log', () => {
  expect(names.filter((name) => name.startsWith('AzureFunctionsJobHost__logging'))).toEqual([]);
});

it('no name of a setting is longer than 53 characters, after which Linux plans have cut names', () => {
  expect([...names, ...known].filter((name) => name.length > 53)).toEqual([]);
});

it('the host reads no body that is much larger than the function takes', () => {
  const limit = given.find(({ name }) => name === 'FUNCTIONS_REQUEST_BODY_SIZE_LIMIT')?.value;
  const bytes = Number(literalOf(limit));
  // Above ours, so that the function answers 413 with a reason: the host answers a bare 500.
  expect(bytes).toBeGreaterThan(MAX_BATCH_BYTES);
  expect(bytes).toBeLessThan(2 * MAX_BATCH_BYTES);
});

it('the sample gives what is required and nothing that is not there', () => {
  const sample = infraFile('main.bicepparam');
  const set = [...sample.matchAll(/^param (\w+) =/gm)].map(([, name = '']) => name);
  const parameters = parametersOf(main);
  expect(set.filter((name) => !parameters.some((parameter) => parameter.name === name))).toEqual([]);
  const required = parameters.filter(({ value }) => value === undefined).map(({ name }) => name);
  expect(required.filter((name) => !set.includes(name))).toEqual([]);
  for (const [, path = ''] of sample.matchAll(/loadTextContent\('([^']+)'\)/g)) expect(infraFile(path)).not.toBe('');
  expect(modulesOf(main).length).toBeGreaterThan(8);
});
