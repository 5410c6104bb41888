import { createHash } from 'node:crypto';
import type { Outcome } from '../../vending/command.ts';
import type { OutgoingMessage } from '../../vending/ports/messenger.ts';
import type { Problem } from '../../vending/problems.ts';
import { buildResult, problemBody } from '../../vending/result.ts';
import { revokedStatusOf } from '../../vending/status.ts';
import type { Envelope } from './delayed-copy.ts';
import { bodyText, type QueueMessage } from './message.ts';

/** Bytes of a rejected body that its rejection carries: base64 of them fits into a message of the Standard tier. */
const ECHO_LIMIT = 48 * 1024;

/**
 * The answer to a request. Its id is that of the message and request alone: however often it is worked on, and whatever
 * that comes to, duplicate detection leaves the first answer.
 */
export function answerTo(envelope: Envelope, outcome: Outcome): OutgoingMessage {
  const correlation = envelope.messageId === undefined ? {} : { correlationId: envelope.messageId };
  const { requestId, ...content } = contentOf(outcome);
  return { messageId: hashOf(envelope.reference, requestId), ...content, ...correlation };
}

type Content = Pick<OutgoingMessage, 'subject' | 'contentType' | 'body'> & { readonly requestId: string };

function contentOf(outcome: Outcome): Content {
  const json = (subject: string, requestId: string, body: unknown): Content => ({
    subject,
    requestId,
    contentType: 'application/json',
    body: JSON.stringify(body),
  });
  switch (outcome.kind) {
    case 'vended':
      return json('vended', outcome.intent.id, buildResult(outcome.intent));
    case 'revoked':
      return json('revoked', outcome.intent.id, revokedStatusOf(outcome));
    case 'previewed':
      return json('previewed', outcome.preview.requestId, outcome.preview);
    case 'problem': {
      const { problem, requestId } = outcome;
      const body = JSON.stringify(problemBody(problem, requestId));
      return { subject: problem.type, requestId, contentType: 'application/problem+json', body };
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

/**
 * The id of a delayed copy. It depends on the caller and on the message: senders on two queues may use the same message
 * id, and two messages may carry the same idempotency key; duplicate detection must not swallow either.
 */
export const copyId = ({ caller, key, reference, copies }: Envelope): string =>
  `${hashOf(caller, JSON.stringify(key ?? null), reference).slice(0, 40)}.r${copies}`;

export const hashOf = (...parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
