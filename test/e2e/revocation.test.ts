import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src/sandbox/kit/faults.ts';
import { EXAMPLE, type Json, OPERATOR, Rig, STRANGER, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
});
afterAll(() => rig.close());
afterEach(() => rig.heal());

const enabled = (secretName: string): boolean[] | undefined =>
  rig.versions(secretName)?.map((version) => version.enabled);
const read = async (id: string): Promise<Json> => (await rig.get(`/v1/credentials/${id}`)).body;
const apiKeyOf = ({ apiKey }: Json): string => String((apiKey as Json).id);

describe('revoking over HTTP', () => {
  it('deletes the key, disables its secret, answers 200 again and again, and the idempotency key is 410 from then on', async () => {
    const { id, keyId, secretName } = await rig.vend('revoke-1');
    for (const reply of [await rig.delete(`/v1/credentials/${id}`), await rig.delete(`/v1/credentials/${id}`)])
      expect(reply).toMatchObject({ status: 200, body: { id, status: 'revoked' } });
    expect(rig.isDeleted(keyId)).toBe(true);
    expect(enabled(secretName)).toEqual([false]);
    expect(await rig.post(EXAMPLE, { key: 'revoke-1' })).toMatchObject({ status: 410 });
    expect(await read(id)).toMatchObject({ status: 'revoked', revokedAt: expect.any(String) });
    const changes = rig.auditOf(id).map(({ change, state }) => `${change}: ${state}`);
    expect(changes.slice(0, 4)).toEqual([
      'claimVend: minting',
      'recordMinted: minted',
      'recordVended: vended',
      'revoke: revoking',
    ]);
    expect(rig.auditOf(id).findLast(({ change }) => change === 'recordRevoked')?.state).toBe('revoked');
  });

  it('is for its own caller and for operators', async () => {
    const { id, keyId } = await rig.vend('revoke-2');
    expect((await rig.delete(`/v1/credentials/${id}`, await rig.token(STRANGER))).status).toBe(404);
    expect(rig.isDeleted(keyId)).toBe(false);
    expect((await rig.delete(`/v1/credentials/${id}`, await rig.token(OPERATOR))).status).toBe(200);
    expect(rig.auditOf(id).find(({ change }) => change === 'revoke')?.actor).toMatch(/^operator:entra:/);
  });

  it('that ARM does not confirm is 202 with Retry-After, and the reconciler finishes it', async () => {
    const { id, keyId } = await rig.vend('revoke-3');
    rig.fault({ service: 'arm', operation: 'deleteApiKey', fault: { drop: 'before' } });
    const reply = await rig.delete(`/v1/credentials/${id}`);
    expect(reply).toMatchObject({ status: 202, body: { id, status: 'revoking' } });
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(rig.isDeleted(keyId)).toBe(false);
    rig.heal();
    await rig.advance('PT1M');
    await rig.becomes(id, 'revoked');
    expect(rig.isDeleted(keyId)).toBe(true);
    expect(await rig.delete(`/v1/credentials/${id}`)).toMatchObject({ status: 200 });
  });

  it('after a rotation takes the current key and the previous one, by the one id', async () => {
    const { id, keyId, secretName } = await rig.vend('revoke-4');
    const rotated = await rig.rotate(id, 'r-1');
    const keys = [keyId, apiKeyOf(rotated.body)];
    expect(await rig.delete(`/v1/credentials/${id}`)).toMatchObject({ status: 200, body: { id, status: 'revoked' } });
    expect(keys.map((each) => rig.isDeleted(each))).toEqual([true, true]);
    expect(enabled(secretName)).toEqual([false, false]);
  });

  it.each<[string, FaultRule, string]>([
    ['mints', { service: 'arm', operation: 'createApiKey', fault: { delayMs: 2_000 } }, 'minting'],
    ['stores', { service: 'vault', operation: 'setSecret', fault: { delayMs: 2_000 } }, 'minted'],
    ['is recorded', { service: 'table', operation: 'batch', after: 2, fault: { delayMs: 2_000 } }, 'minted'],
  ])('while a rotation %s takes what that makes too', async (step, rule, phase) => {
    const { id, secretName } = await rig.vend(`revoke while a rotation ${step}`);
    // The rows of the audit trail leave the ledger in transactions too.
    await until(async () => ((await rig.rowKeys()).some((key) => key.startsWith('audit_')) ? undefined : true));
    rig.fault({ ...rule, times: 1 });
    const rotation = rig.rotate(id, 'r-1');
    await until(async () => ((await rig.ledgerRow(id))?.work?.phase === phase ? true : undefined));
    expect((await rig.delete(`/v1/credentials/${id}`)).status).toBe(202);
    expect((await rotation).status).toBe(503);
    expect(rig.keys().filter(({ description }) => description.includes(`vend:${id}.`))).toHaveLength(2);
    await rig.advance('PT1M');
    await rig.becomes(id, 'revoked');
    expect(rig.livingKeys(id)).toEqual([]);
    expect(enabled(secretName)).not.toContain(true);
  });

  it('with validateOnly says what it would do, and does nothing', async () => {
    const { id, keyId } = await rig.vend('revoke-6');
    const row = await rig.ledgerRow(id);
    const reply = await rig.delete(`/v1/credentials/${id}?validateOnly=true`);
    expect(reply).toMatchObject({ status: 200, body: { status: 'previewed', operation: 'revoke', effect: 'revoke' } });
    for (const query of ['validateOnly=1', 'validateonly=true', 'dryRun=true', 'validateOnly=true&ValidateOnly=true'])
      expect([query, (await rig.delete(`/v1/credentials/${id}?${query}`)).status]).toEqual([query, 400]);
    expect(rig.isDeleted(keyId)).toBe(false);
    expect(await rig.ledgerRow(id)).toEqual(row);
  });
});
