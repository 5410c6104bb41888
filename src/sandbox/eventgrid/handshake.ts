import * as z from 'zod';
import { type DeliverySchema, gridTime } from './grid-event.ts';
import { isSuccess } from './retry.ts';
import { authorization, RESPONSE_TIMEOUT_MS, type Sender, type Webhook } from './webhook.ts';

/** The result of a webhook's validation. `unanswered`: it may still be validated by its URL. */
export type HandshakeResult =
  | { readonly kind: 'agreed' }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'refused'; readonly why: string };

export interface Handshake {
  readonly sender: Sender;
  readonly webhook: Webhook;
  readonly subscription: string;
  /** Resource id of the topic. */
  readonly topic: string;
  readonly code: string;
  readonly validationUrl: string;
  /** Ms since the epoch. */
  readonly now: number;
}

const ORIGIN = 'eventgrid.azure.net';
/** Requests a minute that it asks for. */
const REQUEST_RATE = '120';

export async function shakeHands(schema: DeliverySchema, handshake: Handshake): Promise<HandshakeResult> {
  try {
    return await (schema === 'cloudevents' ? askPermission(handshake) : sendValidationEvent(handshake));
  } catch (error) {
    return { kind: 'refused', why: `${handshake.webhook.url} cannot be reached: ${String(error)}` };
  }
}

const responseSchema = z.object({ validationResponse: z.string() });

/** Source: https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema */
async function sendValidationEvent(handshake: Handshake): Promise<HandshakeResult> {
  const { code, validationUrl, now, topic, subscription } = handshake;
  const event = {
    id: crypto.randomUUID(),
    topic,
    subject: '',
    data: { validationCode: code, validationUrl },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: gridTime(now),
    metadataVersion: '1',
    dataVersion: '2',
  };
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'aeg-event-type': 'SubscriptionValidation',
    'aeg-subscription-name': subscription.toUpperCase(),
  };
  const response = await ask(handshake, 'POST', headers, JSON.stringify([event]));
  const text = await response.text();
  if (!isSuccess(response.status)) return { kind: 'refused', why: `It answered ${response.status}.` };
  const echoed = echoedCode(text);
  if (echoed === undefined) return { kind: 'unanswered' };
  return echoed === code ? { kind: 'agreed' } : { kind: 'refused', why: 'It answered with another validation code.' };
}

function echoedCode(text: string): string | undefined {
  try {
    return responseSchema.safeParse(JSON.parse(text)).data?.validationResponse;
  } catch {
    return undefined;
  }
}

/** Source: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md, section Abuse Protection. */
async function askPermission(handshake: Handshake): Promise<HandshakeResult> {
  const response = await ask(handshake, 'OPTIONS', {
    'webhook-request-origin': ORIGIN,
    'webhook-request-callback': handshake.validationUrl,
    'webhook-request-rate': REQUEST_RATE,
  });
  await response.arrayBuffer();
  if (!isSuccess(response.status)) return { kind: 'refused', why: `It answered ${response.status}.` };
  const origin = response.headers.get('webhook-allowed-origin');
  const rate = response.headers.get('webhook-allowed-rate');
  if (origin === null) return { kind: 'unanswered' };
  if (origin !== ORIGIN && origin !== '*') {
    return { kind: 'refused', why: `Its WebHook-Allowed-Origin names ${origin}.` };
  }
  if (rate === null || !/^(\*|[1-9][0-9]*)$/.test(rate)) {
    return { kind: 'refused', why: 'Asked with a rate, it must answer with a WebHook-Allowed-Rate.' };
  }
  return { kind: 'agreed' };
}

async function ask(
  { sender, webhook }: Handshake,
  method: string,
  headers: Record<string, string>,
  body?: string,
): Promise<Response> {
  return fetch(webhook.url, {
    method,
    headers: { ...headers, ...(await authorization(sender, webhook)) },
    redirect: 'manual',
    signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    ...(body !== undefined && { body }),
  });
}
