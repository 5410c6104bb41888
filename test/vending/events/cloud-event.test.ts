import { describe, expect, it } from 'vitest';
import { isCloudEvent } from '../../../src/vending/events/envelope.ts';
import { readEvent } from '../../../src/vending/events/incoming.ts';

const data = { environmentId: 'env-12132', clusterId: 'lkc-1126wj', name: 'key' };
const event = { specversion: '1.0', id: 'e-1', source: '/onboarding', type: 'com.example.apikey.requested.v1', data };
const read = { kind: 'command', operation: 'vend', source: '/onboarding', id: 'e-1', data };
const without = (field: keyof typeof event) => {
  const { [field]: _, ...rest } = event;
  return rest;
};

describe('a CloudEvent', () => {
  it.each<[string, unknown]>([
    ['a request', data],
    ['an object that only inherits specversion', Object.create(event)],
    ['a list', [event]],
    ['null', null],
    ['a text', JSON.stringify(event)],
    ['undefined', undefined],
  ])('does not take %s for an event', (_, value) => {
    expect(isCloudEvent(value)).toBe(false);
  });

  it.each<[string, object, object]>([
    ['the required attributes', event, read],
    ['a type without a prefix', { ...event, type: 'apikey.requested.v1' }, read],
    [
      'optional attributes and extensions',
      { ...event, time: '2026-01-01T00:00:00Z', subject: 's', traceparent: 'x', n: 1 },
      read,
    ],
    ['application/json', { ...event, datacontenttype: 'application/json' }, read],
    ['JSON with a parameter', { ...event, datacontenttype: 'Application/JSON; charset=utf-8' }, read],
    ['a JSON dialect', { ...event, datacontenttype: 'application/vnd.example+json' }, read],
    ['an id of one character', { ...event, id: 'e' }, { ...read, id: 'e' }],
    ['data that is no object', { ...event, data: null }, { ...read, data: null }],
  ])('reads an event with %s', (_, value, expected) => {
    expect(readEvent(value)).toEqual(expected);
  });

  it.each<[string, object, string, string]>([
    ['another version', { ...event, specversion: '0.3' }, '/specversion', 'must be "1.0"'],
    ['a numeric version', { ...event, specversion: 1 }, '/specversion', 'must be "1.0"'],
    ['no id', without('id'), '/id', 'is required'],
    ['an empty id', { ...event, id: '' }, '/id', 'must not be empty'],
    ['a numeric id', { ...event, id: 1 }, '/id', 'must be a string'],
    ['no source', without('source'), '/source', 'is required'],
    ['an empty source', { ...event, source: '' }, '/source', 'must not be empty'],
    ['no type', without('type'), '/type', 'is required'],
    ['no data', without('data'), '/data', 'is required'],
    [
      'another content type',
      { ...event, datacontenttype: 'application/xml' },
      '/datacontenttype',
      'must be a JSON media type',
    ],
    ['text', { ...event, datacontenttype: 'text/json5' }, '/datacontenttype', 'must be a JSON media type'],
    [
      'a content type that only ends like JSON',
      { ...event, datacontenttype: 'x-application/json' },
      '/datacontenttype',
      'must be a JSON media type',
    ],
    ['a number for a content type', { ...event, datacontenttype: 1 }, '/datacontenttype', 'must be a string'],
    [
      'binary data',
      { ...event, data_base64: 'e30=' },
      '/data_base64',
      'is not supported: send the request as JSON in data',
    ],
  ])('refuses %s', (_, value, pointer, detail) => {
    expect(readEvent(value)).toMatchObject({ kind: 'invalid', errors: [{ pointer, detail }] });
  });
});
