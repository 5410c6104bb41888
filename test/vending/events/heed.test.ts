import { beforeEach, expect, it } from 'vitest';
import { heed, onExpiry } from '../../../src/vending/events/heed.ts';
import type { KeyVaultEvent } from '../../../src/vending/events/incoming-event.ts';
import type { VendedIntent } from '../../../src/vending/saga/outcome.ts';
import { HOUR, revokeIn, rotateIn, rotationIn, vendedOf } from '../lifecycle.ts';
import { faultsAt } from '../saga/steps.ts';
import { ask, orCrash, SETTINGS } from '../saga/vending.ts';
import { World } from '../saga/world.ts';

const DAY = 24 * HOUR;

let world: World;
let intent: VendedIntent;
beforeEach(async () => {
  world = new World();
  intent = vendedOf(await ask(world, { validFor: 'P60D' }));
});

const hint = (fields: Partial<KeyVaultEvent> = {}): KeyVaultEvent => ({
  kind: 'key-vault',
  event: 'near-expiry',
  source: '/vaults/v',
  id: 'e-1',
  vaultUrl: intent.vaultUrl,
  secretName: intent.secretName,
  version: intent.state.secret.version,
  ...fields,
});
const heeded = (fields: Partial<KeyVaultEvent> = {}, settings = SETTINGS) =>
  heed(world.ports(), settings, hint(fields));

it('a secret of ours that nears its end is rotated', async () => {
  world.now += 30 * DAY;
  const command = { operation: 'rotate', requestId: intent.id, authority: { kind: 'service' } };
  expect(await heeded()).toMatchObject({ kind: 'command', command });
  expect(await heeded({ secretName: intent.secretName.toUpperCase() })).toMatchObject({ kind: 'command' });
});

it('a hint that comes a little early waits for half the time of the secret', async () => {
  world.now += 30 * DAY - 5_000;
  expect(await heeded()).toEqual({ kind: 'early', waitMs: 5_000 });
});

it('a secret that expired is told of; an hour before, it is not', async () => {
  world.now += 60 * DAY - HOUR;
  expect(await heeded({ event: 'expired' })).toEqual({ kind: 'ignored', reason: 'not-yet' });
  world.now += HOUR;
  expect(await heeded({ event: 'expired' })).toMatchObject({ kind: 'expired', intent: { id: intent.id } });
});

it.each([
  ['as long as clocks may differ', 300_000, { kind: 'early', waitMs: 300_000 }],
  ['a moment', 1, { kind: 'early', waitMs: 1 }],
  ['longer than clocks differ', 300_001, { kind: 'ignored', reason: 'not-yet' }],
])('that a secret expired, heard %s before, comes to $2.kind', async (_, left, expected) => {
  world.now += 60 * DAY - left;
  expect(await heeded({ event: 'expired' })).toEqual(expected);
});

it.each<[string, Partial<KeyVaultEvent>, string]>([
  ['a vault that nobody named to us', { vaultUrl: 'https://other.vault.azure.net' }, 'unknown-vault'],
  ['another version of the secret', { version: 'v999' }, 'not-in-force'],
  ['a secret that is not there', { secretName: 'no-such-secret' }, 'not-ours'],
])('a hint about %s is ignored', async (_, fields, reason) => {
  world.now += 31 * DAY;
  expect(await heeded(fields)).toEqual({ kind: 'ignored', reason });
});

it('a hint about a vault that a rule names is heeded', async () => {
  const [rule] = SETTINGS.policy.rules;
  const policy = { rules: rule === undefined ? [] : [{ ...rule, vaultUrl: intent.vaultUrl }] };
  world.now += 31 * DAY;
  const elsewhere = { ...SETTINGS, policy, defaultVaultUrl: 'https://default.vault.azure.net' };
  expect((await heeded({}, elsewhere)).kind).toBe('command');
});

it('a hint far from the end of the secret is ignored: somebody made it up', async () => {
  world.now += 28 * DAY;
  expect(await heeded()).toEqual({ kind: 'ignored', reason: 'not-yet' });
});

it.each([
  ['copied from a version of ours onto another name', (tags: Readonly<Record<string, string>>) => tags],
  ['of a request that the ledger does not know', () => ({ 'vend-intent': 'a'.repeat(26) })],
  ['that name no request', () => ({})],
])('tags %s prove nothing', async (_, tagsOf) => {
  const [stored] = world.versions;
  if (stored !== undefined)
    world.versions.push({ ...stored, name: 'strangers', version: 'v999', tags: tagsOf(stored.tags) });
  world.now += 31 * DAY;
  expect((await heeded({ secretName: 'strangers', version: 'v999' })).kind).toBe('ignored');
});

it('a hint about a key that was revoked is ignored', async () => {
  world.now += 31 * DAY;
  await revokeIn(world, intent.id);
  expect(await heeded()).toEqual({ kind: 'ignored', reason: 'not-in-force' });
});

it('a hint about a key whose rotation is under way, and in the vault already, is heeded: it is in force until then', async () => {
  world.now += 60 * DAY;
  world.fault = faultsAt({ store: { 1: 'crash-after' } });
  await orCrash(() => rotateIn(world, intent.id));
  expect(rotationIn(world, intent)?.state.kind).toBe('minted');
  expect(await heeded({ event: 'expired' })).toMatchObject({ kind: 'expired', intent: { id: intent.id } });
  expect(await heeded()).toMatchObject({ kind: 'command', command: { operation: 'rotate', requestId: intent.id } });
});

it.each(['lookUpName', 'read'] as const)('where %s goes unanswered the hint is to come again', async (call) => {
  world.now += 31 * DAY;
  world.fault = (seen) => (seen === call ? 'lost' : undefined);
  expect((await heeded()).kind).toBe('unclear');
});

it('expiry revokes only where the rule that granted the key says so', () => {
  const [rule] = SETTINGS.policy.rules;
  const rules = (more: object) => ({ rules: rule === undefined ? [] : [{ ...rule, ...more }] });
  expect(onExpiry(SETTINGS.policy, intent)).toBeUndefined();
  expect(onExpiry(rules({ revokeAtExpiry: true }), intent)).toMatchObject({
    operation: 'revoke',
    requestId: intent.id,
  });
  expect(onExpiry(rules({ revokeAtExpiry: true, name: 'renamed' }), intent)).toBeUndefined();
});
