import { beforeEach, describe, expect, it } from 'vitest';
import { credentialAnswerSchema } from '../../../src/vending/answers/credential.ts';
import { DAY, REQUEST } from '../../vending/world/steps.ts';
import { Client, idOf, keyOf, OPERATOR, PORTAL, problem, SETTINGS, STRANGER, TEAM } from './client.ts';

let client: Client;
beforeEach(() => {
  client = new Client();
});

describe('a vend', () => {
  it('is 201 for a new credential, and says where it is', async () => {
    const reply = await client.vend();
    expect(reply.status).toBe(201);
    expect(reply.headers).toMatchObject({
      Location: `credentials/${idOf(reply)}`,
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'no-store',
    });
    expect(credentialAnswerSchema.parse(reply.body)).toMatchObject({ status: 'vended' });
    expect(client.world.confluent.live()).toEqual([keyOf(reply)]);
  });

  it('is 200 for a replay, which names the same key', async () => {
    const first = await client.vend();
    const again = await client.vend();
    expect(again).toMatchObject({ status: 200, headers: { 'Idempotency-Replayed': 'true' }, body: first.body });
    expect(client.world.confluent.posts).toHaveLength(1);
  });

  it.each(['http://h/api/v1/credentials', 'http://h/api/v1/credentials/', 'http://h/API/V1/Credentials?code=x'])(
    'at %s leads to the credential behind any prefix',
    async (url) => {
      const reply = await client.vend({ url });
      const seen = new URL(url);
      seen.pathname = `/team${seen.pathname}`;
      const { pathname } = new URL(reply.headers.Location ?? '', seen);
      expect(pathname.toLowerCase()).toBe(`/team/api/v1/credentials/${idOf(reply)}`);
    },
  );

  it('may take its key from the body', async () => {
    const inBody = (idempotencyKey: string) => ({ ...REQUEST, idempotencyKey });
    const first = await client.vend({ key: null, body: inBody('order-1') });
    expect(await client.vend()).toMatchObject({ status: 200, body: first.body });
    expect(await client.vend({ body: inBody('order-1') })).toMatchObject({ status: 200 });
    expect(await client.vend({ body: inBody('order-2') })).toMatchObject({
      status: 400,
      body: problem('invalid-request'),
    });
    expect(await client.vend({ key: null })).toMatchObject({ status: 400, body: problem('idempotency-key-required') });
    // No header can carry this one.
    expect(await client.vend({ key: null, body: inBody('a, b') })).toMatchObject({ status: 201 });
  });

  it('takes an explicit null for an absent field', async () => {
    const first = await client.vend();
    const again = await client.vend({ body: { ...REQUEST, validFor: null, description: null } });
    expect(again).toMatchObject({ status: 200, body: { id: idOf(first) } });
  });

  it('with validateOnly in the body says what would happen', async () => {
    const reply = await client.vend({ body: { ...REQUEST, validateOnly: true } });
    expect(reply).toMatchObject({ status: 200, body: { validateOnly: true, operation: 'vend', effect: 'mint' } });
    expect(client.world.confluent.posts).toEqual([]);
  });
});

describe('a credential', () => {
  it.each([
    ['its caller', PORTAL, 200],
    ['a manager of its rule', TEAM, 200],
    ['an operator', OPERATOR, 200],
    ['a stranger', STRANGER, 404],
  ])('can be read by %s: %d', async (_, caller, status) => {
    const vended = await client.vend();
    const reply = await client.as(caller).get(idOf(vended));
    expect(reply.status).toBe(status);
    if (status === 200) expect(reply.body).toEqual(vended.body);
    else expect(reply.body).toMatchObject(problem('not-found'));
  });

  it('that has no legal id does not exist, and the ledger is not asked', async () => {
    client.world.calls = [];
    expect(await client.get('A'.repeat(26))).toMatchObject({ status: 404, body: problem('not-found') });
    expect(client.world.calls).toEqual([]);
  });

  it('is listed for its caller and for operators, and for nobody else', async () => {
    const ids = [];
    for (const key of ['a', 'b', 'c']) ids.push(idOf(await client.vend({ key })));
    const pages = [];
    let cursor: string | undefined;
    do {
      const { status, body } = await client.list({ limit: '2', ...(cursor !== undefined && { cursor }) });
      expect(status).toBe(200);
      pages.push(body.credentials);
      cursor = typeof body.next === 'string' ? body.next : undefined;
    } while (cursor !== undefined);
    expect(pages.flat()).toHaveLength(3);
    expect(new Set(pages.flat().map((each) => credentialAnswerSchema.parse(each).id))).toEqual(new Set(ids));
    expect((await client.as(OPERATOR).list()).body.credentials).toHaveLength(3);
    expect((await client.as(STRANGER).list()).body).toEqual({ credentials: [] });
  });
});

describe('what waits for a person', () => {
  it.each([
    { decision: 'key', apiKeyId: 'KEY', versions: {}, vaultIsGone: true },
    { decision: 'none', versions: {}, vaultIsGone: true },
    { decision: 'gone', apiKeyId: 'KEY' },
    { decision: 'nothing-left', vaultIsGone: true },
  ])('can be decided on trial: %j', async (decision) => {
    const id = idOf(await client.vend());
    const reply = await client.as(OPERATOR).resolve(id, { body: { ...decision, validateOnly: true } });
    expect(reply).toMatchObject({ status: 409, body: problem('not-resolvable') });
  });

  it('is listed for operators and resolved by them', async () => {
    client.world.fault = (call) => (call === 'mint' ? 'lost' : undefined);
    const failed = await client.vend();
    expect(failed).toMatchObject({ status: 502, body: problem('outcome-unknown') });
    client.world.fault = () => undefined;
    const { body } = await client.as(OPERATOR).listOpen({ reason: 'unknown' });
    expect(body.credentials).toMatchObject([{ id: failed.body.credentialId, status: 'unknown', caller: PORTAL.id }]);
    expect((await client.listOpen({ reason: 'undecided' })).body.credentials).toEqual([]);
    client.world.pass(DAY);
    const id = String(failed.body.credentialId);
    const preview = await client.resolve(id, { body: { decision: 'none', validateOnly: true } });
    expect(preview).toMatchObject({ status: 200, body: { operation: 'resolve', effect: 'close' } });
    const resolved = await client.resolve(id, { body: { decision: 'none' } });
    expect(resolved).toMatchObject({ status: 200, body: { id, status: 'failed', caller: PORTAL.id } });
    expect(client.records('resolve-asked')).toMatchObject([{}, { credentialId: id, caller: OPERATOR.id }]);
  });

  it('is nobody else’s business', async () => {
    const replies = [await client.listOpen(), await client.resolve('a'.repeat(26), { body: { decision: 'look' } })];
    expect(replies).toMatchObject([{ status: 403 }, { status: 403 }]);
  });
});

it('while vending is paused nothing is minted, and what was vended is answered', async () => {
  const id = idOf(await client.vend());
  client.settings = { ...SETTINGS, mode: 'paused' };
  expect(await client.vend()).toMatchObject({ status: 200, body: { id } });
  const refused = await client.vend({ key: 'order-2' });
  expect(refused).toMatchObject({ status: 503, body: problem('paused') });
  expect(await client.revoke(id)).toMatchObject({ body: { id } });
});
