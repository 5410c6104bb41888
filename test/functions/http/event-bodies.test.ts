import { beforeEach, describe, expect, it } from 'vitest';
import { COMMAND, command, counts, data, other, problem, requestOf, Webhook } from './webhook.ts';

let webhook: Webhook;
beforeEach(() => {
  webhook = new Webhook();
});

describe('a body', () => {
  const BINARY = {
    ...{ 'ce-specversion': '1.0', 'ce-id': 'c-1', 'ce-source': '/portal' },
    'ce-type': 'com.example.apikey.revoke.requested.v1',
  };

  it.each([
    ['application/json', command()],
    ['application/json; charset=utf-8', [command()]],
    ['application/json; odata.metadata=minimal', command()],
    ['application/cloudevents+json; charset=UTF-8', command()],
    ['Application/CloudEvents-Batch+JSON;charset="utf-8"', [command()]],
  ])('of the type %s is read', async (type, body) => {
    expect(await webhook.post(body, { 'content-type': type })).toMatchObject(counts({ accepted: 1 }));
    expect(webhook.taken).toMatchObject([{ events: [COMMAND] }]);
  });

  it('in binary mode is the data of an event', async () => {
    expect(await webhook.post(data, BINARY)).toMatchObject(counts({ accepted: 1 }));
    expect(webhook.taken).toMatchObject([{ events: [COMMAND] }]);
  });

  it('in structured mode is an event even beside the headers of another', async () => {
    await webhook.post(command(), { ...BINARY, 'ce-id': 'another', 'content-type': 'application/cloudevents+json' });
    expect(webhook.taken).toMatchObject([{ events: [COMMAND] }]);
  });

  it.each([
    ['application/xml', {}],
    ['application/json; charset=latin1', {}],
    ['application/cloudevents+avro', BINARY],
    ['', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
  ])('of the type %s with %j is not read', async (type, headers) => {
    const reply = await webhook.post(command(), { ...headers, 'content-type': type });
    expect(reply).toMatchObject({ status: 415, jsonBody: problem('unsupported-media-type') });
  });

  it.each([
    '',
    '{',
    '7',
    'null',
    '"text"',
    '{"specversion":"1.0","specversion":"1.0"}',
    `${'['.repeat(20)}${']'.repeat(20)}`,
  ])('of %s is malformed', async (body) => {
    const headers = { 'content-type': 'application/json' };
    expect(await webhook.deliver({ body, headers })).toMatchObject({
      status: 400,
      jsonBody: problem('malformed-request'),
    });
  });

  it('that is no UTF-8 is malformed', async () => {
    const headers = { 'content-type': 'application/json' };
    const body = Uint8Array.of(0x22, 0xc3, 0x22);
    expect(await webhook.deliver({ body, headers })).toMatchObject({ status: 400 });
  });

  it('in binary mode that is not the JSON that it says is malformed', async () => {
    const headers = { ...BINARY, 'content-type': 'application/json' };
    expect(await webhook.deliver({ body: '{', headers })).toMatchObject({
      status: 400,
      jsonBody: problem('malformed-request'),
    });
  });

  it('of 1 MiB is read, and of more is not', async () => {
    const most = JSON.stringify([command(), { ...other(), data: '' }]);
    const padded = (bytes: number) =>
      JSON.stringify([command(), { ...other(), data: 'x'.repeat(bytes - most.length) }]);
    const headers = { 'content-type': 'application/json' };
    const announced = { ...headers, 'content-length': String(1024 * 1024) };
    expect(await webhook.deliver({ body: padded(1024 * 1024), headers: announced })).toMatchObject(
      counts({ accepted: 1, ignored: 1 }),
    );
    const tooLarge = { status: 413, jsonBody: problem('payload-too-large') };
    expect(await webhook.deliver({ body: padded(1024 * 1024 + 1), headers })).toMatchObject(tooLarge);
    expect(webhook.taken).toHaveLength(1);
  });

  it('that was announced to be too long is not even read', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': String(1024 * 1024 + 1) };
    const request = requestOf({ body: '[]', headers });
    expect(await webhook.answer(request)).toMatchObject({ status: 413 });
    expect(request.bodyUsed).toBe(false);
  });

  it.each([
    ['an empty one, sent in chunks', '', { 'transfer-encoding': 'chunked' }, /Send it with a Content-Length/],
    ['an empty one, of which no length was named', '', {}, /Send it with a Content-Length/],
    ['an empty one', '', { 'content-length': '0' }, /^The body cannot be read as events/],
    ['one byte', '7', {}, /^The body cannot be read as events/],
  ])('that is no event is answered with what may be wrong with it: %s', async (_, body, headers, detail) => {
    const reply = await webhook.deliver({ body, headers: { 'content-type': 'application/json', ...headers } });
    expect(reply).toMatchObject({
      status: 400,
      jsonBody: { ...problem('malformed-request'), detail: expect.stringMatching(detail) },
    });
  });

  it('of more than 100 events is too large', async () => {
    expect(await webhook.post(Array(100).fill(other()))).toMatchObject(counts({ ignored: 100 }));
    expect(await webhook.post(Array(101).fill(other()))).toMatchObject({ status: 413 });
  });
});
