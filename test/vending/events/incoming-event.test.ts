import { describe, expect, it } from 'vitest';
import { MAX_EVENTS, readEvent, readEvents } from '../../../src/vending/events/incoming.ts';
import { CLOUD_EVENT_SAMPLES, VALIDATION_CODE, VALIDATION_SAMPLE } from './samples.ts';

const data = { id: 'a'.repeat(26) };
const cloud = (type: string) => ({ specversion: '1.0', id: 'e-1', source: '/portal', type, data });
const grid = (eventType: string) => ({ id: 'e-1', topic: '/portal', eventType, data, subject: '', dataVersion: '1' });

describe('a command', () => {
  it.each([
    ['apikey.requested.v1', 'vend'],
    ['com.example.apikey.requested.v1', 'vend'],
    ['com.example.apikey.revoke.requested.v1', 'revoke'],
    ['apikey.rotate.requested.v1', 'rotate'],
    ['com.example.apikey.end-overlap.requested.v1', 'end-overlap'],
  ])('of the type %s, in either schema, asks to %s', (type, operation) => {
    const command = { kind: 'command', operation, source: '/portal', id: 'e-1', data };
    expect(readEvent(cloud(type))).toEqual(command);
    expect(readEvent(grid(type))).toEqual(command);
  });

  it.each([
    ...['apikey.rotated.requested.v1', 'myapikey.requested.v1', 'apikey.requested.v2'],
    ...['', '.revoke', '.rotate', '.end-overlap'].map((operation) => `apikey${operation}.requested.v1.test`),
  ])('is not of the type %s', (type) => {
    expect(readEvent(cloud(type))).toEqual({ kind: 'other', id: 'e-1', type });
    expect(readEvent(grid(type))).toEqual({ kind: 'other', id: 'e-1', type });
  });

  const asked = cloud('apikey.requested.v1');
  it.each<[string, object, string]>([
    ['data that are not JSON', { ...asked, datacontenttype: 'application/xml' }, '/datacontenttype'],
    ['binary data', { ...asked, data_base64: 'e30=' }, '/data_base64'],
    ['more than 16 KiB', { ...asked, data: 'x'.repeat(16 * 1024) }, ''],
  ])('with %s is invalid, and keeps what its sender is answered by', (_, event, pointer) => {
    const errors = [{ pointer, detail: expect.any(String) }];
    const isSmall = JSON.stringify(event).length <= 16 * 1024;
    expect(readEvent(event)).toEqual({
      ...{ kind: 'invalid', id: 'e-1', source: '/portal', errors },
      ...(isSmall && { sent: event }),
    });
  });

  it.each<[string, object, string]>([
    ['another version', { ...asked, specversion: '0.3' }, '/specversion'],
    ['no source', { ...asked, source: '' }, '/source'],
    ['no topic', { ...grid('apikey.requested.v1'), topic: undefined }, '/topic'],
    ['a number for a type', { ...grid('x'), eventType: 1 }, '/eventType'],
    ['a source of more than 16 KiB', { ...asked, source: 'x'.repeat(16 * 1024) }, ''],
  ])('with %s is invalid, and keeps its id', (_, event, pointer) => {
    expect(readEvent(event)).toEqual({ kind: 'invalid', id: 'e-1', errors: [{ pointer, detail: expect.any(String) }] });
  });

  it('may have 16 KiB, and the answer says so where it has more', () => {
    const room = 16 * 1024 - JSON.stringify([asked.source, asked.id, '']).length;
    const withData = (length: number) => readEvent({ ...asked, data: 'x'.repeat(length) });
    expect(withData(room)).toMatchObject({ kind: 'command' });
    const errors = [{ pointer: '', detail: 'must be at most 16 KiB of JSON' }];
    expect(withData(room + 1)).toMatchObject({ kind: 'invalid', errors });
  });

  it('with data that cannot be written is invalid', () => {
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    expect(readEvent({ ...asked, data: endless })).toMatchObject({ kind: 'invalid', errors: [{ pointer: '' }] });
  });

  it('may have an unset content type', () => {
    expect(readEvent({ ...asked, datacontenttype: null })).toMatchObject({ kind: 'command' });
  });

  it('without data is invalid', () => {
    const { data: _, ...without } = asked;
    expect(readEvent(without)).toEqual({
      kind: 'invalid',
      id: 'e-1',
      source: '/portal',
      sent: without,
      errors: [{ pointer: '/data', detail: 'is required' }],
    });
  });
});

it.each(CLOUD_EVENT_SAMPLES)('the published CloudEvent with %s is read, and is not for this service', (_, sample) => {
  const ids = [sample].flat().map((event) => ({ kind: 'other', id: Object(event).id, type: Object(event).type }));
  expect(readEvents(sample)).toEqual({ kind: 'events', events: ids });
});

it('the published validation event is read for its code', () => {
  expect(readEvents(VALIDATION_SAMPLE)).toEqual({
    kind: 'events',
    events: [{ kind: 'subscription-validation', id: VALIDATION_SAMPLE[0]?.id, code: VALIDATION_CODE }],
  });
});

it.each([
  ...['<script>', '<script', 'script>', '', 'a'.repeat(129)].map((code) => [code, 'must be a code'] as const),
  [7, 'must be a string'] as const,
])('a validation code %j is not echoed', (validationCode, detail) => {
  const [sample] = VALIDATION_SAMPLE;
  expect(readEvent({ ...sample, data: { validationCode } })).toMatchObject({
    kind: 'invalid',
    errors: [{ pointer: '/validationCode', detail }],
  });
});

it('a broken event of Key Vault is no command: its sender is not answered', () => {
  const event = { ...cloud('Microsoft.KeyVault.SecretExpired'), data_base64: 'e30=' };
  expect(readEvent(event)).toEqual({
    kind: 'invalid',
    id: 'e-1',
    errors: [{ pointer: '/data_base64', detail: expect.any(String) }],
  });
});

it('what is no event has no id that it only inherits', () => {
  const inherited: unknown = Object.create({ id: 'x' });
  expect(readEvent(inherited)).toEqual({ kind: 'invalid', errors: [{ pointer: '', detail: expect.any(String) }] });
});

it('an event for others may lack data', () => {
  expect(readEvent({ id: 'e-1', topic: '/portal', eventType: 'x.y' })).toEqual({
    kind: 'other',
    id: 'e-1',
    type: 'x.y',
  });
});

it.each([null, 7, 'text', [], {}, { id: 'x' }, Object.create({ specversion: '1.0' })])('%j is no event', (value) => {
  expect(readEvent(value)).toMatchObject({ kind: 'invalid', errors: [{ pointer: '' }] });
});

describe('a batch', () => {
  it('is judged event by event', () => {
    expect(readEvents([cloud('apikey.requested.v1'), null, grid('x.y')])).toMatchObject({
      events: [{ kind: 'command' }, { kind: 'invalid' }, { kind: 'other' }],
    });
  });

  it('may be empty', () => expect(readEvents([])).toEqual({ kind: 'events', events: [] }));

  it.each([null, 'x', 1, undefined])('is not %j', (value) => {
    expect(readEvents(value)).toMatchObject({ kind: 'malformed' });
  });

  it('of more than 100 events is not read', () => {
    expect(MAX_EVENTS).toBe(100);
    const most = Array.from({ length: MAX_EVENTS }, () => cloud('x'));
    expect(readEvents(most)).toMatchObject({ kind: 'events' });
    expect(readEvents([...most, cloud('x')])).toEqual({ kind: 'too-many' });
  });
});
