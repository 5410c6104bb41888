import { describe, expect, it } from 'vitest';
import { readEvent } from '../../../src/vending/events/incoming-event.ts';
import { type EventDescription, eventOf } from '../../../src/vending/events/outgoing.ts';
import { EVENT_KINDS, eventJsonSchema } from '../../../src/vending/events/outgoing-schema.ts';
import { DESCRIPTIONS } from './descriptions.ts';

const SECRET = `cflt${'Aa0/+'.repeat(12)}`;

const ofKind = (kind: EventDescription['kind']): EventDescription => {
  const found = DESCRIPTIONS.find((description) => description.kind === kind);
  if (found === undefined) throw new Error(`No description of ${kind}`);
  return found;
};

describe.each(EVENT_KINDS)('the event of a key that is %s', (kind) => {
  const description = ofKind(kind);
  const event = eventOf(description);

  it('is a CloudEvent named by the event’s own id, and tells all that there is to tell', () => {
    const { kind: _, eventId, time, ...data } = description;
    const told = 'revokeAt' in data ? { ...data, revokeAt: '2026-03-02T13:00:00.000Z' } : data;
    expect(event).toEqual({
      specversion: '1.0',
      id: eventId,
      source: 'urn:confluent-key-vending',
      type: `confluent-key-vending.apikey.${kind}.v1`,
      subject: description.requestId,
      time: '2026-03-01T12:00:00.000Z',
      datacontenttype: 'application/json',
      data: told,
    });
    expect(time).toBe(Date.parse(event.time));
  });

  it('is the same whenever it is told', () => {
    expect(JSON.stringify(eventOf({ ...description }))).toBe(JSON.stringify(event));
  });

  it('has no other fields than are published', () => {
    const { properties } = eventJsonSchema(kind) as { properties: { data: { properties: object } } };
    expect(new Set(Object.keys(properties))).toEqual(new Set(Object.keys(event)));
    expect(new Set(Object.keys(properties.data.properties))).toEqual(new Set(Object.keys(event.data)));
  });

  it('leaves behind whatever else came along', () => {
    const laden = {
      ...description,
      secret: SECRET,
      target: { ...description.target, secret: SECRET },
      spec: { secret: SECRET },
    };
    expect(JSON.stringify(laden)).toContain(SECRET);
    expect(eventOf(laden)).toEqual(event);
  });

  it('is read by the service’s own reader as nothing that it should act on', () => {
    expect(readEvent(event)).toEqual({ kind: 'other', id: event.id, type: event.type });
  });
});

it('optional fields are left out, not null', () => {
  const { apiKeyId: _, ...failed } = ofKind('failed') as Extract<EventDescription, { kind: 'failed' }>;
  expect(Object.keys(eventOf(failed).data)).not.toContain('apiKeyId');
});
