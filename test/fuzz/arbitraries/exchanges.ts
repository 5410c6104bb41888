import fc, { type Arbitrary } from 'fast-check';
import { isRequest } from '../is-request.ts';
import { rawBody } from './bodies.ts';
import { goodHeaders, type Headers, oddHeaders } from './headers.ts';
import { nearRequest, validRequest } from './requests.ts';
import { HUSH, headerText, hostileText } from './text.ts';
import { unsigned } from './tokens.ts';

/** One HTTP request as it goes over the wire: none of them may lead to a key. */
export interface Exchange {
  readonly method: string;
  readonly target: string;
  /** A bearer token of this one, or the header as it stands; null: no header. */
  readonly authorization: { readonly tokenOf: 'portal' | 'operator' } | string | null;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
  /** What is said of the body's length: a `Content-Length` line for each, and `chunked`, which the host cannot read. */
  readonly lengths: readonly (number | string)[] | 'true' | 'chunked';
}

const CREDENTIALS = '/api/v1/credentials';
const OPERATIONS = '/api/v1/operations/credentials';
const portal = { tokenOf: 'portal' } as const;
const operator = { tokenOf: 'operator' } as const;
const NOTHING = new Uint8Array();

const entries = (headers: Headers): Exchange['headers'] =>
  Object.entries(headers).filter(([name]) => name !== 'content-length');

const post = (body: Uint8Array, headers: Headers, more: Partial<Exchange> = {}): Exchange => ({
  method: 'POST',
  target: CREDENTIALS,
  authorization: portal,
  headers: entries(headers),
  body,
  lengths: 'true',
  ...more,
});
const get = (target: string, authorization: Exchange['authorization']): Exchange => ({
  method: 'GET',
  target,
  authorization,
  headers: [],
  body: NOTHING,
  lengths: [],
});

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const request = validRequest.map(bytesOf);

const badFields = nearRequest
  .filter((value) => !isRequest(JSON.parse(JSON.stringify(value))))
  .map((value) => post(bytesOf(value), goodHeaders('k')));
const badBody = rawBody.filter(({ isSound }) => !isSound).map(({ bytes }) => post(bytes, goodHeaders('k')));
const badHeaders = fc
  .tuple(
    request,
    oddHeaders.filter(({ isJson, headers }) => !isJson && headers['content-length'] === undefined),
  )
  .map(([body, { headers }]) => post(body, headers));
const badCaller = fc
  .tuple(request, unsigned)
  .map(([body, authorization]) => post(body, goodHeaders('k'), { authorization }));
/** The body is `{}`: some of these are the right path after all. */
const badPath = fc
  .tuple(
    fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'),
    fc.constantFrom(
      CREDENTIALS,
      OPERATIONS,
      '/api/v1',
      '/api',
      '/',
      '*',
      'http://elsewhere',
      '//elsewhere',
      `/admin/host${CREDENTIALS}`,
    ),
    fc.array(
      fc.constantFrom(
        '/',
        '/.',
        '/..',
        '/%2e%2e',
        '%2f',
        '%5c',
        '/%00',
        '%',
        ';a=b',
        '/credentials',
        '//',
        '?',
        '??',
        '?a=%',
        '#a',
        '%C0%AF',
        '%F0%9F%98%80',
      ),
    ),
  )
  .map(([method, path, tail]) => post(Buffer.from('{}'), goodHeaders('k'), { method, target: path + tail.join('') }));

const encoded = hostileText.map((text) => encodeURIComponent(text.toWellFormed()));
const badLookup = fc
  .tuple(
    fc.oneof(encoded, fc.constant('a'.repeat(26))),
    fc.oneof(
      fc.constant(''),
      encoded.map((query) => `?${query}`),
    ),
  )
  .map(([id, query]) => get(`${CREDENTIALS}/${id}${query}`, portal));
const badListing = fc
  .tuple(encoded, encoded)
  .map(([name, value]) => get(`${OPERATIONS}?reason=unknown&colour=x${value}&${name}`, operator));
const badResolve = fc
  .tuple(
    fc.oneof(encoded, fc.constant('a'.repeat(26))),
    fc.oneof(
      nearRequest.map(bytesOf),
      rawBody.map(({ bytes }) => bytes),
    ),
  )
  .map(([id, body]) =>
    post(body, goodHeaders(undefined), { target: `${OPERATIONS}/${id}/resolve`, authorization: operator }),
  );
/** Of a credential that nobody has. */
const badChange = fc
  .tuple(
    fc.constantFrom('POST /rotate', 'POST /end-overlap', 'DELETE '),
    fc.oneof(encoded, fc.constant('a'.repeat(26))),
    fc.oneof(fc.constantFrom('', '?validateOnly=true', '?validateonly=true', '?dryRun=1'), encoded),
    fc.oneof(
      fc.constantFrom('', '{}', '{"replaces":"K"}', '{"apiKeyId":"K"}', '{"validateOnly":true}').map(Buffer.from),
      rawBody.map(({ bytes }) => bytes),
    ),
  )
  .map(([route, id, query, body]) => {
    const [method = '', path = ''] = route.split(' ');
    return post(body, goodHeaders('k'), { method, target: `${CREDENTIALS}/${id}${path}${query}` });
  });
/** Framing that readers of HTTP disagree on. */
const badFraming = fc
  .tuple(
    fc.constant(bytesOf({ [HUSH]: 'x'.repeat(50) })),
    fc.oneof(
      fc.constantFrom<Exchange['lengths']>(
        'chunked',
        [],
        [0],
        [10],
        [1_000],
        [16_385],
        [1e12],
        ['-1'],
        ['+5'],
        ['5, 5'],
        [5, 6],
        ['0x10'],
        [''],
      ),
      headerText.map((text) => [text]),
    ),
  )
  .map(([body, lengths]) => post(body, goodHeaders('k'), { lengths }));
const badLines = fc
  .array(fc.tuple(headerText, headerText), { minLength: 1, maxLength: 5 })
  .map((lines) => post(Buffer.from('{}'), {}, { headers: lines }));
const manyHeaders = fc
  .tuple(fc.constantFrom('idempotency-key', 'content-type', 'x-noise'), fc.constantFrom(2, 100, 1_500), headerText)
  .map(([name, times, value]) =>
    post(Buffer.from('{}'), {}, { headers: Array(times).fill([name, value.slice(0, 40)]) }),
  );

export const badExchange: Arbitrary<Exchange> = fc.oneof(
  { arbitrary: badFields, weight: 4 },
  ...[badBody, badHeaders, badCaller, badPath, badChange, badFraming].map((arbitrary) => ({ arbitrary, weight: 2 })),
  ...[badLookup, badListing, badResolve, badLines, manyHeaders].map((arbitrary) => ({ arbitrary, weight: 1 })),
);
