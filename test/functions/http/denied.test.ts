import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { REQUEST } from '../../vending/world/steps.ts';
import { Client, idOf, PORTAL, problem, STRANGER } from './client.ts';

let client: Client;
let id: string;
beforeEach(async () => {
  client = new Client();
  id = idOf(await client.vend());
});

describe('a denial', () => {
  it('by policy is in the log with what was asked for, and can be quoted', async () => {
    client.as(STRANGER);
    const reply = await client.vend({ key: 'order-2' });
    const instance = `urn:uuid:${client.invocationId}`;
    expect(reply).toMatchObject({ status: 403, body: { ...problem('forbidden'), instance } });
    expect(reply.body.detail).toMatch(/24 hours.*quote it\.$/);
    expect(client.records('request-denied')).toEqual([
      {
        event: 'request-denied',
        problem: 'forbidden',
        credentialId: reply.body.credentialId,
        caller: STRANGER.id,
        reason: expect.stringMatching(/^No rule of the policy/),
        transport: 'http',
        target: { environmentId: REQUEST.environmentId, clusterId: REQUEST.clusterId },
      },
    ]);
  });

  it('by policy is in the log with all names of the target that were sent', async () => {
    const names = { subscriptionId: randomUUID(), resourceGroupName: 'g', organizationName: 'o' };
    const { environmentId, clusterId } = REQUEST;
    await client.as(STRANGER).vend({ key: 'order-2', body: { ...REQUEST, ...names } });
    expect(client.records('request-denied')).toMatchObject([{ target: { ...names, environmentId, clusterId } }]);
  });

  it('of an operation for operators is in the log too', async () => {
    const reply = await client.listOpen();
    expect(reply).toMatchObject({ status: 403, body: { instance: expect.stringMatching(/^urn:uuid:/) } });
    expect(reply.body.detail).toMatch(/24 hours.*quote it\.$/);
    expect(client.records('request-denied')).toMatchObject([{ caller: PORTAL.id, transport: 'http' }]);
  });

  it('of many tokens is one record a minute, with their number', async () => {
    client.authentication = { kind: 'rejected', detail: 'The token has expired.' };
    const attempts = async (count: number): Promise<void> => {
      for (let nth = 0; nth < count; nth++)
        expect(await client.get(id)).toMatchObject({ status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
    };
    await attempts(3);
    client.world.pass(59_999);
    await attempts(4);
    client.world.pass(1);
    await attempts(2);
    const record = { event: 'request-denied', reason: 'The token has expired.', transport: 'http' };
    expect(client.records('request-denied')).toEqual([
      { ...record, counts: { denied: 1 } },
      { ...record, counts: { denied: 7 } },
    ]);
  });
});
