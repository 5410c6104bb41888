import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpClient } from './http-client.ts';
import { type FixtureHost, startFixture } from './running-host.ts';

let fixture: FixtureHost;
let url: string;

beforeAll(async () => {
  fixture = await startFixture({ FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1000' });
  url = fixture.host.url;
});
afterAll(() => fixture.host.stop());
const { raw, get } = httpClient(() => fixture);

describe('the reply', () => {
  it('carries status, headers, cookies and bytes', async () => {
    const response = await fetch(`${url}/api/reply`);
    expect(response.status).toBe(201);
    expect(response.headers.get('x-custom')).toBe('one');
    expect(response.headers.get('location')).toBe('/there');
    expect(response.headers.getSetCookie()).toEqual([
      'a=x%20y; max-age=60; path=/; secure; samesite=strict; httponly',
      'b=2; path=/b',
    ]);
    expect([...(await response.bytes())]).toEqual([0, 1, 254, 255]);
  });

  it('is sent in chunks, as the host does it', async () => {
    expect(await raw('GET /api/numbers/7 HTTP/1.1')).toMatch(/Transfer-Encoding: chunked.*\r\n\r\n1\r\n7\r\n0\r\n/is);
  });

  it.each([
    ['a header of the request is beyond U+00FF, which the library cannot read', 'echo/1', 'Ω'],
    ['a header of the answer is not ASCII, which the host cannot write', 'mirror', 'ë'],
  ])('is an empty 500 when %s', async (_why, path, value) => {
    expect(await raw(`GET /api/${path} HTTP/1.1`, `X-Name: ${value}`)).toMatch(
      /^HTTP\/1\.1 500 .*Content-Length: 0\r\n\r\n$/s,
    );
  });

  it('has no body for HEAD and for 204', async () => {
    const head = await fetch(`${url}/api/reply`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([201, '']);
    const empty = await fetch(`${url}/api/empty`, { method: 'DELETE' });
    expect([empty.status, await empty.text()]).toEqual([204, '']);
  });

  it('is an empty 500, and the error is in the log, when the handler throws', async () => {
    const response = await fetch(`${url}/api/throw`, { method: 'POST', body: 'broken inside' });
    expect([response.status, await response.text()]).toEqual([500, '']);
    const line = JSON.parse(await fixture.logged('broken inside'));
    expect(line).toMatchObject({ level: 'error', category: 'Function.throw', functionName: 'throw' });
    expect(line.message).toMatch(/^Executed 'Functions\.throw' \(Failed, /);
  });

  it('is an empty 200 when the handler throws undefined', async () => {
    const response = await fetch(`${url}/api/throw`, { method: 'POST', body: 'undefined' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});

describe('hooks and logs', () => {
  it('lets hooks replace the handler and heal its error', async () => {
    expect(await get('/api/defaults')).toEqual([200, 'from a preInvocation hook']);
    const response = await fetch(`${url}/api/throw`, { method: 'POST', body: 'healed by a hook' });
    expect([response.status, await response.text()]).toEqual([200, 'healed']);
  });

  it('writes what the app logs at the levels that host.json lets through', async () => {
    await fetch(`${url}/api/log`, { method: 'POST' });
    expect(JSON.parse(await fixture.logged('at warning'))).toMatchObject({
      level: 'warning',
      category: 'Function.log.User',
      message: 'at warning { nested: true }',
      functionName: 'log',
      invocationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(await fixture.logged('at debug')).toContain('"level":"debug"');
    expect(await fixture.logged('secret=')).toContain('secret=[redacted]');
    await fixture.logged('printed by the app');
    expect(fixture.lines.some((line) => line.includes('at trace'))).toBe(false);
  });
});
