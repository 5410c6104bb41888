import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/world.ts';
import { EXAMPLE, type Json, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({
    QUEUE_RETRY_BASE_SECONDS: '1',
    RECONCILE_SCHEDULE: '* * * * * *',
    SETTLE_SECONDS: '2',
    LEASE_MARGIN_SECONDS: '1',
  });
});
afterAll(() => rig.close());
afterEach(() => rig.heal());

const OPERATOR = { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] };
const STRANGER = { oid: '88888888-8888-4888-8888-888888888888' };

async function vended(key: string): Promise<{ requestId: string; keyId: string; secretName: string; body: Json }> {
  const { status, body } = await rig.post(EXAMPLE, { key });
  expect(status).toBe(201);
  const apiKey = body.apiKey as Json;
  const secret = body.secret as Json;
  return { requestId: String(body.requestId), keyId: String(apiKey.id), secretName: String(secret.name), body };
}

const isDeleted = (keyId: string): boolean | undefined => rig.keys().find(({ id }) => id === keyId)?.deleted;
const rotate = async (requestId: string, body: Json = {}, token?: string) =>
  rig.postTo(`/v1/api-keys/${requestId}/rotate`, body, token ?? (await rig.token()));

describe('revoking over HTTP', () => {
  it('deletes the key, disables its secret, answers 200 again and again, and the request is 410 from then on', async () => {
    const { requestId, keyId, secretName } = await vended('revoke-1');
    for (const reply of [await rig.delete(`/v1/api-keys/${requestId}`), await rig.delete(`/v1/api-keys/${requestId}`)])
      expect(reply).toMatchObject({ status: 200, body: { requestId, status: 'revoked', apiKeyId: keyId } });
    expect(isDeleted(keyId)).toBe(true);
    expect(rig.versions(secretName)?.map(({ enabled }) => enabled)).toEqual([false]);
    expect(await rig.post(EXAMPLE, { key: 'revoke-1' })).toMatchObject({ status: 410 });
    expect((await rig.get(`/v1/api-keys/${requestId}`)).body).toMatchObject({ status: 'revoked' });
    expect(rig.auditOf(requestId).map(({ state }) => state)).toEqual([
      'minting',
      'minted',
      'vended',
      'revoking',
      'revoked',
    ]);
  });

  it('is for its own caller and for operators', async () => {
    const { requestId, keyId } = await vended('revoke-2');
    expect((await rig.delete(`/v1/api-keys/${requestId}`, await rig.token(STRANGER))).status).toBe(404);
    expect(isDeleted(keyId)).toBe(false);
    expect((await rig.delete(`/v1/api-keys/${requestId}`, await rig.token(OPERATOR))).status).toBe(200);
    expect(rig.auditOf(requestId).at(-1)?.actor).toMatch(/^operator:entra:/);
  });

  it('that ARM does not confirm is 503, and the reconciler finishes it', async () => {
    const { requestId, keyId } = await vended('revoke-3');
    rig.fault({ service: 'arm', operation: 'deleteApiKey', fault: { drop: 'before' } });
    const reply = await rig.delete(`/v1/api-keys/${requestId}`);
    expect(reply).toMatchObject({ status: 503, body: { type: 'urn:confluent-key-vending:problem:not-yet-revoked' } });
    expect(reply.headers.has('retry-after')).toBe(true);
    rig.heal();
    const revoked = await until(async () => {
      const { body } = await rig.get(`/v1/api-keys/${requestId}`);
      return body.status === 'revoked' ? body : undefined;
    });
    expect(revoked).toMatchObject({ apiKeyId: keyId });
    expect(isDeleted(keyId)).toBe(true);
  });

  it('with validateOnly says what it would do, and does nothing', async () => {
    const { requestId, keyId } = await vended('revoke-4');
    const rows = JSON.stringify(await rig.ledgerRow(requestId));
    const reply = await rig.delete(`/v1/api-keys/${requestId}?validateOnly=true`);
    expect(reply).toMatchObject({ status: 200, body: { validateOnly: true, operation: 'revoke', effect: 'revoke' } });
    expect(isDeleted(keyId)).toBe(false);
    expect(JSON.stringify(await rig.ledgerRow(requestId))).toBe(rows);
    expect((await rig.delete(`/v1/api-keys/${requestId}?validateOnly=1`)).status).toBe(400);
  });
});

