import { describe, expect, it } from 'vitest';
import { readBinaryEvent } from '../../../src/vending/events/binary-mode.ts';

const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  'ce-specversion': '1.0',
  'CE-Type': 'com.example.apikey.requested.v1',
  'ce-time': '2018-04-05T03:56:24Z',
  'ce-id': '1234-1234-1234',
  'ce-source': '/mycontext/subcontext',
  host: 'webhook.example.com',
};
const read = (headers: Record<string, string>, body = '{"name":"Größe"}') =>
  readBinaryEvent(Object.entries(headers), new TextEncoder().encode(body));
const one = (event: object) => ({ kind: 'events', events: [event] });
const COMMAND = {
  kind: 'command',
  operation: 'vend',
  source: '/mycontext/subcontext',
  id: '1234-1234-1234',
  data: { name: 'Größe' },
};

describe('a CloudEvent in binary mode', () => {
  it('has its attributes in headers, and the body for data', () => {
    expect(read(HEADERS)).toEqual(one(COMMAND));
  });

  it.each([
    ['Euro%20%E2%82%AC%20%F0%9F%98%80', 'Euro € 😀'],
    ['%e2%82%ac', '€'],
    ['%41bc', 'Abc'],
    ['100%25', '100%'],
    ['%2525', '%25'],
    ['"a b"', 'a b'],
    ['"a \\"b\\" \\\\ %20"', 'a "b" \\  '],
    ['"unfinished', '"unfinished'],
  ])('decodes %s once, to %s', (header, id) => {
    expect(read({ ...HEADERS, 'ce-id': header })).toEqual(one({ ...COMMAND, id }));
  });

  it.each([
    ['an overlong encoding', 'ce-id', '%C0%A0'],
    ['half a character', 'ce-id', '%E2%82'],
    ['a bare percent sign', 'ce-id', '100%'],
    ['raw bytes that nobody can decode', 'ce-id', 'Gr\u00f6\u00dfe'],
    ['more than 4,096 characters', 'ce-source', 'x'.repeat(4_097)],
    ['a content type of its own', 'ce-datacontenttype', 'application/json'],
    ['data in a header', 'ce-data', '{}'],
    ['binary data in a header', 'ce-data_base64', 'e30='],
  ])('is not taken with %s', (_, name, value) => {
    const pointer = `/${name.slice(3)}`;
    expect(read({ ...HEADERS, [name]: value })).toEqual(
      one({
        kind: 'invalid',
        ...(name === 'ce-id' ? {} : { id: COMMAND.id }),
        errors: [{ pointer, detail: expect.any(String) }],
      }),
    );
  });

  it.each(['x_1', '_x', 'x_', 'x-1'])('has no attribute with the name %s', (name) => {
    expect(read({ ...HEADERS, [`ce-${name}`]: '1' })).toMatchObject(
      one({ kind: 'invalid', id: COMMAND.id, errors: [{ pointer: `/${name}` }] }),
    );
  });

  it('may have an attribute of 4,096 characters', () => {
    const source = 'x'.repeat(4_096);
    expect(read({ ...HEADERS, 'ce-source': source })).toEqual(one({ ...COMMAND, source }));
  });

  it('of another type may have any body', () => {
    const other = one({ kind: 'other', id: COMMAND.id, type: 'x.y' });
    expect(read({ ...HEADERS, 'CE-Type': 'x.y', 'Content-Type': 'application/xml' }, '<much wow="xml"/>')).toEqual(
      other,
    );
    expect(read({ ...HEADERS, 'CE-Type': 'x.y' }, '')).toEqual(other);
  });

  it('asks for no key in XML', () => {
    expect(read({ ...HEADERS, 'Content-Type': 'application/xml' }, '<x/>')).toMatchObject(
      one({ kind: 'invalid', errors: [{ pointer: '/datacontenttype' }] }),
    );
  });

  it('without a content type is taken for JSON', () => {
    const { 'Content-Type': _, ...headers } = HEADERS;
    expect(read(headers)).toEqual(one(COMMAND));
  });

  it('without a body has no data', () => {
    expect(read(HEADERS, '')).toMatchObject(one({ kind: 'invalid', errors: [{ pointer: '/data' }] }));
  });

  it.each(['{', '{"a":1,"a":2}'])('with the body %s is malformed', (body) => {
    expect(read(HEADERS, body)).toMatchObject({ kind: 'malformed' });
  });

  it('with more attributes than anybody needs is malformed', () => {
    const known = Object.keys(HEADERS).filter((name) => /^ce-/i.test(name)).length;
    const withMore = (count: number) =>
      read({ ...HEADERS, ...Object.fromEntries(Array.from({ length: count }, (_, n) => [`ce-x${n}`, '1'])) });
    expect(withMore(64 - known)).toMatchObject({ kind: 'events' });
    expect(withMore(65 - known)).toMatchObject({ kind: 'malformed' });
  });

  it('is missing an attribute', () => {
    const { 'ce-source': _, ...headers } = HEADERS;
    expect(read(headers)).toMatchObject(one({ kind: 'invalid', errors: [{ pointer: '/source' }] }));
  });
});
