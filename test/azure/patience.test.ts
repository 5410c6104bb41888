import { setImmediate as soon } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { Secret } from '../../src/vending/secret/secret.ts';
import { type Adapters, adaptersAt, challenging, EVENT } from './adapters.ts';
import { MINT, mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './arm/scripted-arm.ts';

/*
 * The service takes the request and never answers. An SDK that gives up sooner than we mean makes an unknown outcome of every
 * slow mint. One that gives up later lets an attempt act beyond its lease.
 */

let silent: ScriptedArm;
beforeAll(async () => {
  silent = await startScriptedArm();
});
afterAll(() => silent.close());
beforeEach(() => {
  silent.play(challenging(() => undefined));
  // A deadline in another is what is left of it by `performance`: on a slow machine a timer sooner than the outer one.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => void vi.useRealTimers());

const secret = { name: 'orders', value: new Secret('cfltAny'), contentType: 'text/plain', tags: {} };

const isWaiting = (): boolean => silent.seen().some(({ headers }) => headers.authorization !== undefined);

/** Lets the sockets have their turns, which need no timer. */
async function turns(isOver: () => boolean, most: number): Promise<void> {
  for (let turn = 0; turn < most && !isOver(); turn++) await soon();
}

type Call = (on: Adapters, url: string) => Promise<{ readonly kind: string }>;

it.each<[string, number, Call, string]>([
  ['a POST', 60_000, ({ arm }) => mint(arm, MINT, 60_000), 'ambiguous'],
  ['a deletion', 15_000, ({ arm }) => arm.deleteKey(TARGET, 'KEY'), 'unclear'],
  ['a look at a key', 15_000, ({ arm }) => arm.getKey(TARGET, 'KEY'), 'unclear'],
  ['a store', 30_000, ({ vault }, vaultUrl) => vault.store({ vaultUrl, ...secret }, 30_000), 'ambiguous'],
  ['a probe of a vault', 5_000, ({ vault }, url) => vault.proveWritable(url), 'not-writable'],
  ['a look at a name', 10_000, ({ vault }, url) => vault.lookUpName(url, 'orders'), 'unavailable'],
  ['a list of versions', 10_000, ({ vault }, url) => vault.listVersions(url, 'orders'), 'unavailable'],
  ['a list of names', 10_000, ({ vault }, url) => vault.listNames(url), 'unavailable'],
  ['a version disabled', 10_000, ({ vault }, url) => vault.disableVersion(url, 'orders', 'v'), 'unavailable'],
  ['a commit', 5_000, ({ ledger }) => ledger.commit({ remove: ['audit_x'] }), 'unreachable'],
  [
    'a row removed',
    5_000,
    ({ ledger }) => ledger.commit({ credential: { action: 'remove', id: 'i', etag: '*' } }),
    'unreachable',
  ],
  ['a row read', 5_000, ({ ledger }) => ledger.read('key', 'KEY'), 'unreachable'],
  ['a list of rows', 5_000, ({ ledger }) => ledger.list({ kind: 'key', limit: 1 }), 'unreachable'],
  ['an event', 3_000, ({ topic }) => topic.publish(EVENT), 'not-published'],
])('%s waits %d ms for its answer, no less and no more', async (_name, ms, call, kind) => {
  let ended: string | undefined;
  void call(adaptersAt(silent.endpoint), silent.endpoint).then((outcome) => {
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
