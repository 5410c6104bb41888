import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ArmFixture,
  CLUSTER,
  CREATE,
  errorCode,
  jsonHeaders,
  ORGANIZATION,
  startFixture,
  VERSION,
} from './fixture.ts';

let now: number;
let fixture: ArmFixture;

beforeEach(async () => {
  now = Date.now();
  const rateLimits = {
    writes: { capacity: 2, refillPerSecond: 0.5 },
    deletes: { capacity: 1, refillPerSecond: 10 },
  };
  fixture = await startFixture({ now: () => now, rateLimits, keysPerCluster: 3 });
});

afterEach(() => fixture.arm.close());

const WRITES = 'x-ms-ratelimit-remaining-subscription-writes';

describe('the rate limit', () => {
  it('counts down, throttles without minting, and says for how long in whole seconds', async () => {
    expect((await fixture.create()).headers[WRITES]).toBe('1');
    expect((await fixture.create()).headers[WRITES]).toBe('0');
    now += 500;
    const throttled = await fixture.create();
    expect([throttled.status, errorCode(throttled)]).toEqual([429, 'SubscriptionRequestsThrottled']);
    expect(throttled.headers).toMatchObject({ 'retry-after': '2', [WRITES]: '0' });
    expect(fixture.arm.keys()).toHaveLength(2);
    now += 1500;
    expect((await fixture.create()).status).toBe(200);
  });

  it('never fills above the size of the bucket', async () => {
    now += 3_600_000;
    expect((await fixture.create()).headers[WRITES]).toBe('1');
  });

  it('is kept for reads and deletes apart', async () => {
    await fixture.create();
    const read = await fixture.call('GET', `${CLUSTER}${VERSION}`);
    expect(read.headers['x-ms-ratelimit-remaining-subscription-reads']).toBe('249');
    const path = `${ORGANIZATION}/apiKeys/NONE${VERSION}`;
    const statuses = [(await fixture.call('DELETE', path)).status, (await fixture.call('DELETE', path)).status];
    expect(statuses).toEqual([404, 429]);
  });

  it('is kept for each principal, and only for those that are known', async () => {
    await fixture.create();
    await fixture.create();
    const { token } = await fixture.issuer.issueResourceToken({
      resource: 'https://management.azure.com',
      oid: 'another',
      appid: 'client',
    });
    const other = await fixture.call('POST', `${CREATE}${VERSION}`, { headers: jsonHeaders(token), body: '{}' });
    expect([other.status, other.headers[WRITES]]).toEqual([200, '1']);
    const stranger = await fixture.call('POST', `${CREATE}${VERSION}`, { headers: {}, body: '{}' });
    expect([stranger.status, stranger.headers[WRITES]]).toEqual([401, undefined]);
  });
});

describe('the quota of a cluster', () => {
  it('counts live keys of that cluster', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n++) {
      now += 10_000;
      ids.push(JSON.parse((await fixture.create()).text).id);
    }
    now += 10_000;
    const refused = await fixture.create();
    expect([refused.status, errorCode(refused)]).toEqual([402, 'QuotaExceeded']);
    expect(refused.text).toContain('is currently limited to 3');
    expect((await fixture.create({}, CREATE.replace('clusterId-123', 'lkc-1126wj'))).status).toBe(200);
    now += 10_000;
    await fixture.call('DELETE', `${ORGANIZATION}/apiKeys/${ids[0]}${VERSION}`);
    expect((await fixture.create()).status).toBe(200);
  });
});
