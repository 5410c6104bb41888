import { afterAll, beforeAll, expect, it } from 'vitest';
import { Secret } from '../../src/vending/secret/secret.ts';
import { type Adapters, adaptersAt, challenging, EVENT } from './adapters.ts';
import { answering } from './arm/answering.ts';
import { mint, TARGET } from './arm/fixtures.ts';
import { type ScriptedArm, startScriptedArm } from './arm/scripted-arm.ts';

/*
 * A connection that is opened for each call costs its caller three round trips. One that is kept and not used again leaks, until
 * the instance has no ports left.
 */

let server: ScriptedArm;
beforeAll(async () => {
  server = await startScriptedArm();
});
afterAll(() => server.close());

const secret = { name: 'orders', value: new Secret('cfltAny'), contentType: 'text/plain', tags: {} };

type Call = (on: Adapters, url: string) => Promise<unknown>;
const CALLS: readonly (readonly [name: string, call: Call])[] = [
  ['a deletion', ({ arm }) => arm.deleteKey(TARGET, 'KEY')],
  ['a look at a key', ({ arm }) => arm.getKey(TARGET, 'KEY')],
  ['a store', ({ vault }, vaultUrl) => vault.store({ vaultUrl, ...secret }, 10_000)],
  ['a list of versions', ({ vault }, url) => vault.listVersions(url, 'orders')],
  ['a version disabled', ({ vault }, url) => vault.disableVersion(url, 'orders', 'v')],
  ['a commit', ({ ledger }) => ledger.commit({ remove: ['audit_x'] })],
  ['a row read', ({ ledger }) => ledger.read('key', 'KEY')],
  ['a list of rows', ({ ledger }) => ledger.list({ kind: 'key', limit: 1 })],
  ['an event', ({ topic }) => topic.publish(EVENT)],
];

/** How many connections four calls take, one after the other. */
async function connectionsOf(status: number, call: Call): Promise<number> {
  server.play(challenging(answering(status, { value: [] }, { 'content-type': 'application/json' })));
  const on = adaptersAt(server.endpoint);
  for (let times = 0; times < 4; times++) await call(on, server.endpoint);
  return new Set(server.seen().map(({ connection }) => connection)).size;
}

it.each(CALLS.flatMap(([name, call]) => [200, 404].map((status) => [name, status, call] as const)))(
  '%s that is answered %d leaves its connection to the next one',
  async (_name, status, call) => expect(await connectionsOf(status, call)).toBe(1),
);

it('a POST has a connection of its own, each time', async () => {
  expect(await connectionsOf(400, ({ arm }) => mint(arm))).toBe(4);
});