describe('rotating over HTTP', () => {
  it('mints a second key under the same reference; repeated, it is a replay', async () => {
    const old = await vended('rotate-1');
    const first = await rotate(old.requestId);
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ status: 'vended', supersedes: old.requestId });
    expect((first.body.secret as Json).keyVaultReference).toBe((old.body.secret as Json).keyVaultReference);
    expect(first.headers.get('location')).toBe(`/api/v1/api-keys/${String(first.body.requestId)}`);
    const again = await rotate(old.requestId);
    expect(again).toMatchObject({ status: 200, body: { requestId: first.body.requestId } });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(rig.versions(old.secretName)?.map(({ enabled }) => enabled)).toEqual([true, true]);
    expect(isDeleted(old.keyId)).toBe(false);
    const replay = await rig.post(EXAMPLE, { key: 'rotate-1' });
    expect(replay).toMatchObject({ status: 200, body: { requestId: first.body.requestId } });
    expect((await rig.get(`/v1/api-keys/${old.requestId}`)).body).toMatchObject({
      status: 'superseded',
      successor: first.body.requestId,
    });
    expect((await rotate(String(first.body.requestId))).body.type).toContain('rotation-too-soon');
  });

  it('ten at once are one', async () => {
    const old = await vended('rotate-2');
    const before = rig.posts().length;
    const replies = await Promise.all(Array.from({ length: 10 }, () => rotate(old.requestId)));
    expect(replies.every(({ status }) => [200, 201, 409].includes(status))).toBe(true);
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(rig.posts()).toHaveLength(before + 1);
  });

  it('without quota is refused, and the old key stays in force', async () => {
    const old = await vended('rotate-3');
    const body = { error: { code: 'QuotaExceeded', message: 'x' } };
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { status: 402, body } });
    expect(await rotate(old.requestId)).toMatchObject({
      status: 409,
      body: { type: 'urn:confluent-key-vending:problem:quota-exhausted' },
    });
    expect(await rig.post(EXAMPLE, { key: 'rotate-3' })).toMatchObject({
      status: 200,
      body: { requestId: old.requestId },
    });
    expect(rig.versions(old.secretName)?.map(({ enabled }) => enabled)).toEqual([true]);
  });

  it('with validateOnly says what it would do, and does nothing', async () => {
    const old = await vended('rotate-4');
    const before = rig.posts().length;
    const reply = await rotate(old.requestId, { validateOnly: true, overlap: 'P3D' });
    expect(reply).toMatchObject({ status: 200, body: { operation: 'rotate', effect: 'mint' } });
    expect(Date.parse(String(reply.body.oldKeyUntil)) - Date.now()).toBeGreaterThan(2.9 * 86_400_000);
    expect(rig.posts()).toHaveLength(before);
    expect((await rotate(old.requestId, { overlap: 'PT1H' })).body.errors).toEqual([
      expect.objectContaining({ pointer: '/overlap' }),
    ]);
  });
});

it('a vend with validateOnly names the secret that it would write, mints nothing and writes nothing', async () => {
  const before = rig.posts().length;
  const trial = await rig.post({ ...EXAMPLE, validateOnly: true }, { key: 'trial' });
  expect(trial).toMatchObject({ status: 200, body: { validateOnly: true, operation: 'vend', effect: 'mint' } });
  expect(rig.posts()).toHaveLength(before);
  expect(await rig.ledgerRow(String(trial.body.requestId))).toBeUndefined();
  const { body } = await rig.post(EXAMPLE, { key: 'trial' });
  expect(body.requestId).toBe(trial.body.requestId);
  expect((body.secret as Json).name).toBe((trial.body.secret as Json).name);
  const again = await rig.post({ ...EXAMPLE, validateOnly: true }, { key: 'trial' });
  expect(again.body.effect).toBe('replay');
});

describe('by the queue', () => {
  it('a key is vended, rotated and revoked, and each order is answered', async () => {
    rig.send('q-1', EXAMPLE);
    const vend = await rig.replyTo('q-1');
    const { requestId } = vend.body as { requestId: string };
    rig.send('q-2', { operation: 'rotate', requestId });
    const rotated = await rig.replyTo('q-2');
    expect(rotated.subject).toBe('vended');
    const successor = rotated.body as { requestId: string; supersedes: string };
    expect(successor.supersedes).toBe(requestId);
    rig.send('q-3', { operation: 'revoke', requestId: successor.requestId });
    const revoked = await rig.replyTo('q-3');
    expect(revoked.subject).toBe('revoked');
    expect(revoked.body).toMatchObject({ requestId: successor.requestId, status: 'revoked' });
  });

  it("somebody else's request does not exist there", async () => {
    const { requestId, keyId } = await vended('http-only');
    rig.send('q-4', { operation: 'revoke', requestId });
    expect((await rig.replyTo('q-4')).subject).toBe('not-found');
    expect(isDeleted(keyId)).toBe(false);
  });

  it('an order as a CloudEvent is obeyed by the type of the event', async () => {
    rig.send('q-5', EXAMPLE);
    const { requestId } = (await rig.replyTo('q-5')).body as { requestId: string };
    const event = { specversion: '1.0', id: 'e-1', source: '/w', type: 'com.example.apikey.revoke.requested.v1' };
    rig.send('q-6', { ...event, data: { requestId } });
    expect((await rig.replyTo('q-6')).subject).toBe('revoked');
    rig.send('q-7', { ...event, id: 'e-2', data: { requestId: 'x' } });
    expect((await rig.replyTo('q-7')).subject).toBe('invalid-request');
  });

  it('an order that ARM throttles is put off and obeyed', async () => {
    rig.send('q-8', EXAMPLE);
    const { requestId } = (await rig.replyTo('q-8')).body as { requestId: string };
    const fault = { status: 429, headers: { 'retry-after': '1' } };
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault });
    rig.send('q-9', { operation: 'rotate', requestId });
    expect((await rig.replyTo('q-9')).subject).toBe('vended');
    await until(() => (rig.keys().length > 0 ? true : undefined));
  });
});
