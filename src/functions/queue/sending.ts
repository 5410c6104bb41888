import type { Problem } from '../../vending/model/problems.ts';
import { inSpan } from '../../vending/ports/in-span.ts';
import type { OutgoingMessage, SendOutcome } from '../../vending/ports/messenger.ts';
import { traceProperties } from '../trace.ts';
import type { QueueWork } from './services.ts';

/** Sends an answer, which continues the trace of what it answers. */
export function sendAnswer(work: QueueWork, queue: string, message: OutgoingMessage): Promise<void> {
  const reply = async (): Promise<void> => {
    const trace = traceProperties(work.ctx.telemetry?.traceparent() ?? work.traceparent);
    const applicationProperties = { ...message.applicationProperties, ...trace.applicationProperties };
    await sendWithRetry(work, 'reply-not-sent', () =>
      work.messenger.send(queue, { ...message, applicationProperties }),
    );
  };
  return inSpan(work.ctx, 'reply', message.subject === undefined ? {} : { outcome: message.subject }, reply);
}

/** Pauses between tries, in milliseconds. */
const PAUSES = [1_000, 2_000, 5_000, 10_000, 20_000];

type Attempt = () => Promise<SendOutcome | 'accepted' | 'not-accepted'>;

/**
 * An abandoned message comes back at once, and a few of those make a dead letter that nobody answers. So a queue that takes
 * no messages for a while is waited for here, well within the time that the host renews the message's lock.
 */
export async function sendWithRetry({ ctx }: QueueWork, event: string, attempt: Attempt): Promise<void> {
  for (const pause of [...PAUSES, undefined]) {
    const sent = await attempt();
    if (sent === 'accepted' || (typeof sent === 'object' && sent.kind === 'sent')) return;
    ctx.log({ level: 'error', event, ...(typeof sent === 'object' && { upstream: sent.upstream }) });
    if (pause !== undefined) await ctx.clock.sleep(pause);
  }
  throw new Error('A message was not sent.');
}

export function logProblem({ ctx }: QueueWork, { type }: Problem, credentialId?: string): void {
  ctx.log({
    level: 'warn',
    event: 'request-failed',
    problem: type,
    ...(credentialId !== undefined && { credentialId }),
  });
}
