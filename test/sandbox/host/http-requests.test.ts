import { request } from 'node:http';
import { text } from 'node:stream/consumers';
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
const { send, raw, get } = httpClient(() => fixture);

describe('the request that a function gets', () => {
  it('holds method, full URL, lower-cased headers, query, decoded route values and body', async () => {
    const response = await fetch(`${url}/api/echo/a%20b?x=1&x=2&empty=`, {
      method: 'POST',
      headers: { 'X-Custom': 'Value', 'content-type': 'text/plain' },
      body: 'héllo',
    });
    expect(await response.json()).toMatchObject({
      method: 'POST',
      url: `${url}/api/echo/a%20b?x=1&x=2&empty=`,
      headers: { 'x-custom': 'Value', 'content-type': 'text/plain', host: `127.0.0.1:${fixture.host.port}` },
      query: { x: '1,2', empty: '' },
      params: { id: 'a b' },
      body: 'héllo',
      functionName: 'echo',
      triggerMetadata: null,
    });
  });

  it('has the values of query parameters that differ in case under the first of their names', async () => {
    expect(await raw('GET /api/echo/1?validateOnly=true&x=1&ValidateOnly=false&X=%2C HTTP/1.1')).toContain(
      '"query":{"validateOnly":"true,false","x":"1,,"}',
    );
  });

  it('has its headers read as UTF-8', async () => {
    expect(await raw('GET /api/echo/1 HTTP/1.1', 'X-Name: Zoë')).toContain('"x-name":"Zoë"');
  });

  it('has its URL from the Host header', async () => {
    expect(await raw('GET /api/echo/1 HTTP/1.1')).toContain('"url":"http://vending.example/api/echo/1"');
  });

  it('has no body when a chunked one was sent', async () => {
    const body = await new Promise<string>((resolve, reject) => {
      const req = request(`${url}/api/echo/1`, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
      req.on('response', (res) => text(res).then(resolve, reject));
      req.end('not seen');
    });
    expect(JSON.parse(body)).toMatchObject({ body: null });
  });

  it.each([
    ['/api/x/../echo/1', '/api/echo/1'],
    ['/api/x/%2e%2E/echo/1', '/api/echo/1'],
    ['/API/Echo/./1/', '/API/Echo/1/'],
    ['/api/echo/%3F%23', '/api/echo/%3F%23'],
  ])('has %s normalised to %s before it is routed', async (sent, seen) => {
    expect(await raw(`GET ${sent} HTTP/1.1`)).toContain(`"url":"http://vending.example${seen}"`);
  });

  it('keeps an encoded slash and a twice encoded dot in a route value', async () => {
    expect(await raw('GET /api/echo/a%2Fb%252e HTTP/1.1')).toContain('"params":{"id":"a%2Fb%2e"}');
  });

  it('continues the trace of a valid traceparent with a span of its own', async () => {
    const [traceId, spanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];
    const headers = { traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'vendor=1' };
    const { traceContext } = (await (await fetch(`${url}/api/echo/1`, { headers })).json()) as {
      traceContext: { traceParent: string; traceState: string };
    };
    expect(traceContext.traceParent).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
    expect(traceContext.traceParent).not.toContain(spanId);
    expect(traceContext.traceState).toBe('vendor=1');
  });
});

describe('routing', () => {
  it.each([
    ['/api/nowhere', 404],
    ['/echo/1', 404],
    ['/api/echo', 404],
    ['/api/echo/1/2/3', 404],
    ['/api/numbers/11', 404],
    ['/api/numbers/x', 404],
    ['/api/empty', 404],
    ['/api/echo/%00', 400],
  ])('answers GET %s with %i and no body', async (path, status) => {
    expect(await get(path)).toEqual([status, '']);
  });

  it('matches constraints, catch-alls, optional values and default methods', async () => {
    expect(await get('/api/numbers/10')).toEqual([200, '10']);
    expect(await get('/api/files/a/b%20c')).toEqual([200, 'a/b c']);
    expect(await get('/api/files')).toEqual([200, 'none']);
    expect((await get('/api/echo/1/2'))[1]).toContain('"params":{"id":"1","rest":"2"}');
  });

  it('tries routes in the order of function names, literal or not', async () => {
    expect(await get('/api/numbers/7')).toEqual([200, '7']);
  });

  it('knows its own pages: one at the root, and an API that wants the master key', async () => {
    expect((await get('/'))[0]).toBe(200);
    expect(await get('/admin/host/status')).toEqual([401, '']);
  });

  it('fails for a body over the limit without reading it or calling the function', async () => {
    const answer = await raw('POST /api/echo/1 HTTP/1.1', 'Content-Length: 1001');
    expect(answer).toMatch(/^HTTP\/1\.1 500 .*Content-Length: 0\r\n\r\n$/s);
    expect(await fixture.logged('Request body too large')).toContain('"level":"error"');
  });
});

describe('a request that the web server refuses', () => {
  const headers = (count: number, value = 'v'): string[] => Array.from({ length: count }, (_, n) => `X-${n}: ${value}`);

  it.each<[string, number, string[]]>([
    ['100 headers', 200, headers(98)],
    ['101 headers', 431, headers(99)],
    ['headers of more than 32 KiB', 431, headers(9, 'v'.repeat(4_096))],
    ['two hosts', 400, ['Host: other.example']],
  ])('for %s is answered %i', async (_what, status, lines) => {
    expect(await raw('GET /api/echo/1 HTTP/1.1', ...lines)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it.each([
    ['a long URL', 414, `GET /api/echo/1?${'q'.repeat(8_192)} HTTP/1.1\r\nHost: h\r\n\r\n`],
    ['bytes that are no UTF-8', 400, 'GET /api/echo/1 HTTP/1.1\r\nHost: h\r\nX-Name: Zo\u00eb\r\n\r\n'],
    ['an empty host', 500, 'GET /api/echo/1 HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n'],
    ['no host', 500, 'GET /api/echo/1 HTTP/1.1\r\nConnection: close\r\n\r\n'],
  ])('for %s is answered %i', async (_what, status, bytes) => {
    expect(await send(bytes, 'latin1')).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('for headers that do not end within 30 seconds is answered 408', { timeout: 60_000 }, async () => {
    expect(await send('GET /api/echo/1 HTTP/1.1\r\nHost: h\r\nX-Slow: ')).toMatch(/^HTTP\/1\.1 408 /);
  });
});
