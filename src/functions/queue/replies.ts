import { createHash } from 'node:crypto';
import { buildResult, problemBody } from '../../vending/answers/result.ts';
import { revokedStatusOf } from '../../vending/answers/status.ts';
import type { Outcome } from '../../vending/command.ts';
import type { Problem } from '../../vending/model/problems.ts';
import type { OutgoingMessage } from '../../vending/ports/messenger.ts';
import type { Envelope } from './delayed-copy.ts';
import { bodyText, type QueueMessage } from './message.ts';

/** Bytes of a rejected body that its rejection carries: base64 of them fits into a message of the Standard tier. */
const ECHO_LIMIT = 48 * 1024;

/**
 * The answer to a message. Its id is that of the message, and of whether it was served: however often it is worked on,
 * be it for another key after a rotation, duplicate detection leaves the first answer of each kind. Under one id for
 * both, a key made after a failure was answered would be told to nobody.
 */
export function answerTo(envelope: Envelope, outcome: Outcome): OutgoingMessage {
  const correlation = envelope.messageId === undefined ? {} : { correlationId: envelope.messageId };
  const messageId = hashOf(nameOf(envelope), wasServed(outcome) ? 'served' : 'failed');
  return { messageId, ...contentOf(outcome), ...correlation };
}

/** What was revoked had been vended, and that may have been the answer. */
const wasServed = (outcome: Outcome): boolean => outcome.kind !== 'problem' || outcome.problem.type === 'revoked';

type Content = Pick<OutgoingMessage, 'subject' | 'contentType' | 'body'>;

function contentOf(outcome: Outcome): Content {
  const json = (subject: string, body: unknown): Content => ({
    subject,
    contentType: 'application/json',
    body: JSON.stringify(body),
  });
  switch (outcome.kind) {
    case 'vended':
      return json('vended', buildResult(outcome.intent));
    case 'revoked':
      return json('revoked', revokedStatusOf(outcome));
    case 'previewed':
      return json('previewed', outcome.preview);
    case 'problem': {
      const { problem, requestId } = outcome;
      const body = JSON.stringify(problemBody(problem, requestId));
      return { subject: problem.type, contentType: 'application/problem+json', body };
    }
  }
}

/**
 * The answer to a message that is no request: it carries the message's body, so that nothing is lost. Its id depends on
 * the message's number and on the body too: a body can forge the reference, and duplicate detection would swallow the
 * answer to all but the first.
 */
export function rejectionOf(message: QueueMessage, problem: Problem): OutgoingMessage {
  const { queue, sequenceNumber, reference } = message;
  const text = bodyText(message);
  const bytes = Buffer.from(text ?? '');
  const rejected = {
    bodyBase64: bytes.subarray(0, ECHO_LIMIT).toString('base64'),
    truncated: text === undefined || bytes.byteLength > ECHO_LIMIT,
  };
  return {
    messageId: hashOf(queue, sequenceNumber, reference, problem.type, bytes.toString()),
    subject: problem.type,
    contentType: 'application/problem+json',
    body: JSON.stringify({ ...problemBody(problem), rejected }),
    ...(message.messageId === undefined ? {} : { correlationId: message.messageId }),
  };
}

export const copyId = (envelope: Envelope): string => `${nameOf(envelope).slice(0, 40)}.r${envelope.copies}`;

/**
 * What tells a message from all others. The caller and the key are part of it: senders on two queues may use the same
 * message id, and two messages may carry the same idempotency key; duplicate detection must not swallow either.
 */
const nameOf = ({ caller, key, reference }: Envelope): string => hashOf(caller, JSON.stringify(key ?? null), reference);

export const hashOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
