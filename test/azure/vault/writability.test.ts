import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { secretNamed, startVaultWorld, VAULT_URL, type VaultWorld } from './emulated-vault.ts';

const PROBE = 'confluent-key-vending-probe';

let world: VaultWorld;
beforeAll(async () => {
  world = await startVaultWorld();
  expect(await world.open().proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
});
beforeEach(() => world.faults.clear());
afterAll(() => world.emulator.close());

const writes = () =>
  world.emulator.requests().filter(({ operation }) => operation === 'setSecret' || operation === 'updateSecret').length;

it('updates the tags of the one probe version, over and over', async () => {
  const before = world.emulator.secrets('teams', PROBE)?.[0]?.tags;
  for (let round = 0; round < 3; round++) {
    world.clock.at += 61_000;
    expect(await world.open().proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  }
  const versions = world.emulator.secrets('teams', PROBE) ?? [];
  expect(versions).toHaveLength(1);
  expect(versions[0]?.tags).not.toEqual(before);
});

it('probes with a secret that has a content type and an expiry, and makes another before the old one is near its own', async () => {
  const DAY_MS = 86_400_000;
  const probes = () => world.emulator.secrets('teams', PROBE) ?? [];
  const made = probes().length;
  const expiry = probes().at(-1)?.expiresOn ?? '';
  expect(probes().at(-1)).toMatchObject({ contentType: 'text/plain', expiresOn: expect.any(String) });
  world.clock.at = Date.parse(expiry) - 32 * DAY_MS;
  expect(await world.open().proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  expect(probes()).toHaveLength(made);
  world.clock.at += DAY_MS;
  expect(await world.open().proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  expect(probes()).toHaveLength(made + 1);
  expect(Date.parse(probes().at(-1)?.expiresOn ?? '') - world.clock.at).toBeGreaterThan(89 * DAY_MS);
});

it('is proven for a minute by any write that succeeded', async () => {
  const vault = world.open();
  await vault.store(secretNamed('proof', 'cflt-proof'), 10_000);
  const before = writes();
  world.clock.at += 59_000;
  expect(vault.isProvenWritable(VAULT_URL)).toBe(true);
  expect(await vault.proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  expect(writes()).toBe(before);
  world.clock.at += 1_000;
  expect(vault.isProvenWritable(VAULT_URL)).toBe(false);
  expect(await vault.proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  expect(writes()).toBe(before + 1);
});

it('takes one write for all who ask at once', async () => {
  const vault = world.open();
  expect(vault.isProvenWritable(VAULT_URL)).toBe(false);
  const before = writes();
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => vault.proveWritable(VAULT_URL)));
  expect(outcomes.every(({ kind }) => kind === 'writable')).toBe(true);
  expect(writes()).toBe(before + 1);
});

it.each([
  ['updateSecret', { status: 403 }],
  ['updateSecret', { status: 500 }],
  ['updateSecret', { drop: 'before' as const }],
  ['updateSecret', { delayMs: 8_000 }],
  ['listVersions', { status: 403 }],
])('is not proven when %s fails: %j; and is tried again by the next who asks', async (operation, fault) => {
  const vault = world.open();
  world.faults.add({ service: 'vault', operation, fault });
  expect((await vault.proveWritable(VAULT_URL)).kind).toBe('not-writable');
  world.faults.clear();
  expect(await vault.proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
});

it('is no longer proven by an earlier write once a store has failed', async () => {
  const vault = world.open();
  await vault.proveWritable(VAULT_URL);
  world.faults.add({ service: 'vault', fault: { status: 403 } });
  expect((await vault.store(secretNamed('failing', 'cflt'), 10_000)).kind).toBe('refused');
  expect(vault.isProvenWritable(VAULT_URL)).toBe(false);
  expect((await vault.proveWritable(VAULT_URL)).kind).toBe('not-writable');
});

it('is not proven without a token, or where the host cannot be reached', async () => {
  expect((await world.open('stranger').proveWritable(VAULT_URL)).kind).toBe('not-writable');
  const unroutable = await world.open().proveWritable('not a url');
  expect(unroutable.kind).toBe('not-writable');
});

it.each(['ConflictError', 'ObjectIsBeingRecovered'])('is proven by a conflict on the probe: %s', async (code) => {
  const vault = world.open();
  const fault = { status: 409, body: { error: { code: 'Conflict', innererror: { code } } } };
  world.faults.add({ service: 'vault', operation: 'updateSecret', fault });
  expect(await vault.proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  expect(vault.isProvenWritable(VAULT_URL)).toBe(true);
});

it('is proven by a vault that would take the write but for a probe that somebody deleted', async () => {
  const vault = world.open();
  await (await world.officer.beginDeleteSecret(PROBE)).pollUntilDone();
  expect(await vault.proveWritable(VAULT_URL)).toEqual({ kind: 'writable' });
  world.faults.add({ service: 'vault', operation: 'setSecret', fault: { status: 403 } });
  world.clock.at += 61_000;
  expect((await vault.proveWritable(VAULT_URL)).kind).toBe('not-writable');
  world.faults.clear();
  await (await world.officer.beginRecoverDeletedSecret(PROBE)).pollUntilDone();
});
