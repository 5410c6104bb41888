import { HttpRequest } from '@azure/functions';
import { expect, it } from 'vitest';
import { BODY_LIMIT, readJsonBody } from '../../../src/functions/http/read-body.ts';
import { buildOpenApiDocument } from '../../../src/functions/openapi/document.ts';

const read = (string: string, headers: Record<string, string>) =>
  readJsonBody(new HttpRequest({ method: 'POST', url: 'http://localhost/', headers, body: { string } }));

const refused = (type: string) => ({ kind: 'invalid', problem: { type } });

it.each([
  'application/json',
  'Application/JSON',
  'application/json;',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
  'application/json; charset=utf8',
  'application/json; charset=us-ascii',
  'application/json; charset=ASCII',
  'application/json; charset="utf-8 "',
  'application/json; x-charset=latin1',
  'application/json; odata.metadata=minimal',
  'application/json;profile="https://example.com/x"; charset=utf-8',
])('takes a body of the type %s', async (type) => {
  expect(await read('{"a": 1}', { 'content-type': type })).toEqual({ kind: 'valid', value: { a: 1 } });
});

it.each([
  '',
  'application/json-seq',
  'application/json; charset=latin1',
  'application/json; profile=x; charset="utf-16"',
  'application/problem+json',
  'text/json',
  'application/json, text/plain',
])('refuses a body of the type %s', async (type) => {
  const headers = { 'content-type': type, 'content-length': '2' };
  expect(await read('{}', headers)).toMatchObject(refused('unsupported-media-type'));
});

it('refuses a compressed body', async () => {
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  expect(await read('{}', headers)).toMatchObject(refused('unsupported-media-type'));
});

it('takes a byte order mark', async () => {
  const headers = { 'content-type': 'application/json' };
  expect(await read('\uFEFF{"a": 1}', headers)).toEqual({ kind: 'valid', value: { a: 1 } });
});

it('takes as many bytes as the document of the API says', () => {
  expect(JSON.stringify(buildOpenApiDocument())).toContain(`"At most ${BODY_LIMIT / 1024} KiB, with a Content-Length`);
});

it('counts the bytes, whatever length the header names', async () => {
  const headers = { 'content-type': 'application/json' };
  const long = JSON.stringify('ä'.repeat(BODY_LIMIT / 2));
  expect(long.length).toBeLessThan(BODY_LIMIT);
  expect(await read(long, headers)).toMatchObject(refused('payload-too-large'));
  expect(await read(long, { ...headers, 'content-length': '2' })).toMatchObject(refused('payload-too-large'));
  const most = JSON.stringify('a'.repeat(BODY_LIMIT - 2));
  expect(await read(most, headers)).toMatchObject({ kind: 'valid' });
  expect(await read(` ${most}`, headers)).toMatchObject(refused('payload-too-large'));
});

it('does not read a body whose header names too great a length', async () => {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost/',
    headers: { 'content-type': 'application/json', 'content-length': String(BODY_LIMIT + 1) },
    body: { string: '{}' },
  });
  expect(await readJsonBody(request)).toMatchObject(refused('payload-too-large'));
  expect(request.bodyUsed).toBe(false);
  const most = { 'content-type': 'application/json', 'content-length': String(BODY_LIMIT) };
  expect(await read('{}', most)).toMatchObject({ kind: 'valid' });
});
