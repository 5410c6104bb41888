import type { Outcome } from '../../vending/commands/outcome.ts';
import { PROBLEMS } from '../../vending/model/problems.ts';
import { hashOf } from './message.ts';
import { sendWithRetry } from './replies.ts';
import { type Envelope, writeRetryMessage } from './retry-messages.ts';
import type { Backoff, QueueServices, QueueWork } from './services.ts';
import { type Work, writeWork } from './work.ts';

export interface Retry {
  /** Only a failure uses up one of the attempts after which it is answered. */
  readonly after: 'failure' | 'pause' | 'throttling';
  readonly waitMs: number | undefined;
}

const HOUR_MS = 3_600_000;

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
      return hasAttempts ? { after: 'failure', waitMs: outcome.retryAfterMs } : undefined;
    case 'problem': {
      const { type, retryAfterMs: waitMs } = outcome.problem;
      // Rotations that the service asks for would come in crowds by the minute.
      if (type === 'paused') return { after: 'pause', waitMs: envelope.origin === 'sender' ? waitMs : HOUR_MS };
      if (type === 'upstream-throttled') return { after: 'throttling', waitMs };
      return PROBLEMS[type].transient && hasAttempts ? { after: 'failure', waitMs } : undefined;
    }
  }
}

/** Puts a message for the same work on the retry queue. */
export async function reschedule(services: QueueWork, before: Envelope, work: Work, retry: Retry): Promise<void> {
  const { ctx, queues, messenger } = services;
  const attempts = retry.after === 'failure' ? before.attempts + 1 : before.attempts;
  const envelope = { ...before, rescheduleCount: before.rescheduleCount + 1, attempts };
  const message = writeRetryMessage({ envelope, work: writeWork(work) });
  const at = ctx.clock.now() + waitOf(queues.backoff, envelope, retry);
  // At the end of its time to live the sender learns that the message expired.
  const { expiresAt = at } = before;
  const notBefore = new Date(expiresAt > ctx.clock.now() ? Math.min(at, expiresAt) : at);
  await sendWithRetry(services, 'retry-not-sent', () => messenger.sendLater(queues.retryQueue, message, notBefore));
}

function waitOf(
  backoff: Backoff,
  { attempts, reference, rescheduleCount }: Envelope,
  { after, waitMs }: Retry,
): number {
  if (after !== 'throttling') return delayOf(backoff, attempts, waitMs);
  return throttledDelayOf(backoff, rescheduleCount - 1, jitterOf(reference, rescheduleCount), waitMs);
}

/** From 0 to 1. As good as random among messages, and the same for every delivery of one. */
export const jitterOf = (reference: string, rescheduleCount: number): number =>
  Number.parseInt(hashOf(reference, rescheduleCount).slice(0, 8), 16) / 2 ** 32;

/** Exponential, and never before the time that the upstream asked for. */
export function delayOf({ baseMs, maxMs }: Backoff, attempts: number, retryAfterMs = 0): number {
  return Math.max(Math.min(maxMs, baseMs * 2 ** Math.max(0, attempts - 1)), retryAfterMs);
}

/** Each wait is about a tenth of all waits before, so the last message of a backlog is hardly later than ARM's own limit. */
const GROWTH = 1.2;

/**
 * As long as ARM asked for, and then a share of a window that grows with every wait. Without the shares a backlog would come
 * back as one crowd. With a window that doubles, the last of it would come when ARM has long been idle.
 *
 * @param waits how often the message waited before
 * @param share from 0 to 1: where in the window
 */
export function throttledDelayOf({ baseMs, maxMs }: Backoff, waits: number, share: number, retryAfterMs = 0): number {
  return retryAfterMs + Math.round(share * Math.min(maxMs, baseMs * GROWTH ** waits));
}
