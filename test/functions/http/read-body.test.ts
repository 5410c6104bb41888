import { HttpRequest } from '@azure/functions';
import { expect, it } from 'vitest';
import { BODY_LIMIT, readJsonBody } from '../../../src/functions/http/read-body.ts';

const read = (string: string, headers: Record<string, string>) =>
  readJsonBody(new HttpRequest({ method: 'POST', url: 'http://localhost/', headers, body: { string } }));

const refused = (type: string) => ({ kind: 'refused', problem: { type } });

it.each([
  'application/json',
  'Application/JSON',
  'application/json; charset=utf-8',
  'application/json;charset="UTF-8"',
])('takes a body of the type %s', async (type) => {
  expect(await read('{"a": 1}', { 'content-type': type })).toEqual({ kind: 'read', value: { a: 1 } });
});

it.each([
  'application/json-seq',
  'application/json; charset=latin1',
  'application/problem+json',
  'text/json',
  'application/json, text/plain',
])('refuses a body of the type %s', async (type) => {
  expect(await read('{}', { 'content-type': type })).toMatchObject(refused('unsupported-media-type'));
});

it('counts the bytes where their number was not announced, or not truly', async () => {
  const headers = { 'content-type': 'application/json' };
  const long = JSON.stringify('ä'.repeat(BODY_LIMIT / 2));
  expect(long.length).toBeLessThan(BODY_LIMIT);
  expect(await read(long, headers)).toMatchObject(refused('payload-too-large'));
  expect(await read(long, { ...headers, 'content-length': '2' })).toMatchObject(refused('payload-too-large'));
});

it('does not read a body that was announced to be too long', async () => {
  const request = new HttpRequest({
    method: 'POST',
    url: 'http://localhost/',
    headers: { 'content-type': 'application/json', 'content-length': String(BODY_LIMIT + 1) },
    body: { string: '{}' },
  });
  expect(await readJsonBody(request)).toMatchObject(refused('payload-too-large'));
  expect(request.bodyUsed).toBe(false);
});
