import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type RawResponse, send } from '../tls/https-client.ts';
import { asked, useEventGrid, viewOf } from './rig.ts';

const rig = useEventGrid();

const OUT = 'happenings.westeurope-1.eventgrid.azure.net';
const CUSTOM = 'requests.westeurope-1.eventgrid.azure.net';
const ONE = 'application/cloudevents+json; charset=utf-8';
const MANY = 'application/cloudevents-batch+json; charset=utf-8';
const EVENT = { specversion: '1.0', id: '1', source: '/here', type: 'ours.happened.v1', data: { n: 1 } };

interface Post {
  readonly host?: string;
  readonly who?: string;
  readonly resource?: string;
  readonly type?: string;
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function post(body: unknown, more: Post = {}): Promise<RawResponse> {
  const { host = OUT, who = 'function', resource = 'https://eventgrid.azure.net', type = ONE } = more;
  const { token } = await rig.issuer.issueResourceToken({ resource, oid: who, appid: 'app' });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send({
    port: rig.grid.port,
    ca: rig.ca,
    method: more.method ?? 'POST',
    path: more.path ?? '/api/events?api-version=2018-01-01',
    headers: {
      ...{ host, 'content-type': type, 'content-length': String(Buffer.byteLength(text)) },
      ...(more.headers ?? { authorization: `Bearer ${token}` }),
    },
    body: text,
  });
}

let before: number;
beforeAll(() => {
  before = rig.grid.published().length;
});
const published = () => rig.grid.published().slice(before);

describe('the topic for events out', () => {
  it('takes one CloudEvent and says nothing', async () => {
    const event = {
      ...EVENT,
      subject: 's',
      time: '2026-01-01T00:00:00+01:00',
      comexample: 'x',
      n: 5,
      datacontenttype: 'application/json; charset=utf-8',
    };
    expect(await post(event)).toMatchObject({ status: 200, text: '' });
    expect(published().at(-1)).toEqual(event);
  });

  it('takes a batch, in order', async () => {
    const events = ['a', 'b', 'c'].map((id) => ({ ...EVENT, id }));
    expect((await post(events, { type: MANY })).status).toBe(200);
    expect(published().slice(-3)).toEqual(events);
  });

  it.each<[string, Post, number]>([
    ['no token', { headers: {} }, 401],
    ['an access key', { headers: { 'aeg-sas-key': 'key' } }, 401],
    ['a token for something else', { resource: 'https://vault.azure.net' }, 401],
    ['a broken token', { headers: { authorization: 'Bearer x' } }, 401],
    ['the token of somebody who may not send', { who: 'portal' }, 403],
    ['no API version', { path: '/api/events' }, 400],
    ['another API version', { path: '/api/events?api-version=2024-01-01' }, 400],
    ['plain JSON', { type: 'application/json' }, 415],
    ['another character set', { type: 'application/cloudevents+json; charset=latin1' }, 415],
    ['another path', { path: '/api/event?api-version=2018-01-01' }, 404],
    ['an unknown topic', { host: 'nobodys.westeurope-1.eventgrid.azure.net' }, 404],
    ['another method', { method: 'PUT' }, 405],
  ])('refuses %s', async (_, more, status) => {
    const count = published().length;
    const answer = await post(EVENT, more);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(published()).toHaveLength(count);
  });

  it.each<[string, unknown, string?]>([
    ['no JSON', '{'],
    ['no object', '"x"'],
    ['an array in place of an event', [EVENT]],
    ['an event in place of an array', EVENT, MANY],
    ['no id', { ...EVENT, id: undefined }],
    ['an empty id', { ...EVENT, id: '' }],
    ['an id that is a number', { ...EVENT, id: 1 }],
    ['no type', { ...EVENT, type: undefined }],
    ['no source', { ...EVENT, source: undefined }],
    ['a source with spaces', { ...EVENT, source: 'no uri' }],
    ['another version', { ...EVENT, specversion: '0.3' }],
    ['a time that is none', { ...EVENT, time: 'yesterday' }],
    ['a time without seconds', { ...EVENT, time: '2026-01-01T00:00Z' }],
    ['a time that does not exist', { ...EVENT, time: '2026-13-01T00:00:00Z' }],
    ['a content type that is none', { ...EVENT, datacontenttype: 'json' }],
    ['an attribute that is null', { ...EVENT, subject: null }],
    ['a time without zone', { ...EVENT, time: '2026-01-01T00:00:00' }],
    ['a schema that is no URI', { ...EVENT, dataschema: '#' }],
    ['data twice', { ...EVENT, data_base64: 'YQ==' }],
    ['an attribute in camel case', { ...EVENT, requestId: 'x' }],
    ['an attribute that is an object', { ...EVENT, extra: {} }],
    ['an attribute that is a fraction', { ...EVENT, extra: 1.5 }],
    ['a good one with a bad one', [EVENT, { ...EVENT, id: '' }], MANY],
  ])('refuses %s', async (_, body, type = ONE) => {
    const count = published().length;
    expect((await post(body, { type })).status).toBe(400);
    expect(published()).toHaveLength(count);
  });

  it('refuses more than a megabyte, and takes that', async () => {
    const fill = 1_048_576 - JSON.stringify({ ...EVENT, data: '' }).length;
    expect((await post({ ...EVENT, data: 'x'.repeat(fill) })).status).toBe(200);
    expect((await post({ ...EVENT, data: 'x'.repeat(fill + 1) })).status).toBe(413);
  });

  it('fails as the fault plan says', async () => {
    rig.faults.add({ service: 'eventgrid', operation: 'publish', times: 1, fault: { status: 503 } });
    expect((await post(EVENT)).status).toBe(503);
    expect((await post(EVENT)).status).toBe(200);
  });

  it('delivers to its own subscriptions, and the other topic to its', async () => {
    const destination = { queue: 'events' };
    await rig.grid.subscribe(asked({ name: 'out-sub', topic: 'out', destination }));
    await rig.grid.subscribe(asked({ name: 'in-sub', topic: 'custom', destination }));
    await post({ ...EVENT, id: 'out' });
    const count = published().length;
    expect((await post({ ...EVENT, id: 'in' }, { host: CUSTOM, who: 'portal' })).status).toBe(200);
    expect((await post({ ...EVENT, id: 'in' }, { host: CUSTOM })).status).toBe(403);
    const idsOf = (name: string): string[] => viewOf(rig, name).delivered.map(({ id }) => id);
    await vi.waitFor(() => expect([idsOf('out-sub'), idsOf('in-sub')]).toEqual([['out'], ['in']]), { timeout: 20_000 });
    expect(published()).toHaveLength(count);
  });
});
