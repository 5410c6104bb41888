import {
  EVENT_KINDS,
  type EventKind,
  eventDataSchemas,
  eventTypeOf,
  keptEventSchema,
  type PublishableEvent,
} from '../../../src/vending/events/outgoing-schema.ts';
import type { AuditRecord } from '../../../src/vending/model/audit.ts';
import { uniqueRecords } from './audit.ts';

/** Every commit that is worth an event was published at least once, and nothing else was. */
export function accountForEvents(bodies: readonly unknown[], records: readonly AuditRecord[]): string[] {
  const parsed = bodies.map(readEvent);
  const events = new Map(parsed.flatMap((event) => (event === undefined ? [] : [[event.id, event]])));
  const byId = uniqueRecords(records);
  const expected = new Map([...byId.values()].map((record) => [record.id, expectedEvents(record)]));
  const wanted = [...expected].flatMap(([id, kinds]) => kinds.map((kind, part) => ({ id: `${id}.${part}`, kind })));
  return [
    ...parsed.filter((event) => event === undefined).map(() => 'an event is not of the contract'),
    ...wanted.flatMap(({ id, kind }) => {
      const event = events.get(id);
      if (event === undefined) return [`event ${id}, ${kind}, was never published`];
      return event.type === eventTypeOf(kind) ? [] : [`event ${id} is ${event.type}, and the audit trail says ${kind}`];
    }),
    ...[...events.values()].flatMap((event) => strange(event, byId, expected)),
  ];
}

function readEvent(body: unknown): PublishableEvent | undefined {
  const event = keptEventSchema.safeParse(body).data;
  const kind = EVENT_KINDS.find((each) => eventTypeOf(each) === event?.type);
  return kind !== undefined && eventDataSchemas[kind].safeParse(event?.data).success ? event : undefined;
}

function strange(
  event: PublishableEvent,
  records: ReadonlyMap<string, AuditRecord>,
  expected: ReadonlyMap<string, readonly EventKind[]>,
): string[] {
  const [id = '', part] = event.id.split('.');
  const record = records.get(id);
  if (record === undefined) return [`event ${event.id} belongs to no record of the audit trail`];
  const { credentialId, sequence } = event.data;
  const isRight =
    record.credentialId === credentialId && record.sequence === sequence && event.subject === credentialId;
  return isRight && expected.get(id)?.[Number(part)] !== undefined
    ? []
    : [`event ${event.id}, ${event.type}, and its record disagree`];
}

function expectedEvents(record: AuditRecord): readonly EventKind[] {
  const { change, state, previousApiKeyId, removedApiKeyIds = [], from } = record;
  const isRevoked = state === 'revoking' || state === 'revoked';
  const failure: readonly EventKind[] = isRevoked ? [] : ['failed'];
  const revoked = removedApiKeyIds.map((): EventKind => 'revoked');
  switch (change) {
    case 'recordVended':
    case 'recoverVended':
    case 'resolveAsVended':
      return [previousApiKeyId === undefined ? 'vended' : 'rotated'];
    case 'recordUnknown':
    case 'recoverUnknown':
      return ['orphaned'];
    case 'recordNotMinted':
    case 'recordCompensated':
    case 'resolveWithoutKey':
      return failure;
    case 'wordGone':
      return from?.state === 'compensating' ? failure : revoked;
    case 'recordOverlapEnded':
    case 'recordRevoked':
      return revoked;
    case 'noteExpiry':
      return ['expired'];
    case 'claimVend':
    case 'claimRotation':
    case 'recordMinted':
    case 'discardKey':
    case 'recoverDiscarded':
    case 'resolveWithKey':
    case 'correctNone':
    case 'insertRecovered':
    case 'endOverlapNow':
    case 'revoke':
    case 'takeUpFoundKey':
    case 'wordNothingLeft':
    case 'noteRotationAsked':
    case 'scheduleRotation':
    case 'recordSwept':
    case 'recordReadersLost':
    case 'backOff':
      return [];
  }
}
