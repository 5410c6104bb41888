import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, OPERATOR, problemUri, Rig, STRANGER, until, vendedOf } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

describe('the published example', () => {
  it('goes in, and the answer holds every field of the APIKeyRecord but the secret', async () => {
    const reply = await rig.post(EXAMPLE, { key: 'published' });
    expect(reply.status).toBe(201);
    const { id, keyId, secretName } = vendedOf(reply.body);
    expect(new URL(reply.headers.get('location') ?? '', `${rig.url}/api/v1/credentials`).pathname).toBe(
      `/api/v1/credentials/${id}`,
    );
    expect(reply.headers.get('cache-control')).toBe('no-store');
    const { description, ...spec } = (reply.body.apiKey as { spec: Record<string, unknown> }).spec;
    expect(description).toMatch(new RegExp(`^${EXAMPLE.description} vend:${id}\\.1\\.[a-z2-7]{6}$`));
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
    const key = rig.keys().find((minted) => minted.id === keyId);
    expect(rig.versions(secretName)?.map(({ value }) => value)).toEqual([key?.secret]);
    expect(JSON.stringify(reply.body)).not.toContain(key?.secret);
  });

  it('its response, whose secret is empty, is refused and its key deleted', async () => {
    const file = new URL('./published-response.json', import.meta.url);
    const answer: unknown = JSON.parse(await readFile(file, 'utf8'));
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { secret: '' } });
    const reply = await rig.post(EXAMPLE, { key: 'empty-secret' });
    expect(reply.status).toBe(502);
    expect(reply.body.type).toBe(problemUri('key-unusable'));
    expect(rig.keys().at(-1)?.deleted).toBe(true);

    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { answer } });
    const published = await rig.post(EXAMPLE, { key: 'published-response' });
    expect(published.status).toBe(502);
    const deletes = rig.sandbox.azure.arm.requests().filter(({ method }) => method === 'DELETE');
    expect(deletes.at(-1)?.path).toMatch(/\/apiKeys\/JDCXTFUVFVQGF56J$/);
  });
});

describe('reading a credential', () => {
  it('is for its own caller and operators; to anyone else it does not exist', async () => {
    const { id, body } = await rig.vend('to-be-read');
    const path = `/v1/credentials/${id}`;
    expect(await rig.get(path)).toMatchObject({ status: 200, body });
    expect((await rig.get(path, await rig.token(STRANGER))).status).toBe(404);
    expect((await rig.get(path, await rig.token(OPERATOR))).status).toBe(200);
  });

  it('lists a caller’s own page by page, and for operators those of everybody', async () => {
    const ids: unknown[] = [];
    for (const key of ['listed-1', 'listed-2', 'listed-3']) ids.push((await rig.vend(key)).id);
    rig.send('listed-by-queue', EXAMPLE);
    const { id: others } = (await rig.replyTo('listed-by-queue')).body as { id: string };
    const seen = await allPages(await rig.token());
    expect(seen).toEqual(expect.arrayContaining(ids));
    expect(seen).not.toContain(others);
    expect(new Set(seen).size).toBe(seen.length);
    expect(await allPages(await rig.token(OPERATOR))).toEqual(expect.arrayContaining([...ids, others]));
    expect(await allPages(await rig.token(STRANGER))).toEqual([]);
  });
});

async function allPages(token: string): Promise<readonly string[]> {
  const ids: string[] = [];
  let next: unknown;
  do {
    const cursor = next === undefined ? '' : `&cursor=${encodeURIComponent(String(next))}`;
    const { status, body } = await rig.get(`/v1/credentials?limit=2${cursor}`, token);
    expect(status).toBe(200);
    ids.push(...(body.credentials as { id: string }[]).map(({ id }) => id));
    next = body.next;
  } while (next !== undefined);
  return ids;
}

