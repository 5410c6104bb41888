import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EXAMPLE, type Json, OPERATOR, problemUri, type Reply, Rig, STRANGER, until, vendedOf } from './harness.ts';

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
const endOverlap = async (id: string, apiKeyId: string, token?: string): Promise<Reply> =>
  rig.postTo(`/v1/credentials/${id}/end-overlap`, { apiKeyId }, token === undefined ? {} : { token });

describe('rotating over HTTP', () => {
  it('mints a second key under the same id and reference, and the first lives on until the overlap ends', async () => {
    const old = await rig.vend('rotate-1');
    const first = await rig.rotate(old.id, 'r-1');
    expect(first).toMatchObject({ status: 201, body: { id: old.id, status: 'vended' } });
    const { keyId, version } = vendedOf(first.body);
    expect(first.body.rotation).toEqual({ status: 'vended', apiKeyId: keyId });
    expect(first.body.previous).toEqual({
      apiKeyId: old.keyId,
      secretVersion: old.version,
      revokeAt: expect.any(String),
    });
    expect((first.body.secret as Json).keyVaultReference).toBe((old.body.secret as Json).keyVaultReference);
    const [location, path] = [first.headers.get('location') ?? '', `/api/v1/credentials/${old.id}`];
    expect(new URL(location, `${rig.url}${path}/rotate`).pathname).toBe(path);
    expect(enabled(old.secretName)).toEqual([true, true]);
    expect(rig.livingKeys(old.id)).toEqual([old.keyId, keyId]);
    for (const body of [await read(old.id), (await rig.post(EXAMPLE, { key: 'rotate-1' })).body])
      expect(body).toMatchObject({ id: old.id, apiKey: { id: keyId }, secret: { version } });

    await rig.advance('PT26H');
    await until(async () => ((await read(old.id)).previous === undefined ? true : undefined));
    expect(rig.livingKeys(old.id)).toEqual([keyId]);
    expect(enabled(old.secretName)).toEqual([false, true]);
  });

  it('repeated under the same idempotency key is a replay, also after the next rotation', async () => {
    const { id } = await rig.vend('rotate-2');
    const first = await rig.rotate(id, 'r-1');
    const again = await rig.rotate(id, 'r-1');
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await rig.rotate(id, 'r-1', { overlap: 'P3D' })).status).toBe(422);
    expect((await rig.rotate(id, 'r-2')).body.type).toBe(problemUri('rotation-too-soon'));
    await endOverlap(id, String((first.body.previous as Json).apiKeyId));
    const second = await rig.rotate(id, 'r-2');
    expect(second.status).toBe(201);
    const replayed = await rig.rotate(id, 'r-1');
    expect(replayed).toMatchObject({ status: 200, body: { apiKey: { id: apiKeyOf(second.body) } } });
    expect(replayed.body.rotation).toEqual({ status: 'vended', apiKeyId: apiKeyOf(first.body) });
  });

  it('ten at once are one, under one idempotency key and under ten', async () => {
    for (const keyOf of [() => 'same', (n: number) => `each-${n}`]) {
      const { id } = await rig.vend(`rotate-3 ${keyOf(1)}`);
      const before = rig.posts().length;
      const replies = await Promise.all(Array.from({ length: 10 }, (_, n) => rig.rotate(id, keyOf(n))));
      expect(replies.filter(({ status }) => ![200, 201, 409].includes(status))).toEqual([]);
      expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(rig.posts()).toHaveLength(before + 1);
    }
  });

  it('needs an idempotency key, but no body', async () => {
    const { id } = await rig.vend('rotate-4');
    const token = await rig.token();
    expect((await rig.postTo(`/v1/credentials/${id}/rotate`, {}, { token })).body.type).toBe(
      problemUri('idempotency-key-required'),
    );
    const headers = { authorization: `Bearer ${token}`, 'idempotency-key': 'r-1' };
    const response = await fetch(`${rig.url}/api/v1/credentials/${id}/rotate`, { method: 'POST', headers });
    expect(response.status).toBe(201);
  });

  it('of a key that is no longer current is 409, with the current key', async () => {
    const { id, keyId } = await rig.vend('rotate-5');
    const { body } = await rig.rotate(id, 'r-1', { replaces: keyId });
    const reply = await rig.rotate(id, 'r-2', { replaces: keyId });
    expect(reply).toMatchObject({ status: 409, body: { type: problemUri('already-rotated') } });
    expect(reply.body.detail).toContain(apiKeyOf(body));
  });

  it('without quota is refused, and the old key stays current', async () => {
    const old = await rig.vend('rotate-6');
    const body = { error: { code: 'QuotaExceeded', message: 'x' } };
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { status: 402, body } });
    expect(await rig.rotate(old.id, 'r-1')).toMatchObject({
      status: 409,
      body: { type: problemUri('quota-exhausted') },
    });
    expect(await read(old.id)).toMatchObject({
      status: 'vended',
      apiKey: { id: old.keyId },
      rotation: { status: 'failed', problem: { type: 'quota-exhausted' } },
    });
    expect(enabled(old.secretName)).toEqual([true]);
  });

  it('with validateOnly says what it would do, and does nothing', async () => {
    const { id } = await rig.vend('rotate-7');
    const before = rig.posts().length;
    const reply = await rig.rotate(id, 'r-1', { validateOnly: true, overlap: 'P3D' });
    expect(reply).toMatchObject({ status: 200, body: { operation: 'rotate', effect: 'mint', id } });
    const wait = Date.parse(String(reply.body.previousKeyUntil)) - rig.sandbox.azure.clock.now();
    expect(wait).toBeGreaterThan(2.9 * 86_400_000);
    expect(rig.posts()).toHaveLength(before);
    expect((await rig.rotate(id, 'r-2', { overlap: 'PT1H' })).body.errors).toEqual([
      expect.objectContaining({ pointer: '/overlap' }),
    ]);
    const token = await rig.token();
    const misplaced = `/v1/credentials/${id}/rotate?validateOnly=true`;
    expect((await rig.postTo(misplaced, {}, { key: 'r-3', token })).status).toBe(400);
    expect(rig.posts()).toHaveLength(before);
  });

  it('by an operator without an overlap revokes the old key at once', async () => {
    const { id, keyId } = await rig.vend('rotate-8');
    expect((await rig.rotate(id, 'r-1', { overlap: 'PT0S' })).status).toBe(400);
    expect((await rig.rotate(id, 'r-2', { overlap: 'PT0S' }, await rig.token(OPERATOR))).status).toBe(201);
    await until(() => (rig.isDeleted(keyId) === true ? true : undefined));
    await until(async () => ((await read(id)).previous === undefined ? true : undefined));
    expect(rig.livingKeys(id)).toHaveLength(1);
  });
});

