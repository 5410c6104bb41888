import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import type { KeyRecord } from '../../src/vending/model/resources.ts';
import { renderSecret, Secret } from '../../src/vending/secret/secret.ts';
import { CANARY, found } from './canary.ts';

const KEY: KeyRecord = { id: 'JDCXTFUVFVQGF56J', metadata: {}, spec: {} };
const TARGET = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'lkc-1126wj',
};
const rendered = (format: 'json' | 'jaas' | 'basic-auth'): string =>
  renderSecret(format, KEY, new Secret(CANARY), TARGET).value.reveal();
const base64 = (text: string): string => Buffer.from(text).toString('base64');

it.each([
  ['as it is', `secret=${CANARY}.`],
  ['cut after 20 characters', CANARY.slice(0, 20)],
  ['without its beginning', CANARY.slice(-20)],
  ['in JSON', JSON.stringify({ value: CANARY })],
  ['in JSON within JSON', JSON.stringify({ message: JSON.stringify({ value: CANARY }) })],
  ['in JSON with escaped slashes', JSON.stringify({ value: CANARY }).replaceAll('/', '\\/')],
  ['in a URL', `https://v/?value=${encodeURIComponent(CANARY)}`],
  ['in a form', String(new URLSearchParams({ value: CANARY }))],
  ['in hex', Buffer.from(CANARY).toString('hex')],
  ['in base64', base64(CANARY)],
  ['in base64 behind one byte', base64(`:${CANARY}`)],
  ['in base64 behind two bytes', base64(`k:${CANARY}`)],
  ['in base64url', Buffer.from(`${CANARY}`).toString('base64url')],
  ['as JSON', rendered('json')],
  ['as JSON in base64', base64(rendered('json'))],
  ['as JAAS', rendered('jaas')],
  ['as JAAS in JSON', JSON.stringify({ value: rendered('jaas') })],
  ['as JAAS in JSON within JSON', JSON.stringify({ message: JSON.stringify({ value: rendered('jaas') }) })],
  ['as JAAS in base64', base64(rendered('jaas'))],
  ['as basic auth', rendered('basic-auth')],
  ['as an Authorization header', `Basic ${base64(rendered('basic-auth'))}`],
  ['in the cause of an error', inspect(new Error('no', { cause: new Error(CANARY) }))],
])('the canary is found %s', (_where, text) => {
  expect(found(text)).not.toEqual([]);
});

it.each([
  ['nothing', ''],
  ['what every secret begins with', 'cflt/CANARY'],
  ['another secret', rendered('jaas').replaceAll(CANARY.replace(/["\\]/g, '\\$&'), `cflt${'QRSTUVWX'.repeat(8)}`)],
])('the canary is not found in %s', (_what, text) => {
  expect(found(text)).toEqual([]);
});