describe('the same idempotency key', () => {
  it('50 times at once over HTTP: one POST, one reference, 409 or a marked replay for the rest', async () => {
    const before = rig.posts().length;
    const token = await rig.token();
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { delayMs: 300 } });
    const replies = await Promise.all(Array.from({ length: 50 }, () => rig.post(EXAMPLE, { key: 'fifty', token })));
    expect(rig.posts().length - before).toBe(1);
    expect(replies.filter(({ status }) => status === 201)).toHaveLength(1);
    for (const { status, headers, body } of replies) {
      if (status === 409) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
      else if (status === 200) expect(headers.get('idempotency-replayed')).toBe('true');
      else expect([status, body.type]).toEqual([201, undefined]);
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

  it('of a message that is sent again past duplicate detection: one key, and the same answer again', async () => {
    const before = rig.posts().length;
    rig.send('twice', EXAMPLE);
    await rig.replyTo('twice');
    expect(rig.sandbox.azure.broker.redeliver(WORLD.queues.request, 'twice')).toBe(true);
    const answers = await until(() => {
      const found = rig.replies().filter(({ correlationId }) => correlationId === 'twice');
      return found.length > 1 ? found : undefined;
    });
    expect(answers.map(({ subject, body }) => [subject, body])).toEqual(Array(2).fill(['vended', answers[0]?.body]));
    expect(rig.posts().length - before).toBe(1);
  });
});

describe('what breaks', () => {
  it('a socket dropped after the mint: one POST, an unknown outcome, and caller and operator learn the marker', async () => {
    const before = rig.posts().length;
    rig.fault({ service: 'arm', operation: 'createApiKey', fault: { drop: 'after' } });
    const reply = await rig.post(EXAMPLE, { key: 'dropped' });
    expect(reply.status).toBe(502);
    expect(reply.headers.get('retry-after')).toBeNull();
    expect(reply.body.type).toBe(problemUri('outcome-unknown'));
    rig.heal();
    expect((await rig.post(EXAMPLE, { key: 'dropped' })).status).toBe(502);
    expect(rig.posts().length - before).toBe(1);
    const id = String(reply.body.credentialId);
    const status = await rig.get(`/v1/credentials/${id}`, await rig.token(OPERATOR));
    expect(status.body).toMatchObject({ status: 'unknown', marker: expect.stringContaining(`vend:${id}.1.`) });
    expect(reply.body.detail).toContain(status.body.marker);
    expect(rig.keys().at(-1)?.description.endsWith(String(status.body.marker))).toBe(true);
  });

  it('a vault that refuses writes: no key is minted', async () => {
    const own = await Rig.start();
    try {
      for (const operation of ['setSecret', 'updateSecret']) {
        own.fault({ service: 'vault', operation, fault: { status: 403 } });
      }
      const reply = await own.post(EXAMPLE, { key: 'no-vault' });
      expect(reply.status).toBe(503);
      expect(reply.body.type).toBe(problemUri('vault-unavailable'));
      expect(own.sandbox.azure.arm.requests()).toEqual([]);
      own.heal();
      expect((await own.post(EXAMPLE, { key: 'no-vault' })).status).toBe(201);
    } finally {
      await own.close();
    }
  });

  it('a vault that fails only at the store: the key is deleted, 503, and the same key vends when it may be tried again', async () => {
    await rig.vend('warm');
    rig.fault({ service: 'vault', operation: 'setSecret', fault: { status: 403 } });
    const reply = await rig.post(EXAMPLE, { key: 'store-fails' });
    expect(reply.status).toBe(503);
    const retryAfter = Number(reply.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    const id = String(reply.body.credentialId);
    expect(rig.keys().at(-1)).toMatchObject({ deleted: true, description: expect.stringContaining(`vend:${id}.1.`) });
    rig.heal();
    await rig.advance(`PT${retryAfter}S`);
    expect((await rig.post(EXAMPLE, { key: 'store-fails' })).body).toMatchObject({ id, status: 'vended' });
    expect(rig.livingKeys(id)).toHaveLength(1);
  });
});
