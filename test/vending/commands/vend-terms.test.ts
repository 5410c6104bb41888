import { describe, expect, it } from 'vitest';
import { expiryOf } from '../../../src/vending/commands/plan-vend.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { DAY, failing, ID, rowIn, typeOf, vendIn, withoutFaults, withRule } from '../world/steps.ts';
import { VAULT, World } from '../world/world.ts';
import { effectOf, vendTrial } from './trials.ts';

describe('a failure', () => {
  it('for an owner that policy does not allow is final: another key would be of the same owner', async () => {
    const world = new World();
    const settings = withRule({ allowedOwners: ['u-*'] });
    expect(typeOf(await vendIn(world, { settings }))).toBe('owner-not-allowed');
    world.pass(DAY);
    expect(typeOf(await vendIn(world, { settings }))).toBe('owner-not-allowed');
    expect(world.confluent.posts).toHaveLength(1);
  });

  it('that passes is not final for a message: it is delivered again for that', async () => {
    const world = failing('store', 'refused');
    const key = { kind: 'msg', messageId: 'm-1' } as const;
    expect(typeOf(await vendIn(world, { key }))).toBe('vault-unavailable');
    withoutFaults(world);
    expect(typeOf(await vendIn(world, { key }))).toBe('vended');
  });
});

describe('the terms of a vend', () => {
  it('are those of the request, up to what policy allows', async () => {
    const world = new World();
    const settings = withRule({ maxValidFor: 'P30D' });
    const request = { validFor: 'P30D', secretFormat: 'json' } as const;
    expect(typeOf(await vendIn(world, { settings, request }))).toBe('vended');
    expect(rowIn(world)).toMatchObject({ validForMs: 30 * DAY, secretFormat: 'json' });
    const shorter = await vendIn(world, {
      key: { kind: 'key', key: 'shorter' },
      settings,
      request: { validFor: 'P29D' },
    });
    expect(shorter).toMatchObject({ credential: { validForMs: 29 * DAY } });
  });

  it('end at the latest date that can be stored, and not later', () => {
    const latest = Date.parse('2038-01-19T03:14:07Z');
    expect([expiryOf(2, latest - 2), expiryOf(2, latest - 1)]).toEqual([latest, 'too-late']);
  });
});

it('a vault that takes no writes is named in the log with the credential, and what it answered', async () => {
  const world = new World();
  world.pass(61_000);
  world.vault.isWritable = false;
  await vendIn(world);
  const upstream = { service: 'vault', status: 403, code: 'ForbiddenByFirewall' };
  expect(world.logs).toEqual([{ level: 'error', event: 'vault-not-writable', credentialId: ID, upstream }]);
});

it('a name that the ledger kept for a credential that it lost may be chosen by that credential', async () => {
  const world = new World();
  const { key, value } = rowOf('name', { vaultUrl: VAULT, secretName: 'orders-main', id: ID });
  world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'e' });
  expect(effectOf(await vendTrial(world, { secretName: 'orders-main' }))).toBe('mint');
});
