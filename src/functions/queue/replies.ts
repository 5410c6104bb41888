import { answerOf } from '../../vending/answers/credential.ts';
import { problemBody } from '../../vending/answers/problem.ts';
import type { Outcome } from '../../vending/commands/outcome.ts';
import type { Problem } from '../../vending/model/problems.ts';
import type { EventIntake, OutgoingMessage, SendOutcome } from '../../vending/ports/messaging.ts';
import { inSpan } from '../../vending/ports/telemetry.ts';
import { traceProperties } from '../context.ts';
import { hashOf, type QueueMessage, type ReplyTarget } from './message.ts';
import type { Envelope } from './retry-messages.ts';
import type { QueueSettings, QueueWork } from './services.ts';

/** Bytes of a rejected body that its rejection carries: base64 of them fits into a message of the Standard tier. */
const ECHO_LIMIT = 48 * 1024;

/**
 * Service Bus compares names of queues without regard to case.
 *
 * @returns undefined where the sender asks for a queue that the service may not answer on.
 */
export function replyQueueOf({ resultQueue, replyQueues }: QueueSettings, { queue }: ReplyTarget): string | undefined {
  if (queue === undefined) return resultQueue;
  return [resultQueue, ...replyQueues].find((allowed) => allowed.toLowerCase() === queue.toLowerCase());
}

/**
 * The answer to a message. Its id is made of the message's reference and of whether the message was served. Duplicate
 * detection leaves the first answer of each kind, however often the message is delivered. With one id for both kinds, the
 * answer to a request that is served after its failure was answered would be dropped.
 */
export function answerTo({ caller, reference, reply }: Envelope, outcome: Outcome): OutgoingMessage {
  const messageId = hashOf(caller, reference, wasServed(outcome) ? 'served' : 'failed');
  return { messageId, ...contentOf(outcome), ...addressed(reply) };
}

/** A revoked credential had been vended, and that may have been the first answer. */
function wasServed(outcome: Outcome): boolean {
  switch (outcome.kind) {
    case 'vended':
    case 'overlap-ended':
    case 'revoked':
    case 'previewed':
      return true;
    case 'revoking':
      return false;
    case 'problem':
      return outcome.problem.type === 'revoked';
  }
}

type Content = Pick<OutgoingMessage, 'subject' | 'contentType' | 'body'>;

function contentOf(outcome: Outcome): Content {
  const json = (subject: string, body: unknown): Content => ({
    subject,
    contentType: 'application/json',
    body: JSON.stringify(body),
  });
  switch (outcome.kind) {
    case 'vended':
      return json(
        outcome.rotation === undefined ? 'vended' : 'rotated',
        answerOf(outcome.credential, outcome.rotation),
      );
    case 'overlap-ended':
    case 'revoked':
    case 'revoking':
      return json(outcome.kind, answerOf(outcome.credential));
    case 'previewed':
      return json('previewed', outcome.preview);
    case 'problem': {
      const { problem, id } = outcome;
      const body = JSON.stringify(problemBody(problem, id));
      return { subject: problem.type, contentType: 'application/problem+json', body };
    }
  }
}

/** The answer to a message that is no request. It carries the message's body as it was sent, so that nothing is lost. */
export function rejectionOf(message: QueueMessage, reply: ReplyTarget, problem: Problem): OutgoingMessage {
  const rejected = {
    bodyBase64: Buffer.from(message.body.subarray(0, ECHO_LIMIT)).toString('base64'),
    truncated: message.body.byteLength > ECHO_LIMIT,
  };
  return {
    messageId: hashOf(message.reference, problem.type),
    subject: problem.type,
    contentType: 'application/problem+json',
    body: JSON.stringify({ ...problemBody(problem), rejected }),
    ...addressed(reply),
  };
}

type Addressed = Pick<OutgoingMessage, 'correlationId' | 'sessionId' | 'applicationProperties'>;

/** A message without a usable id is known by its number and time in the queue. */
const addressed = ({ correlationId, sessionId, sequenceNumber, enqueuedTime }: ReplyTarget): Addressed => ({
  ...(correlationId !== undefined && { correlationId }),
  ...(sessionId !== undefined && { sessionId }),
  applicationProperties: {
    ...(sequenceNumber !== undefined && { sequenceNumber }),
    ...(enqueuedTime !== undefined && { enqueuedTime }),
  },
});

/**
 * Sends an answer, which continues the trace of what it answers. A sender's own reply queue may be gone or full, or may ask for
 * a session that the sender did not name. The result queue gets the answer then.
 */
export function sendAnswer(work: QueueWork, queue: string, message: OutgoingMessage): Promise<void> {
  const { resultQueue } = work.queues;
  const reply = async (): Promise<void> => {
    const trace = traceProperties(work.ctx.telemetry?.traceparent() ?? work.traceparent);
    const applicationProperties = { ...message.applicationProperties, ...trace.applicationProperties };
    const sendTo =
      (name: string): Attempt =>
      () =>
        work.messenger.send(name, { ...message, applicationProperties });
    if (queue === resultQueue) return sendWithRetry(work, 'reply-not-sent', sendTo(resultQueue));
    if (await isSent(work, 'reply-not-sent', sendTo(queue), FEW_PAUSES)) return;
    await sendWithRetry(work, 'reply-not-sent', async () => {
      // A bus that is busy refuses both. The sender waits at its own queue.
      const sent = await sendTo(queue)();
      if (isTaken(sent)) return sent;
      const instead = await sendTo(resultQueue)();
      if (isTaken(instead)) work.ctx.log({ level: 'warn', event: 'reply-on-result-queue', state: queue });
      return instead;
    });
  };
  return inSpan(work.ctx, 'reply', message.subject === undefined ? {} : { outcome: message.subject }, reply);
}

/** Pauses between tries, in milliseconds. */
const PAUSES = [1_000, 2_000, 5_000, 10_000, 20_000];
/** Where there is another queue. */
const FEW_PAUSES = PAUSES.slice(0, 3);

type Attempt = () => Promise<Awaited<ReturnType<EventIntake['accept']>> | SendOutcome>;

const isTaken = (sent: Awaited<ReturnType<Attempt>>): boolean =>
  sent === 'accepted' || (typeof sent === 'object' && sent.kind === 'sent');

/**
 * An abandoned message comes back at once, and a few of those make a dead letter that nobody answers. So a queue that takes
 * no messages for a while is waited for here, well within the time that the host renews the message's lock.
 */
export async function sendWithRetry(work: QueueWork, event: string, attempt: Attempt): Promise<void> {
  if (!(await isSent(work, event, attempt, PAUSES))) throw new Error('A message was not sent.');
}

async function isSent(
  { ctx }: QueueWork,
  event: string,
  attempt: Attempt,
  pauses: readonly number[],
): Promise<boolean> {
  for (const pause of [...pauses, undefined]) {
    const sent = await attempt();
    if (isTaken(sent)) return true;
    const upstream = typeof sent === 'object' && 'upstream' in sent ? { upstream: sent.upstream } : {};
    ctx.log({ level: 'error', event, ...upstream });
    if (pause !== undefined) await ctx.clock.sleep(pause);
  }
  return false;
}

export function logProblem({ ctx }: QueueWork, { type }: Problem, credentialId?: string): void {
  ctx.log({
    level: 'warn',
    event: 'request-failed',
    problem: type,
    ...(credentialId !== undefined && { credentialId }),
  });
}