describe('ending the overlap', () => {
  it('revokes the previous key that is named, and no other', async () => {
    const old = await rig.vend('overlap-1');
    const { keyId } = vendedOf((await rig.rotate(old.id, 'r-1')).body);
    expect((await endOverlap(old.id, old.keyId, await rig.token(STRANGER))).status).toBe(404);
    expect(await endOverlap(old.id, keyId)).toMatchObject({ status: 409, body: { type: problemUri('no-overlap') } });
    expect(rig.livingKeys(old.id)).toEqual([old.keyId, keyId]);
    expect(await endOverlap(old.id, old.keyId)).toMatchObject({ status: 200, body: { id: old.id, status: 'vended' } });
    await until(() => (rig.isDeleted(old.keyId) === true ? true : undefined));
    const third = vendedOf((await rig.rotate(old.id, 'r-2')).body);
    await endOverlap(old.id, old.keyId);
    expect(rig.livingKeys(old.id)).toEqual([keyId, third.keyId]);
    expect(enabled(old.secretName)).toEqual([false, true, true]);
  });
});

it('a vend with validateOnly names the secret that it would write, mints nothing and writes nothing', async () => {
  const before = rig.posts().length;
  const trial = await rig.post({ ...EXAMPLE, validateOnly: true }, { key: 'trial' });
  expect(trial).toMatchObject({ status: 200, body: { status: 'previewed', operation: 'vend', effect: 'mint' } });
  expect(rig.posts()).toHaveLength(before);
  expect(await rig.ledgerRow(String(trial.body.id))).toBeUndefined();
  const { id, secretName } = await rig.vend('trial');
  expect(id).toBe(trial.body.id);
  expect(secretName).toBe((trial.body.secret as Json).name);
  const again = await rig.post({ ...EXAMPLE, validateOnly: true }, { key: 'trial' });
  expect(again.body.effect).toBe('replay');
});
