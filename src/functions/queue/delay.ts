import { PROBLEMS, type Problem } from '../../vending/model/problems.ts';
import type { Envelope } from './delayed-copy.ts';
import type { QueueWork } from './services.ts';
import type { Work } from './work.ts';

export interface Delay {
  /** Whether it is one of the tries after which a failure is answered. */
  readonly counts: boolean;
  readonly waitMs: number | undefined;
}

const HOUR_MS = 3_600_000;
/** Of a hint that is put off by the hour: a month's. */
const MOST_COPIES = 750;
/** The key before this one is gone within minutes of its overlap's end, or Confluent does not delete it. */
const SOON_COPIES = 30;

/** How a message that could not be served is put off; undefined where it is answered, or given up. */
export function delayAfter(services: QueueWork, work: Work, envelope: Envelope, problem: Problem): Delay | undefined {
  const { type, retryAfterMs: waitMs } = problem;
  if (work.kind === 'hint') return delayOfHint(services, work, envelope, problem);
  // A rotation that is asked for every day of a long pause would come in crowds by the minute.
  if (type === 'paused') return { counts: false, waitMs: envelope.origin === 'service' ? HOUR_MS : waitMs };
  return mayTryAgain(services, envelope, problem) ? { counts: true, waitMs } : undefined;
}

/**
 * Key Vault says once in a secret's life that it nears its end, and once that it has expired: given up, nobody would
 * rotate that key, or revoke it. So where the usual tries are used up it comes again by the hour: that the end is near
 * until it is there, that it is there for a month.
 */
function delayOfHint(
  services: QueueWork,
  { event }: Extract<Work, { kind: 'hint' }>,
  envelope: Envelope,
  problem: Problem,
): Delay | undefined {
  const { type, retryAfterMs } = problem;
  if (type === 'rotation-too-soon') {
    const waitMs = envelope.copies < SOON_COPIES ? retryAfterMs : Math.max(HOUR_MS, retryAfterMs ?? 0);
    return envelope.copies < MOST_COPIES ? { counts: false, waitMs } : undefined;
  }
  if (type !== 'paused' && mayTryAgain(services, envelope, problem)) return { counts: true, waitMs: retryAfterMs };
  const isTimely = event.event === 'expired' || (event.expiresOn ?? 0) > services.ports.clock.now();
  return isTimely && envelope.copies < MOST_COPIES ? { counts: false, waitMs: HOUR_MS } : undefined;
}

const mayTryAgain = ({ queues }: QueueWork, { attempts }: Envelope, { type }: Problem): boolean =>
  PROBLEMS[type].transient && attempts < queues.backoff.maxAttempts;
