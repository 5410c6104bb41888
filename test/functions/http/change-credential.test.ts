import { beforeEach, describe, expect, it } from 'vitest';
import { DAY, HOUR } from '../../vending/world/steps.ts';
import { Client, idOf, keyOf, OPERATOR, PORTAL, problem, STRANGER, TEAM } from './client.ts';

let client: Client;
beforeEach(() => {
  client = new Client();
});

describe('a rotation', () => {
  it('without a body replaces the key, and leads to the credential', async () => {
    const vended = await client.vend();
    const id = idOf(vended);
    const reply = await client.rotate(id);
    expect(reply).toMatchObject({
      status: 201,
      headers: { Location: `../${id}` },
      body: {
        id,
        status: 'vended',
        previous: { apiKeyId: keyOf(vended) },
        rotation: { status: 'vended', apiKeyId: keyOf(reply) },
      },
    });
    expect(client.world.confluent.live()).toEqual([keyOf(vended), keyOf(reply)]);
  });

  it('with the same idempotency key is a replay, also with nulls and an empty object', async () => {
    const id = idOf(await client.vend());
    const made = keyOf(await client.rotate(id));
    for (const body of [undefined, {}, { overlap: null, replaces: null }])
      expect(await client.rotate(id, { body })).toMatchObject({
        status: 200,
        headers: { 'Idempotency-Replayed': 'true' },
        body: { rotation: { apiKeyId: made } },
      });
    expect(await client.rotate(id, { body: { overlap: 'PT72H' } })).toMatchObject({ status: 422 });
    expect(client.world.confluent.posts).toHaveLength(2);
  });

  it('needs an idempotency key in the header', async () => {
    const id = idOf(await client.vend());
    const required = { status: 400, body: problem('idempotency-key-required') };
    expect(await client.rotate(id, { key: null })).toMatchObject(required);
    expect(client.world.confluent.posts).toHaveLength(1);
  });

  it('of a key that is no longer current names the current one', async () => {
    const vended = await client.vend();
    const reply = await client.rotate(idOf(vended), { body: { replaces: 'KEY0' } });
    expect(reply).toMatchObject({ status: 409, body: problem('already-rotated') });
    expect(reply.body.detail).toContain(keyOf(vended));
  });

  it('while the previous key lives says when to come back', async () => {
    const id = idOf(await client.vend());
    await client.rotate(id);
    const reply = await client.rotate(id, { key: 'rotation-2' });
    expect(reply).toMatchObject({ status: 409, body: problem('rotation-too-soon') });
    expect(Number(reply.headers['Retry-After'])).toBeGreaterThan(3600);
    expect(reply.body.detail).toMatch(/not before \d{4}-/);
  });

  it('by a manager is allowed, and its replay is the manager’s own', async () => {
    const id = idOf(await client.vend());
    const rotated = await client.as(TEAM).rotate(id);
    expect(rotated).toMatchObject({ status: 201, body: { id } });
    expect(await client.rotate(id)).toMatchObject({ status: 200, body: { rotation: { apiKeyId: keyOf(rotated) } } });
    // The same words of another caller are another rotation.
    expect(await client.as(PORTAL).rotate(id)).toMatchObject({ status: 409 });
    expect(await client.as(STRANGER).rotate(id)).toMatchObject({ status: 404 });
  });

  it('by an operator is in the audit trail under the operator’s name', async () => {
    const id = idOf(await client.vend());
    const reply = await client.as(OPERATOR).rotate(id, { body: { overlap: 'PT0S' } });
    expect(reply.status).toBe(201);
    const actors = client.logged.flatMap(({ audit }) =>
      typeof audit === 'object' && audit !== null && 'actor' in audit ? [audit.actor] : [],
    );
    expect(actors.at(-1)).toBe(`operator:${OPERATOR.id}`);
  });
});

describe('the end of an overlap', () => {
  it('names the previous key, which is gone then', async () => {
    const vended = await client.vend();
    const id = idOf(vended);
    const rotated = await client.rotate(id);
    client.world.pass(HOUR);
    const reply = await client.endOverlap(id, { body: { apiKeyId: keyOf(vended) } });
    expect(reply).toMatchObject({ status: 200, body: { id, apiKey: { id: keyOf(rotated) } } });
    expect(reply.body).not.toHaveProperty('previous');
    expect(client.world.confluent.live()).toEqual([keyOf(rotated)]);
    expect(await client.endOverlap(id, { body: { apiKeyId: keyOf(vended) } })).toMatchObject({ status: 200 });
    expect(await client.endOverlap(id, { body: { apiKeyId: keyOf(rotated) } })).toMatchObject({
      status: 409,
      body: problem('no-overlap'),
    });
  });
});

it('a refusal of a change names the credential', async () => {
  const id = idOf(await client.vend());
  const replies = [
    await client.rotate(id, { body: { overlap: 7 } }),
    await client.rotate(id, { key: null }),
    await client.endOverlap(id, { body: {} }),
    await client.revoke(id, { text: '1' }),
    await client.as(OPERATOR).resolve(id, { body: {} }),
  ];
  for (const reply of replies) expect(reply).toMatchObject({ status: 400, body: { credentialId: id } });
});

describe('a revocation', () => {
  it('is 200 once nothing lives, again and again', async () => {
    const id = idOf(await client.vend());
    client.world.pass(DAY);
    for (const _ of [1, 2])
      expect(await client.revoke(id)).toMatchObject({ status: 200, body: { id, status: 'revoked' } });
    expect(client.world.confluent.live()).toEqual([]);
  });

  it('is 202 until that is proven, and says when to ask again', async () => {
    const id = idOf(await client.vend());
    client.world.pass(DAY);
    client.world.confluent.isLocked = true;
    const reply = await client.revoke(id);
    expect(reply).toMatchObject({ status: 202, headers: { 'Retry-After': '15' }, body: { id, status: 'revoking' } });
    client.world.confluent.isLocked = false;
    expect(await client.revoke(id)).toMatchObject({ status: 200, body: { status: 'revoked' } });
  });

  it('with validateOnly=true deletes nothing', async () => {
    const id = idOf(await client.vend());
    const reply = await client.revoke(id, { query: { validateOnly: 'true' } });
    expect(reply).toMatchObject({ status: 200, body: { operation: 'revoke', effect: 'revoke' } });
    expect(client.world.confluent.live()).toHaveLength(1);
    expect(await client.revoke(id, { query: { validateOnly: 'false' } })).toMatchObject({ body: { id } });
    expect(client.world.confluent.live()).toEqual([]);
  });
});
