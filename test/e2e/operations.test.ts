import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, type Json, OPERATOR, problemUri, type Reply, Rig, until } from './harness.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start({ RECONCILE_SCHEDULE: '* * * * * *' });
});
afterEach(() => rig.heal());
afterAll(() => rig.close());

/** After the lease, the settling time, and the time in which a key may be invisible or another clock slow. */
const SETTLED = 'PT8M';
const LIST = '/v1/operations/credentials';

const resolve = async (id: string, body: Json, token?: string): Promise<Reply> =>
  rig.postTo(`${LIST}/${id}/resolve`, body, { token: token ?? (await rig.token(OPERATOR)) });

/** A credential of which nobody knows whether its key lives: it was minted, and the socket dropped. */
async function anUnknown(key: string, drop: 'before' | 'after' = 'after'): Promise<string> {
  rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop } });
  const { body } = await rig.post(EXAMPLE, { key });
  expect(body.type).toBe(problemUri('outcome-unknown'));
  return String(body.credentialId);
}

async function listed(id: string, query = '?reason=unknown'): Promise<Json | undefined> {
  const { status, body } = await rig.get(`${LIST}${query}`, await rig.token(OPERATOR));
  expect(status).toBe(200);
  return (body.credentials as Json[]).find((credential) => credential.id === id);
}

describe('operations', () => {
  it('are for operators only', async () => {
    expect((await rig.get(LIST)).status).toBe(403);
    const reply = await resolve('a'.repeat(26), { decision: 'look' }, await rig.token());
    expect(reply).toMatchObject({ status: 403, body: { instance: expect.stringMatching(/^urn:uuid:/) } });
  });

  it.each(['?reason=vended', '?limit=0', '?reason=unknown&colour=red', '?state=unknown', '?cursor='])(
    'refuse the query "%s"',
    async (query) => {
      expect((await rig.get(`${LIST}${query}`, await rig.token(OPERATOR))).status).toBe(400);
    },
  );

  it('list a credential whose outcome is unknown, with the marker to look for', async () => {
    const id = await anUnknown('listed');
    const open = await until(() => listed(id));
    expect(open).toMatchObject({
      status: 'unknown',
      attempt: { number: 1, purpose: 'vend', phase: 'unknown' },
      open: { reason: 'unknown' },
      target: { clusterId: 'clusterId-123' },
    });
    expect(await listed(id, '')).toEqual(open);
    expect(rig.keys().some(({ description }) => description.endsWith(String(open.marker)))).toBe(true);
  });
});

