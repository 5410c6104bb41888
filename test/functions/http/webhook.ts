import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { type EventWebhook, receiveEvents } from '../../../src/functions/http/events.ts';
import { createGate } from '../../../src/functions/http/gate.ts';
import type { AuthenticationOutcome, Caller } from '../../../src/vending/model/caller.ts';
import type { ActionableEvent } from '../../../src/vending/ports/messaging.ts';
import { withRule } from '../../vending/world/steps.ts';

export const SENDER_ROLE = 'KeyVending.EventSender';
export const OPERATOR_ROLE = 'KeyVending.Operator';
export const PORTAL: Caller = { id: 'entra:tenant:portal', roles: [] };
export const EVENT_GRID: Caller = { id: 'entra:tenant:event-grid', roles: [SENDER_ROLE] };

export interface Delivery {
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

/** The webhook as the host calls it, with all that it took in and logged. */
export class Webhook {
  authentication: AuthenticationOutcome = { kind: 'authenticated', caller: PORTAL };
  fate: () => ReturnType<EventWebhook['intake']['accept']> = async () => 'accepted';
  readonly taken: {
    readonly events: readonly ActionableEvent[];
    readonly caller: Caller;
    readonly traceparent?: string;
  }[] = [];
  readonly logged: { level: string; record: Record<string, unknown> }[] = [];

  as(caller: Caller): this {
    this.authentication = { kind: 'authenticated', caller };
    return this;
  }

  /** JSON that is delivered as Event Grid delivers it. */
  post(value: unknown, headers: Record<string, string> = {}): Promise<HttpResponseInit> {
    return this.deliver({ body: JSON.stringify(value), headers: { 'content-type': 'application/json', ...headers } });
  }

  deliver(delivery: Delivery): Promise<HttpResponseInit> {
    return this.answer(requestOf(delivery));
  }

  async answer(request: HttpRequest): Promise<HttpResponseInit> {
    const handler = receiveEvents({
      gate: createGate({ authenticate: async () => this.authentication }),
      policy: withRule({ callers: { ids: [PORTAL.id] } }).policy,
      operatorRole: OPERATOR_ROLE,
      senderRole: SENDER_ROLE,
      intake: {
        accept: (events, caller, traceparent) => {
          this.taken.push({ events, caller, ...(traceparent !== undefined && { traceparent }) });
          return this.fate();
        },
      },
    });
    const context = new InvocationContext({
      logHandler: (level, text) => this.logged.push({ level, record: JSON.parse(String(text)) }),
    });
    const reply = await handler(request, context);
    if (!reply || !('status' in reply)) throw new Error('There is no answer');
    return reply as HttpResponseInit;
  }

  records(event: string): Record<string, unknown>[] {
    return this.logged.map(({ record }) => record).filter((record) => record.event === event);
  }
}

export function requestOf({ body = '', headers = {} }: Delivery): HttpRequest {
  const sent = typeof body === 'string' ? { string: body } : { bytes: body };
  return new HttpRequest({ method: 'POST', url: 'http://localhost/api/v1/events', headers, body: sent });
}

export const problem = (type: string) => ({ type: `urn:confluent-key-vending:problem:${type}` });
export const data = { id: 'abcdefghijklmnopqrstuvwxyz' };
export const command = (id = 'c-1') => ({
  ...{ specversion: '1.0', id, source: '/portal', type: 'com.example.apikey.revoke.requested.v1' },
  data,
});
export const COMMAND = { kind: 'command', operation: 'revoke', source: '/portal', id: 'c-1', data };
export const other = (id = 'o-1') => ({ specversion: '1.0', id, source: '/portal', type: 'com.example.other' });
export const unreadable = (id = 'u-1') => ({ specversion: '1.0', id, source: '', type: 'x' });
export const counts = (given: object) => ({
  status: 200,
  jsonBody: { accepted: 0, ignored: 0, refused: 0, unreadable: 0, ...given },
});
