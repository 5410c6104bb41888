import type { AmqpError, EventContext, Message, Receiver, Sender } from 'rhea';
import { definedOnly } from '../defined-only.ts';

export interface Response {
  readonly status: number;
  readonly description: string;
  readonly error?: AmqpError;
  readonly body?: Record<string, unknown>;
}

export const failure = (status: number, error: AmqpError): Response => ({
  status,
  description: error.description ?? '',
  error,
});

/**
 * The request/response pattern of `$cbs` and `$management`: requests come in on one link, and the answer leaves on
 * the link of the same connection that `reply-to` names.
 */
export function serveRequests(
  requests: Receiver,
  replyLink: (replyTo: string) => Sender | undefined,
  handle: (request: Message, reply: (response: Response) => void) => void,
): void {
  requests.on('message', ({ message: request, delivery }: EventContext) => {
    if (request === undefined || Buffer.isBuffer(request)) return;
    delivery?.accept();
    handle(request, (response) => replyLink(request.reply_to ?? '')?.send(toReply(request, response)));
  });
}

/** Both spellings of each property: the client reads the one of them here and the other there. */
function toReply(request: Message, { status, description, error, body }: Response): Message {
  const condition = error?.condition;
  return {
    ...definedOnly({ correlation_id: request.message_id }),
    application_properties: definedOnly({
      'status-code': status,
      'status-description': description,
      'error-condition': condition,
      statusCode: status,
      statusDescription: description,
      errorCondition: condition,
    }),
    body: body ?? null,
  };
}
