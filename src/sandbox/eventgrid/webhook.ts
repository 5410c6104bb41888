import type { TokenIssuer } from '../entra/token-issuer.ts';
import { type AttemptOutcome, isSuccess } from './retry.ts';
import { contentType, deliveryHeaders, type Shipment, webhookBody } from './wire.ts';

export interface Webhook {
  readonly url: string;
  /** Audience of the bearer token; absent: none is sent. */
  readonly audience?: string;
  /** The app roles that the webhook's owner has assigned to Event Grid. */
  readonly roles?: readonly string[];
}

/** The identity that calls a webhook: Event Grid's service principal in the tenant. */
export interface Sender {
  readonly issuer: TokenIssuer;
  readonly oid: string;
}

/** Client id of Microsoft.EventGrid, the same in every tenant. */
const EVENT_GRID_APP = '4962773b-9cdb-44cf-a8bf-237846a00ab7';

/** How long Event Grid waits for an answer: https://learn.microsoft.com/azure/event-grid/delivery-and-retry */
export const RESPONSE_TIMEOUT_MS = 30_000;

export async function authorization({ issuer, oid }: Sender, webhook: Webhook): Promise<Record<string, string>> {
  if (webhook.audience === undefined) return {};
  const { audience, roles = [] } = webhook;
  const { token } = await issuer.issueCallerToken({ audience, oid, appid: EVENT_GRID_APP, roles });
  return { authorization: `Bearer ${token}` };
}

export async function postToWebhook(
  sender: Sender,
  webhook: Webhook,
  shipment: Shipment,
  timeoutMs: number,
): Promise<AttemptOutcome> {
  const headers = {
    ...deliveryHeaders(shipment),
    ...(await authorization(sender, webhook)),
    'content-type': contentType(shipment.schema, shipment.batched),
  };
  return send(webhook.url, { method: 'POST', headers, body: webhookBody(shipment) }, timeoutMs);
}

async function send(url: string, init: RequestInit, timeoutMs: number): Promise<AttemptOutcome> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    await response.arrayBuffer();
    return isSuccess(response.status) ? { kind: 'delivered' } : { kind: 'failed', reason: response.status };
  } catch (error) {
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError';
    return { kind: 'failed', reason: timedOut ? 'timed-out' : 'unreachable' };
  }
}