describe('resolving', () => {
  it.each<[string, Json, string]>([
    ['no decision', {}, '/decision'],
    ['an unknown one', { decision: 'maybe' }, '/decision'],
    ['a key without its id', { decision: 'key' }, '/apiKeyId'],
    ['an unknown field', { decision: 'none', apiKeyId: 'K' }, '/apiKeyId'],
  ])('with %s is refused, and the answer names the field', async (_, body, pointer) => {
    const reply = await resolve('a'.repeat(26), body);
    expect(reply.status).toBe(400);
    expect(reply.body.errors).toEqual([{ pointer, detail: expect.any(String) }]);
  });

  it('is refused while the attempt may still be under way, and for a key of another credential', async () => {
    const other = await rig.vend('other');
    const id = await anUnknown('early');
    const early = await resolve(id, { decision: 'none' });
    expect(early).toMatchObject({ status: 409, body: { type: problemUri('not-resolvable') } });
    expect(Number(early.headers.get('retry-after'))).toBeGreaterThan(0);
    await rig.advance(SETTLED);
    for (const apiKeyId of [other.keyId, 'NOSUCHKEY'])
      expect((await resolve(id, { decision: 'key', apiKeyId })).status).toBe(409);
    expect((await listed(id))?.status).toBe('unknown');
    expect(rig.isDeleted(other.keyId)).toBe(false);
  });

  it('with the orphan deletes it; the idempotency key may then be used again', async () => {
    const id = await anUnknown('orphan');
    const [orphan = ''] = rig.livingKeys(id);
    await rig.advance(SETTLED);
    const trial = await resolve(id, { decision: 'key', apiKeyId: orphan, validateOnly: true });
    expect(trial).toMatchObject({ status: 200, body: { operation: 'resolve', effect: 'revoke' } });
    expect(rig.isDeleted(orphan)).toBe(false);
    expect(await resolve(id, { decision: 'key', apiKeyId: orphan })).toMatchObject({
      status: 200,
      body: { id, status: 'failed' },
    });
    expect(rig.isDeleted(orphan)).toBe(true);
    const again = await rig.vend('orphan');
    expect(again.id).toBe(id);
    expect(rig.keys().find((key) => key.id === again.keyId)?.description).toContain(`vend:${id}.2.`);
    expect((await resolve(id, { decision: 'none' })).status).toBe(409);
  });

  it('with "none" closes it, and is audited with the operator’s name', async () => {
    const id = await anUnknown('none', 'before');
    await rig.advance(SETTLED);
    expect(await resolve(id, { decision: 'none' })).toMatchObject({ status: 200, body: { status: 'failed' } });
    const trail = rig.auditOf(id);
    expect(trail.map(({ change }) => change)).toEqual(['claimVend', 'recordUnknown', 'resolveWithoutKey']);
    expect(trail.at(-1)?.actor).toBe(`operator:entra:${WORLD.tenantId}:${OPERATOR.oid}`);
    expect((await rig.post(EXAMPLE, { key: 'none' })).status).toBe(201);
  });

  it('corrects a "none" that was wrong: the key that is named is deleted', async () => {
    const id = await anUnknown('wrong-none');
    const [orphan = ''] = rig.livingKeys(id);
    await rig.advance(SETTLED);
    expect((await resolve(id, { decision: 'none' })).body.status).toBe('failed');
    expect(rig.isDeleted(orphan)).toBe(false);
    expect((await resolve(id, { decision: 'key', apiKeyId: orphan })).status).toBe(200);
    expect(rig.isDeleted(orphan)).toBe(true);
  });

  it('of a rotation leaves the current key in force', async () => {
    const { id, keyId } = await rig.vend('rotated');
    rig.fault({ service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } });
    expect((await rig.rotate(id, 'r-1')).body.type).toBe(problemUri('outcome-unknown'));
    expect(await until(() => listed(id))).toMatchObject({
      status: 'vended',
      apiKey: { id: keyId },
      rotation: { status: 'unknown' },
      attempt: { purpose: 'rotate' },
    });
    await rig.advance(SETTLED);
    const orphan = rig.livingKeys(id).find((each) => each !== keyId) ?? '';
    await resolve(id, { decision: 'key', apiKeyId: orphan });
    expect(rig.livingKeys(id)).toEqual([keyId]);
    expect((await rig.rotate(id, 'r-1')).status).toBe(201);
  });

  it('with "gone" closes what Confluent refuses to delete and to show, and not with "nothing-left" before', async () => {
    const { id, keyId } = await rig.vend('gone');
    for (const operation of ['deleteApiKey', 'getApiKey'])
      rig.fault({ service: 'arm', operation, fault: { status: 403 } });
    expect((await rig.delete(`/v1/credentials/${id}`)).status).toBe(202);
    expect((await resolve(id, { decision: 'gone', apiKeyId: 'NOSUCHKEY' })).status).toBe(409);
    expect((await resolve(id, { decision: 'nothing-left' })).status).toBe(409);
    const gone = await resolve(id, { decision: 'gone', apiKeyId: keyId });
    expect(gone).toMatchObject({ status: 200, body: { id, status: 'revoked' } });
    expect(rig.auditOf(id).find(({ change }) => change === 'wordGone')?.actor).toMatch(/^operator:/);
  });

  it('with "look" does what a review had put off', async () => {
    const { id, keyId } = await rig.vend('look');
    rig.fault({ service: 'arm', operation: 'deleteApiKey', fault: { status: 500 } });
    expect((await rig.delete(`/v1/credentials/${id}`)).status).toBe(202);
    await rig.advance('PT1M');
    await until(async () => (await rig.ledgerRow(id))?.retry);
    rig.heal();
    expect((await resolve(id, { decision: 'look' })).body).toMatchObject({ id, status: 'revoked' });
    expect(rig.isDeleted(keyId)).toBe(true);
  });
});
