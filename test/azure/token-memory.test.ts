import type { AccessToken, GetTokenOptions } from '@azure/identity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { bounded, cachingCredential, proveToken } from '../../src/azure/credential.ts';
import { withDeadline } from '../../src/azure/deadline.ts';

const HOUR_MS = 3_600_000;
const ARM = 'https://management.azure.com/.default';

let now: number;
let asked: { readonly scopes: string | string[]; readonly claims: string | undefined }[];
let answer: () => Promise<AccessToken | null>;
const memory = () =>
  cachingCredential(
    {
      getToken: (scopes, options?: GetTokenOptions) => {
        asked.push({ scopes, claims: options?.claims });
        return answer();
      },
    },
    () => now,
  );

beforeEach(() => {
  now = Date.parse('2026-01-01T00:00:00Z');
  asked = [];
  answer = async () => ({ token: `token-${asked.length}`, expiresOnTimestamp: now + HOUR_MS });
});

afterEach(() => void vi.useRealTimers());

it('asks once for each scope, however many requests come at once', async () => {
  const { getToken } = memory();
  const tokens = await Promise.all([getToken(ARM), getToken(ARM), getToken('https://vault.azure.net/.default')]);
  expect(asked).toHaveLength(2);
  expect(tokens[0]).toBe(tokens[1]);
  expect(await getToken(ARM)).toBe(tokens[0]);
  expect(asked).toHaveLength(2);
});

it('keeps tokens for continuous access evaluation, and those of each tenant, apart from others', async () => {
  const { getToken } = memory();
  await getToken(ARM, { enableCae: true });
  await getToken(ARM);
  expect(asked).toHaveLength(2);
  await getToken(ARM, { tenantId: 'a' });
  await getToken(ARM, { tenantId: 'b' });
  expect(asked).toHaveLength(4);
});

it('the token that proves that there are tokens is kept for requests', async () => {
  const credential = memory();
  expect(await proveToken(credential, ARM)).toEqual({ kind: 'ok' });
  await credential.getToken([ARM], { enableCae: true });
  expect(asked).toHaveLength(1);
});

it('renews a token in its last five minutes, and nobody waits for that', async () => {
  const { getToken } = memory();
  const old = await getToken(ARM);
  now += HOUR_MS - 5 * 60_000;
  expect(await getToken(ARM)).toBe(old);
  expect(asked).toHaveLength(1);
  now += 1;
  const renewed = Promise.withResolvers<AccessToken>();
  answer = () => renewed.promise;
  expect(await getToken(ARM)).toBe(old);
  expect(await getToken(ARM)).toBe(old);
  expect(asked).toHaveLength(2);
  renewed.resolve({ token: 'renewed', expiresOnTimestamp: now + HOUR_MS });
  await renewed.promise;
  expect((await getToken(ARM))?.token).toBe('renewed');
});

it.each([
  ['before its last minute', 60_000],
  ['to its end', 1],
])(
  'goes on with the old token while it cannot be renewed, %s, and tries again with the next request',
  async (_until, left) => {
    const { getToken } = memory();
    const old = await getToken(ARM);
    now += HOUR_MS - left;
    answer = () => Promise.reject(new Error('The identity endpoint is down'));
    expect(await getToken(ARM)).toBe(old);
    await new Promise(setImmediate);
    expect(await getToken(ARM)).toBe(old);
    expect(asked).toHaveLength(3);
  },
);

it('never hands out a token that has ended: what keeps it from a new one is told', async () => {
  const { getToken } = memory();
  await getToken(ARM);
  now += HOUR_MS;
  answer = () => Promise.reject(new Error('The identity endpoint is down'));
  await expect(getToken(ARM)).rejects.toThrow('down');
  answer = async () => null;
  expect(await getToken(ARM)).toBeNull();
  answer = async () => ({ token: 'new', expiresOnTimestamp: now + HOUR_MS });
  expect((await getToken(ARM))?.token).toBe('new');
});

