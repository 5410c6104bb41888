import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FaultEffect } from '../../../src/sandbox/kit/faults.ts';
import { type ArmFixture, ORGANIZATION, startFixture, VERSION } from './fixture.ts';

let fixture: ArmFixture;

beforeEach(async () => {
  fixture = await startFixture();
});

afterEach(() => fixture.arm.close());

const suffer = (fault: FaultEffect): void =>
  void fixture.faults.add({ service: 'arm', operation: 'createApiKey', times: 1, fault });

const statuses = (): (number | null)[] => fixture.arm.requests().map(({ status }) => status);

describe('a fault of createApiKey', () => {
  it('status: nothing is minted, and the answer still carries the ids of a request', async () => {
    suffer({ status: 429, headers: { 'retry-after': '7' } });
    const response = await fixture.create();
    expect(response).toMatchObject({ status: 429, headers: { 'retry-after': '7' } });
    expect(response.headers['x-ms-request-id']).toBeDefined();
    expect(fixture.arm.keys()).toEqual([]);
    expect(statuses()).toEqual([429]);
  });

  it('drop before: nothing is minted', async () => {
    suffer({ drop: 'before' });
    await expect(fixture.create()).rejects.toThrow('socket hang up');
    expect(fixture.arm.keys()).toEqual([]);
    expect(statuses()).toEqual([null]);
  });

  it('drop after: a key is minted that nobody heard of', async () => {
    suffer({ drop: 'after' });
    await expect(fixture.create()).rejects.toThrow('socket hang up');
    expect(fixture.arm.keys()).toMatchObject([{ deleted: false }]);
    expect(statuses()).toEqual([null]);
  });

  it('truncate: a key is minted and its answer cut short', async () => {
    suffer({ truncate: true });
    await expect(fixture.create()).rejects.toThrow('aborted');
    expect(fixture.arm.keys()).toHaveLength(1);
  });

  it('delay: the request is listed before it is answered', async () => {
    suffer({ delayMs: 1000 });
    const answer = fixture.create();
    await expect.poll(statuses, { interval: 10 }).toEqual([null]);
    expect(fixture.arm.keys()).toEqual([]);
    expect((await answer).status).toBe(200);
    expect(statuses()).toEqual([200]);
  });

  it.each(['', 'cfltCanary'])('secret: answered instead of the one that was minted: %j', async (secret) => {
    suffer({ secret });
    const { properties } = JSON.parse((await fixture.create()).text);
    expect(properties.spec.secret).toBe(secret);
    expect(fixture.arm.keys()[0]?.secret).toMatch(/^cflt.{60}$/);
  });

  it('owner: the key belongs to somebody else, also when it is asked for later', async () => {
    suffer({ owner: { id: 'u-l0v3rr' } });
    const { id, properties } = JSON.parse((await fixture.create()).text);
    expect(properties.spec.owner).toEqual({
      id: 'u-l0v3rr',
      kind: 'User',
      related: 'https://api.confluent.cloud/iam/v2/users/u-l0v3rr',
      resourceName: expect.stringMatching(/user=u-l0v3rr$/),
    });
    const fetched = JSON.parse((await fixture.call('GET', `${ORGANIZATION}/apiKeys/${id}${VERSION}`)).text);
    expect(fetched.properties.spec.owner).toEqual(properties.spec.owner);
    expect(fetched.properties.metadata.resourceName).toContain('user=u-l0v3rr/api-key=');
  });

  it.each([null, [], { id: 'X' }])('answer: a key is minted and 200 %j answered', async (answer) => {
    suffer({ answer });
    const response = await fixture.create();
    expect([response.status, JSON.parse(response.text)]).toEqual([200, answer]);
    expect(fixture.arm.keys()).toHaveLength(1);
  });

  it('is over after its times, and spares other operations', async () => {
    suffer({ status: 500 });
    expect((await fixture.call('GET', `${ORGANIZATION}/apiKeys/NONE${VERSION}`)).status).toBe(404);
    expect((await fixture.create()).status).toBe(500);
    expect((await fixture.create()).status).toBe(200);
  });
});
