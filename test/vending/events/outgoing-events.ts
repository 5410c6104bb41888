import { type CommittedChange, eventsOf } from '../../../src/vending/events/outgoing.ts';
import { EVENT_KINDS, type EventKind, type OutgoingEvent } from '../../../src/vending/events/outgoing-schema.ts';
import { type AuditRecord, auditRecordOf } from '../../../src/vending/model/audit.ts';
import { CURRENT, DAY, NEXT, NOW, rows } from '../model/credentials.ts';

const expiresOn = NOW + 90 * DAY;
const revocation = { since: NOW, by: 'queue:orders' };

/** A commit of each kind that is worth an event, with every field that its event may have. */
export const HAPPENED = {
  vended: {
    change: 'recordVended',
    before: rows.minted(),
    after: rows.vended({ sequence: 3, writeId: 'write-3' }, { expiresOn }),
  },
  rotated: {
    change: 'recordVended',
    before: rows.rotating({}, { phase: 'minted', keyId: 'KEY2' }),
    after: rows.rotated({ sequence: 6, writeId: 'write-6', current: { ...NEXT, expiresOn } }),
  },
  revoked: {
    change: 'recordOverlapEnded',
    before: rows.rotated(),
    after: rows.vended({ attempts: 2, sequence: 7, writeId: 'write-7', current: NEXT }),
  },
  orphaned: {
    change: 'recordUnknown',
    before: rows.minting(),
    after: rows.unknown({ sequence: 2, writeId: 'write-2' }),
  },
  failed: {
    change: 'recordCompensated',
    before: rows.compensating(),
    after: rows.failed({ sequence: 4, writeId: 'write-4' }),
  },
  expired: {
    change: 'noteExpiry',
    before: rows.vended({}, { expiresOn }),
    after: rows.vended({ sequence: 8, writeId: 'write-8', revocation, current: { ...CURRENT, expiresOn } }),
  },
} as const satisfies Record<EventKind, Omit<CommittedChange, 'at'>>;

/** @throws where the commit is not worth one event */
export function eventOf(kind: EventKind): OutgoingEvent {
  const [event, ...more] = eventsOf({ ...HAPPENED[kind], at: NOW });
  if (event === undefined || more.length > 0) throw new Error(`One event of ${kind} was expected.`);
  return event;
}

/** One event of each kind. */
export const EVENTS: readonly OutgoingEvent[] = EVENT_KINDS.map(eventOf);

export const auditOf = (): AuditRecord =>
  auditRecordOf({ ...HAPPENED.vended, at: NOW, actor: 'worker', cause: undefined });
