import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createConfluentKeys } from '../../src/azure/arm/confluent-keys.ts';
import { createEventGridTopic } from '../../src/azure/events/event-grid-topic.ts';
import { createLedger } from '../../src/azure/ledger/ledger.ts';
import { createSecretVault } from '../../src/azure/vault/secret-vault.ts';
import { Secret } from '../../src/vending/secret/secret.ts';
import { EVENTS } from '../vending/events/outgoing-events.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { goodCredential as credential, mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './arm/scripted-arm.ts';

/*
 * A connection that is opened for each call costs its caller three round trips. One that is kept and not used again leaks, until
 * the instance has no ports left.
 */

const CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
const [EVENT] = EVENTS;
if (EVENT === undefined) throw new Error('There is no event to publish');

let server: ScriptedArm;
let status: number;
beforeAll(async () => {
  server = await startScriptedArm();
});
afterAll(() => server.close());
beforeEach(() => {
  server.play((res, { headers }) => {
    if (headers.authorization === undefined) res.writeHead(401, { 'www-authenticate': CHALLENGE }).end();
    else res.writeHead(status, { 'content-type': 'application/json' }).end('{"value":[]}');
  });
});

const clock = { now: Date.now, sleep: async () => undefined };
const arm = () => createConfluentKeys({ credential, endpoint: server.endpoint });
const ledger = () => createLedger({ credential, endpoint: server.endpoint, table: 'ledger', timings: DEFAULT_TIMINGS });
const vault = () =>
  createSecretVault({ credential, clock, clientOptions: { disableChallengeResourceVerification: true } });
const topic = () => createEventGridTopic({ credential, endpoint: `${server.endpoint}/api/events` });
const place = () => [server.endpoint, 'orders'] as const;
const secret = () => ({ vaultUrl: server.endpoint, name: 'orders', value: new Secret('cfltAny'), tags: {} });

const CALLS: readonly (readonly [name: string, prepare: () => () => Promise<unknown>])[] = [
  [
    'a deletion',
    () =>
      (
        (keys) => () =>
          keys.deleteKey(TARGET, 'KEY')
      )(arm()),
  ],
  [
    'a look at a key',
    () =>
      (
        (keys) => () =>
          keys.getKey(TARGET, 'KEY')
      )(arm()),
  ],
  [
    'a store',
    () =>
      (
        (one) => () =>
          one.store({ ...secret(), contentType: 'text/plain' }, 10_000)
      )(vault()),
  ],
  [
    'a list of versions',
    () =>
      (
        (one) => () =>
          one.listVersions(...place())
      )(vault()),
  ],
  [
    'a version disabled',
    () =>
      (
        (one) => () =>
          one.disableVersion(...place(), 'v')
      )(vault()),
  ],
  [
    'a commit',
    () =>
      (
        (one) => () =>
          one.commit({ remove: ['audit_x'] })
      )(ledger()),
  ],
  [
    'a row read',
    () =>
      (
        (one) => () =>
          one.read('key', 'KEY')
      )(ledger()),
  ],
  [
    'a list of rows',
    () =>
      (
        (one) => () =>
          one.list({ kind: 'key', limit: 1 })
      )(ledger()),
  ],
  [
    'an event',
    () =>
      (
        (one) => () =>
          one.publish(EVENT)
      )(topic()),
  ],
];

it.each(CALLS.flatMap(([name, prepare]) => [200, 404].map((each) => [name, each, prepare] as const)))(
  '%s that is answered %d leaves its connection to the next one',
  async (_name, answer, prepare) => {
    status = answer;
    const call = prepare();
    for (let times = 0; times < 4; times++) await call();
    expect(new Set(server.seen().map(({ connection }) => connection)).size).toBe(1);
  },
);

it('a POST has a connection of its own, each time', async () => {
  status = 400;
  const keys = arm();
  for (let times = 0; times < 4; times++) await mint(keys);
  expect(new Set(server.seen().map(({ connection }) => connection)).size).toBe(4);
});
