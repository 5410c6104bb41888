import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/world.ts';
import { EXAMPLE, Rig } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

const secretName = (body: object): string => String((body as { secret?: { name?: string } }).secret?.name);
const keyId = (body: object): string => String((body as { apiKey?: { id?: string } }).apiKey?.id);

describe('the published example', () => {
  it('goes in, and the answer holds every field of the APIKeyRecord but the secret', async () => {
    const reply = await rig.post(EXAMPLE, { key: 'published' });
    expect(reply.status).toBe(201);
    expect(reply.headers.get('location')).toBe(`/api/v1/api-keys/${reply.body.requestId}`);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    const { description, ...spec } = (reply.body.apiKey as { spec: Record<string, unknown> }).spec;
    expect(description).toBe(`${EXAMPLE.description} vend:${reply.body.requestId}.1`);
    expect(spec).toMatchObject({
      name: EXAMPLE.name,
      owner: {
        id: expect.any(String),
        kind: 'ServiceAccount',
        related: expect.any(String),
        resourceName: expect.any(String),
      },
      resource: {
        id: 'clusterId-123',
        kind: expect.any(String),
        related: expect.any(String),
        resourceName: expect.any(String),
      },
    });
    expect(spec).not.toHaveProperty('secret');
    const key = rig.keys().find(({ id }) => id === keyId(reply.body));
    expect(rig.versions(secretName(reply.body))?.map(({ value }) => value)).toEqual([key?.secret]);
    expect(JSON.stringify(reply.body)).not.toContain(key?.secret);
  });

  it('its response, whose secret is empty, is refused and its key deleted', async () => {
    const file = new URL('./published-response.json', import.meta.url);
    const answer: unknown = JSON.parse(await readFile(file, 'utf8'));
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { secret: '' } });
    const reply = await rig.post(EXAMPLE, { key: 'empty-secret' });
    expect(reply.status).toBe(502);
    expect(reply.body.type).toBe('urn:confluent-key-vending:problem:key-unusable');
    expect(rig.keys().at(-1)?.deleted).toBe(true);

    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { answer } });
    const published = await rig.post(EXAMPLE, { key: 'published-response' });
    expect(published.status).toBe(502);
    const deletes = rig.sandbox.azure.arm.requests().filter(({ method }) => method === 'DELETE');
    expect(deletes.at(-1)?.path).toMatch(/\/apiKeys\/JDCXTFUVFVQGF56J$/);
  });
});

describe('reading a request', () => {
  it('is for its own caller and operators; to anyone else it does not exist', async () => {
    const { body } = await rig.post(EXAMPLE, { key: 'to-be-read' });
    const path = `/v1/api-keys/${body.requestId}`;
    expect(await rig.get(path)).toMatchObject({ status: 200, body });
    const stranger = await rig.token({ oid: '99999999-9999-4999-8999-999999999999' });
    expect((await rig.get(path, stranger)).status).toBe(404);
    const operator = await rig.token({ oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] });
    expect((await rig.get(path, operator)).status).toBe(200);
  });
});

describe('the same idempotency key', () => {
  it('50 times at once over HTTP: one POST, one reference, 409 or a marked replay for the rest', async () => {
    const before = rig.posts().length;
    const token = await rig.token();
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 300 } });
    const replies = await Promise.all(Array.from({ length: 50 }, () => rig.post(EXAMPLE, { key: 'fifty', token })));
    expect(rig.posts().length - before).toBe(1);
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, headers } of replies) {
      if (status === 409) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      else if (status === 200) expect(headers.get('idempotency-replayed')).toBe('true');
      else expect(status).toBe(201);
    }
    const again = await rig.post(EXAMPLE, { key: 'fifty', token });
    expect(again.status).toBe(200);
    const vended = replies.filter(({ status }) => status < 300).map(({ body }) => JSON.stringify(body));
    expect(new Set([...vended, JSON.stringify(again.body)]).size).toBe(1);
  });

  it('with another payload is a 422 and mints nothing', async () => {
    await rig.post(EXAMPLE, { key: 'reused' });
    const before = rig.posts().length;
    const reply = await rig.post({ ...EXAMPLE, name: 'another' }, { key: 'reused' });
    expect(reply.status).toBe(422);
    expect(rig.posts()).toHaveLength(before);
  });

  it('the same message delivered twice: one key, the same reply', async () => {
    const before = rig.posts().length;
    rig.send('twice', EXAMPLE);
    await rig.replyTo('twice');
    expect(rig.sandbox.azure.broker.redeliver(WORLD.queues.request, 'twice')).toBe(true);
    rig.send('after-twice', EXAMPLE);
    await rig.replyTo('after-twice');
    expect(rig.posts().length - before).toBe(2);
    expect(rig.replies().filter(({ correlationId }) => correlationId === 'twice')).toHaveLength(1);
  });
});

describe('what breaks', () => {
  it('a socket dropped after the mint: one POST, the request parked, caller and operator told the marker', async () => {
    const before = rig.posts().length;
    rig.fault({ service: 'arm', operation: 'createApiKey', fault: { drop: 'after' } });
    const reply = await rig.post(EXAMPLE, { key: 'dropped' });
    expect(reply.status).toBe(502);
    expect(reply.headers.get('retry-after')).toBeNull();
    expect(reply.body.type).toBe('urn:confluent-key-vending:problem:outcome-unknown');
    rig.heal();
    expect((await rig.post(EXAMPLE, { key: 'dropped' })).status).toBe(502);
    expect(rig.posts().length - before).toBe(1);
    const marker = `vend:${reply.body.requestId}.1`;
    expect(reply.body.detail).toContain(marker);
    expect(rig.keys().at(-1)?.description).toContain(marker);
    const operator = await rig.token({ oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] });
    const status = await rig.get(`/v1/api-keys/${reply.body.requestId}`, operator);
    expect(status.body).toMatchObject({ status: 'unknown', marker });
  });

  it('a vault that refuses writes: no key is minted', async () => {
    const own = await Rig.start();
    try {
      for (const operation of ['setSecret', 'updateSecret']) {
        own.fault({ service: 'vault', operation, fault: { status: 403 } });
      }
      const reply = await own.post(EXAMPLE, { key: 'no-vault' });
      expect(reply.status).toBe(503);
      expect(reply.body.type).toBe('urn:confluent-key-vending:problem:vault-unavailable');
      expect(own.sandbox.azure.arm.requests()).toEqual([]);
      own.heal();
      expect((await own.post(EXAMPLE, { key: 'no-vault' })).status).toBe(201);
    } finally {
      await own.close();
    }
  });

  it('a vault that fails only at the store: the key is deleted, 503, and the same key vends once the vault is back', async () => {
    rig.fault({ service: 'vault', operation: 'setSecret', fault: { status: 403 } });
    await rig.post(EXAMPLE, { key: 'warm' });
    rig.heal();
    await rig.post(EXAMPLE, { key: 'warm' });
    rig.fault({ service: 'vault', operation: 'setSecret', fault: { status: 403 } });
    const reply = await rig.post(EXAMPLE, { key: 'store-fails' });
    expect(reply.status).toBe(503);
    expect(rig.keys().at(-1)?.deleted).toBe(true);
    rig.heal();
    expect((await rig.post(EXAMPLE, { key: 'store-fails' })).status).toBe(201);
    expect(rig.keys().at(-1)?.deleted).toBe(false);
  });
});
