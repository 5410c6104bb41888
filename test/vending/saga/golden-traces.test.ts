import { beforeEach, expect, it } from 'vitest';
import { endOverlapIn, HOUR, REQUEST, revokeIn, rotateIn, tick, vendIn } from '../world/steps.ts';
import { World } from '../world/world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

/** Serials of the world differ with what ran before, so they are left out. */
const calls = (): string[] =>
  world.trace.map((line) =>
    line
      .replace(/ck-\S+/, 'secret')
      .replace(/vend:\S+?\.(\d+)\.\S+/, 'attempt $1')
      .replace(/(KEY|DISABLE v)\d+/, '$1'),
  );

/** The calls of one path. */
async function traced(work: () => Promise<unknown>): Promise<string[]> {
  world.trace = [];
  await work();
  return calls();
}

const ledgerCalls = (trace: readonly string[]): number =>
  trace.filter((line) => /^(COMMIT|READ|LIST (due|prune|audit|event))/.test(line)).length;

it('a vend is three commits and no read', async () => {
  const trace = await traced(() => vendIn(world));
  expect(trace).toEqual([
    'COMMIT insert credential, insert name, put due caller attempt audit',
    'POST createAPIKey attempt 1',
    'COMMIT replace credential, put key audit',
    'PUT secret',
    'COMMIT replace credential, put attempt audit event, remove due',
  ]);
  expect(ledgerCalls(trace)).toBe(3);
});

it('a vend after a minute without a write probes the vault, and reads first', async () => {
  world.pass(61_000);
  const trace = await traced(() => vendIn(world));
  expect(trace.slice(0, 3)).toEqual([
    'READ credential',
    'PROBE vault',
    'COMMIT insert credential, insert name, put due caller attempt audit',
  ]);
});

it('a vend with a chosen name is four ledger calls', async () => {
  const trace = await traced(() => vendIn(world, { request: { ...REQUEST, secretName: 'orders-main' } }));
  expect(trace.slice(0, 2)).toEqual(['READ credential', 'LOOK UP orders-main']);
  expect(ledgerCalls(trace)).toBe(4);
});

it('a replay is one commit that meets the row, and one read', async () => {
  await vendIn(world);
  const trace = await traced(() => vendIn(world));
  expect(trace).toEqual(['COMMIT insert credential, insert name, put due caller attempt audit', 'READ credential']);
});

it('a replay is one read where the vault would have to be probed first', async () => {
  await vendIn(world);
  world.pass(61_000);
  expect(await traced(() => vendIn(world))).toEqual(['READ credential']);
});

it('a rotation is four ledger calls', async () => {
  await vendIn(world);
  const trace = await traced(() => rotateIn(world));
  expect(trace).toEqual([
    'READ credential',
    'COMMIT replace credential, insert rotation, put due attempt audit',
    'POST createAPIKey attempt 2',
    'COMMIT replace credential, put key audit',
    'PUT secret',
    'COMMIT replace credential, put due attempt audit event, remove due',
  ]);
  expect(ledgerCalls(trace)).toBe(4);
});

it('a revocation is three ledger calls', async () => {
  await vendIn(world);
  const trace = await traced(() => revokeIn(world));
  expect(trace).toEqual([
    'READ credential',
    'COMMIT replace credential, put due audit',
    'DISABLE v',
    'GET KEY',
    'DELETE KEY',
    'LIST secret',
    'COMMIT replace credential, put due audit event, remove due name',
  ]);
  expect(ledgerCalls(trace)).toBe(3);
});

it('a revocation of two keys is three ledger calls as well', async () => {
  await vendIn(world);
  await rotateIn(world);
  const trace = await traced(() => revokeIn(world));
  expect(trace.filter((line) => line === 'DELETE KEY')).toHaveLength(2);
  expect(ledgerCalls(trace)).toBe(3);
});

it('a repeated revocation is one read', async () => {
  await vendIn(world);
  await revokeIn(world);
  expect(await traced(() => revokeIn(world))).toEqual(['READ credential']);
});

it('the end of an overlap on demand is three ledger calls', async () => {
  await vendIn(world);
  const [keyId = ''] = world.confluent.live();
  await rotateIn(world);
  const trace = await traced(() => endOverlapIn(world, keyId));
  expect(trace).toEqual([
    'READ credential',
    'COMMIT replace credential, put due audit, remove due',
    'DISABLE v',
    'GET KEY',
    'DELETE KEY',
    'COMMIT replace credential, put due audit event, remove due',
  ]);
});

it('the end of an overlap by the timer is one read and one commit for the credential', async () => {
  await vendIn(world);
  await rotateIn(world);
  await world.settled();
  world.pass(25 * HOUR + 1);
  expect(await traced(() => tick(world))).toEqual([
    'LIST audit',
    'LIST event',
    'LIST due',
    'READ credential',
    'DISABLE v',
    'GET KEY',
    'DELETE KEY',
    'COMMIT replace credential, put due audit event, remove due',
    'LIST marking',
    'LIST prune',
  ]);
});

it('a key whose store is refused is deleted by the worker that minted it, without a look first', async () => {
  world.vault.refuseStores = 'transient';
  expect((await traced(() => vendIn(world))).slice(3)).toEqual([
    'PUT secret',
    'COMMIT replace credential, put due audit, remove due',
    'DELETE KEY',
    'LIST secret',
    'COMMIT replace credential, put due attempt audit event, remove due name',
  ]);
});

it('what commits recorded is removed later, in one batch, off the way of the request', async () => {
  await vendIn(world);
  expect(await traced(() => world.settled())).toEqual([
    'COMMIT remove audit audit audit',
    'PUBLISH confluent-key-vending.apikey.vended.v1',
    'COMMIT remove event',
  ]);
});
