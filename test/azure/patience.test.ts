import { setImmediate as soon } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { createConfluentKeys } from '../../src/azure/arm/confluent-keys.ts';
import { createEventGridTopic } from '../../src/azure/events/event-grid-topic.ts';
import { createLedger } from '../../src/azure/ledger/ledger.ts';
import { createSecretVault } from '../../src/azure/vault/secret-vault.ts';
import { Secret } from '../../src/vending/secret/secret.ts';
import { EVENTS } from '../vending/events/outgoing-events.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { goodCredential as credential, MINT, mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './arm/scripted-arm.ts';

/*
 * The service takes the request and never answers. An SDK that gives up sooner than we mean makes an unknown outcome of every
 * slow mint. One that gives up later lets an attempt act beyond its lease.
 */

const CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
const [EVENT] = EVENTS;
if (EVENT === undefined) throw new Error('There is no event to publish');

let silent: ScriptedArm;
beforeAll(async () => {
  silent = await startScriptedArm();
});
afterAll(() => silent.close());
beforeEach(() => {
  // Key Vault's client sends nothing that matters before it was asked for a token.
  silent.play((res, { headers }) => {
    if (headers.authorization === undefined) res.writeHead(401, { 'www-authenticate': CHALLENGE }).end();
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => void vi.useRealTimers());

const arm = () => createConfluentKeys({ credential, endpoint: silent.endpoint });
const ledger = () => createLedger({ credential, endpoint: silent.endpoint, table: 'ledger', timings: DEFAULT_TIMINGS });
const clock = { now: Date.now, sleep: async () => undefined };
const vault = () =>
  createSecretVault({ credential, clock, clientOptions: { disableChallengeResourceVerification: true } });
const topic = () => createEventGridTopic({ credential, endpoint: `${silent.endpoint}/api/events` });
const secret = () => {
  const value = new Secret('cfltAny');
  return { vaultUrl: silent.endpoint, name: 'orders', value, contentType: 'text/plain', tags: {} };
};

const isWaiting = (): boolean => silent.seen().some(({ headers }) => headers.authorization !== undefined);

/** Lets the sockets have their turns, which need no timer. */
async function turns(isOver: () => boolean, most: number): Promise<void> {
  for (let turn = 0; turn < most && !isOver(); turn++) await soon();
}

it.each<[string, number, () => Promise<{ readonly kind: string }>, string]>([
  ['a POST', 60_000, () => mint(arm(), MINT, 60_000), 'ambiguous'],
  ['a deletion', 15_000, () => arm().deleteKey(TARGET, 'KEY'), 'unclear'],
  ['a look at a key', 15_000, () => arm().getKey(TARGET, 'KEY'), 'unclear'],
  ['a store', 30_000, () => vault().store(secret(), 30_000), 'ambiguous'],
  ['a probe of a vault', 5_000, () => vault().proveWritable(silent.endpoint), 'not-writable'],
  ['a look at a name', 10_000, () => vault().lookUpName(silent.endpoint, 'orders'), 'unavailable'],
  ['a list of versions', 10_000, () => vault().listVersions(silent.endpoint, 'orders'), 'unavailable'],
  ['a list of names', 10_000, () => vault().listNames(silent.endpoint), 'unavailable'],
  ['a version disabled', 10_000, () => vault().disableVersion(silent.endpoint, 'orders', 'v'), 'unavailable'],
  ['a commit', 5_000, () => ledger().commit({ remove: ['due|x'] }), 'unreachable'],
  [
    'a row removed',
    5_000,
    () => ledger().commit({ credential: { action: 'remove', id: 'i', etag: '*' } }),
    'unreachable',
  ],
  ['a row read', 5_000, () => ledger().read('key', 'KEY'), 'unreachable'],
  ['a list of rows', 5_000, () => ledger().list({ kind: 'key', limit: 1 }), 'unreachable'],
  ['an event', 3_000, () => topic().publish(EVENT), 'not-published'],
])('%s waits %d ms for its answer, no less and no more', async (_name, ms, call, kind) => {
  let ended: string | undefined;
  void call().then((outcome) => {
    ended = outcome.kind;
  });
  await turns(isWaiting, 100_000);
  expect(isWaiting()).toBe(true);
  vi.advanceTimersByTime(ms - 1);
  await turns(() => ended !== undefined, 1_000);
  expect(ended).toBeUndefined();
  vi.advanceTimersByTime(1);
  await turns(() => ended !== undefined, 100_000);
  expect(ended).toBe(kind);
});