it('asks anew where a service demands claims, and remembers that token', async () => {
  const { getToken } = memory();
  await getToken(ARM);
  const claimed = await getToken(ARM, { claims: '{"access_token":{}}' });
  expect(asked.at(-1)?.claims).toBe('{"access_token":{}}');
  expect(await getToken(ARM)).toBe(claimed);
});

it('waits for a new token in the last minute of an old one, which could end on its way', async () => {
  const { getToken } = memory();
  await getToken(ARM);
  now += HOUR_MS - 59_999;
  expect((await getToken(ARM))?.token).toBe('token-2');
});

it('renews a token when its issuer says so', async () => {
  const { getToken } = memory();
  answer = async () => ({
    token: 'day',
    expiresOnTimestamp: now + 24 * HOUR_MS,
    refreshAfterTimestamp: now + 12 * HOUR_MS,
  });
  await getToken(ARM);
  now += 12 * HOUR_MS - 1;
  await getToken(ARM);
  expect(asked).toHaveLength(1);
  now += 1;
  expect((await getToken(ARM))?.token).toBe('day');
  expect(asked).toHaveLength(2);
});

it('a request that hangs ends, and the next one asks anew', async () => {
  const hanging = { getToken: () => answer() };
  const { getToken } = cachingCredential(bounded(hanging, 20), () => now);
  answer = () => new Promise<never>(() => undefined);
  const [first, second] = [getToken(ARM), getToken(ARM)];
  await expect(first).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(second).rejects.toMatchObject({ name: 'TimeoutError' });
  answer = async () => ({ token: 'new', expiresOnTimestamp: now + HOUR_MS });
  expect((await getToken(ARM))?.token).toBe('new');
});

it('no request ends with the deadline of the call that began it: others share what comes of it', async () => {
  const slow = Promise.withResolvers<AccessToken>();
  const asking = withDeadline(1, () => bounded({ getToken: () => slow.promise }).getToken(ARM));
  await new Promise((resolve) => void setTimeout(resolve, 10));
  slow.resolve({ token: 'late', expiresOnTimestamp: now + HOUR_MS });
  expect((await asking)?.token).toBe('late');
});

it.each([
  [60_000, 0],
  [59_999, 1_000],
  [300, 300],
])('a token that has %d ms left is withheld for %d ms by a renewal that hangs', async (left, ms) => {
  const { getToken } = memory();
  const old = await getToken(ARM);
  now += HOUR_MS - left;
  answer = () => new Promise<never>(() => undefined);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const begin = performance.now();
  const given = getToken(ARM).then((token) => ({ token, after: performance.now() - begin }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(await given).toEqual({ token: old, after: ms });
});

it('keeps the token that answered a challenge over one whose renewal ended meanwhile', async () => {
  const { getToken } = memory();
  await getToken(ARM);
  const slow = Promise.withResolvers<AccessToken>();
  answer = () => slow.promise;
  const answering = getToken(ARM, { claims: '{"access_token":{}}' });
  now += HOUR_MS;
  answer = async () => ({ token: 'renewed', expiresOnTimestamp: now + HOUR_MS });
  expect((await getToken(ARM))?.token).toBe('renewed');
  slow.resolve({ token: 'good', expiresOnTimestamp: now + HOUR_MS });
  await answering;
  expect((await getToken(ARM))?.token).toBe('good');
});

it('keeps the token that answered a challenge over one whose renewal was begun before', async () => {
  const { getToken } = memory();
  await getToken(ARM);
  now += HOUR_MS - 120_000;
  const slow = Promise.withResolvers<AccessToken>();
  answer = () => slow.promise;
  await getToken(ARM);
  answer = async () => ({ token: 'good', expiresOnTimestamp: now + HOUR_MS });
  await getToken(ARM, { claims: '{"access_token":{}}' });
  slow.resolve({ token: 'revoked', expiresOnTimestamp: now + HOUR_MS });
  await new Promise(setImmediate);
  expect((await getToken(ARM))?.token).toBe('good');
});
