import type { Outcome } from '../../vending/commands/outcome.ts';
import { PROBLEMS } from '../../vending/model/problems.ts';
import { delayOf } from './backoff.ts';
import { type Envelope, writeRetryMessage } from './retry-message.ts';
import { sendWithRetry } from './sending.ts';
import type { QueueServices, QueueWork } from './services.ts';
import { type Work, writeWork } from './work.ts';

export interface Retry {
  /** It uses up one of the attempts after which a failure is answered. */
  readonly counts: boolean;
  readonly waitMs: number | undefined;
}

const HOUR_MS = 3_600_000;
/** After a day the reconciler asks for a rotation again. */
const MAX_HOURS_OF_PAUSE = 24;

/** How a message is tried again; undefined where its outcome is final. */
export function retryOf({ queues }: QueueServices, envelope: Envelope, outcome: Outcome): Retry | undefined {
  const hasAttempts = envelope.attempts < queues.backoff.maxAttempts;
  switch (outcome.kind) {
    case 'vended':
    case 'overlap-ended':
    case 'revoked':
    case 'previewed':
      return undefined;
    case 'revoking':
      return hasAttempts ? { counts: true, waitMs: outcome.retryAfterMs } : undefined;
    case 'problem': {
      const { type, retryAfterMs: waitMs } = outcome.problem;
      if (type === 'paused') return waitForEndOfPause(envelope, waitMs);
      return PROBLEMS[type].transient && hasAttempts ? { counts: true, waitMs } : undefined;
    }
  }
}

/** Rotations that the service asks for would come in crowds by the minute. */
function waitForEndOfPause({ origin, rescheduleCount }: Envelope, waitMs: number | undefined): Retry | undefined {
  if (origin === 'sender') return { counts: false, waitMs };
  return rescheduleCount < MAX_HOURS_OF_PAUSE ? { counts: false, waitMs: HOUR_MS } : undefined;
}

/** Puts a message for the same work on the retry queue. */
export async function reschedule(
  services: QueueWork,
  before: Envelope,
  work: Work,
  { counts, waitMs }: Retry,
): Promise<void> {
  const { ctx, queues, messenger } = services;
  const attempts = counts ? before.attempts + 1 : before.attempts;
  const envelope = { ...before, rescheduleCount: before.rescheduleCount + 1, attempts };
  const message = writeRetryMessage({ envelope, work: writeWork(work) });
  const at = ctx.clock.now() + delayOf(queues.backoff, attempts, waitMs);
  // At the end of its time to live the sender learns that the message expired.
  const notBefore = new Date(Math.min(at, before.expiresAt ?? at));
  await sendWithRetry(services, 'retry-not-sent', () => messenger.sendLater(queues.retryQueue, message, notBefore));
}
