import { beforeEach, describe, expect, it } from 'vitest';
import { recoveryPageSchema } from '../../../src/vending/commands/recovery/schema.ts';
import { Client, OPERATOR, problem, SETTINGS, TEAM } from './client.ts';

let client: Client;
beforeEach(async () => {
  client = new Client();
  await client.vend();
  client.as(OPERATOR);
  client.settings = { ...SETTINGS, mode: 'paused' };
  client.world.ledger.rows.clear();
});

const isUntouched = (): boolean => client.world.ledger.rows.size === 0;

describe('a recovery of the ledger', () => {
  it('answers what it inserted', async () => {
    const reply = await client.recover(client.world.now);
    expect(reply.status).toBe(200);
    expect(recoveryPageSchema.parse(reply.body)).toMatchObject({ looked: 1, secrets: [{ outcome: 'inserted' }] });
    expect(client.logged).toContainEqual({
      audit: expect.objectContaining({ actor: `operator:${OPERATOR.id}`, looked: 1, inserted: 1 }),
    });
  });

  it('waits until nothing from before the pause is under way, and has itself asked every minute', async () => {
    const early = await client.recover(client.world.now + 600_000);
    expect(early).toMatchObject({ status: 503, headers: { 'Retry-After': '60' }, body: problem('not-settled') });
    expect(early.body.detail).toContain(`not before ${new Date(client.world.now + 600_000).toISOString()}`);
    const soon = await client.recover(client.world.now + 1);
    expect(soon).toMatchObject({ status: 503, headers: { 'Retry-After': '1' } });
    expect(isUntouched()).toBe(true);
  });

  it('is refused where new keys are minted, a dry run too', async () => {
    client.settings = SETTINGS;
    for (const body of [{}, { validateOnly: true }])
      expect(await client.recover(0, { body })).toMatchObject({ status: 409, body: problem('not-paused') });
    expect(isUntouched()).toBe(true);
  });

  it('is for operators', async () => {
    expect((await client.as(TEAM).recover(0)).status).toBe(403);
    expect(isUntouched()).toBe(true);
  });

  it.each([
    ['/vaultUrl', { vaultUrl: 'https://vault.example' }, 'must look like https://name.vault.azure.net, without a path'],
    ['/vaultUrl', { vaultUrl: 1 }, 'must be a string'],
    [
      '/vaultUrl',
      { vaultUrl: 'https://other.vault.azure.net' },
      'must be the configured vault, or one that a rule of the policy names',
    ],
    ['/cursor', { cursor: '../x' }, 'must be the next of an earlier answer'],
    ['/cursor', { cursor: 1 }, 'must be a string'],
    ['/validateOnly', { validateOnly: 'yes' }, 'must be true or false'],
    ['/force', { force: true }, expect.any(String)],
  ])('names a field that is wrong, and what it must be: %s', async (pointer, body, detail) => {
    const reply = await client.recover(0, { body });
    expect(reply.status).toBe(400);
    expect(reply.body.errors).toContainEqual({ pointer, detail });
    expect(isUntouched()).toBe(true);
  });

  it('has itself asked again where the vault is silent', async () => {
    client.world.fault = (call) => (call === 'listNames' ? 'lost' : undefined);
    const reply = await client.recover(0);
    expect(reply).toMatchObject({ status: 503, headers: { 'Retry-After': '15' }, body: problem('vault-unavailable') });
    expect(client.records('request-failed')).toEqual([
      { event: 'request-failed', problem: 'vault-unavailable', caller: OPERATOR.id },
    ]);
  });
});
