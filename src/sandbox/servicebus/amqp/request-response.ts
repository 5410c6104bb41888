import rhea, { type AmqpError, type EventContext, type Message, type Receiver, type Sender } from 'rhea';
import { definedOnly } from '../queue/defined-only.ts';
import { unpackTransfer } from '../wire/wire-message.ts';
import { conditions } from './conditions.ts';

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
  requests.on('message', ({ message: encoded, delivery }: EventContext) => {
    const request = Buffer.isBuffer(encoded) ? unpackTransfer(encoded, null)?.[0]?.fields : undefined;
    if (request === undefined) {
      delivery?.reject(conditions.undecodable());
      return;
    }
    delivery?.accept();
    // rhea writes a transfer before an attach of the same tick: a reply to a link that was opened just now waits.
    handle(request, (response) =>
      setImmediate(() => replyLink(request.reply_to ?? '')?.send(toReply(request, response))),
    );
  });
}

/**
 * Both spellings of each property, since clients read both. .NET's client reads only an int as a status, and only a
 * symbol as a condition.
 */
function toReply(request: Message, { status, description, error, body }: Response): Message {
  const code = rhea.types.wrap_int(status);
  const condition = error?.condition === undefined ? undefined : rhea.types.wrap_symbol(error.condition);
  return {
    ...definedOnly({ correlation_id: request.message_id }),
    application_properties: definedOnly({
      'status-code': code,
      'status-description': description,
      'error-condition': condition,
      statusCode: code,
      statusDescription: description,
      errorCondition: condition,
    }),
    body: body ?? null,
  };
}
