import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type HttpClient,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { PublishableEvent } from '../../vending/events/outgoing-schema.ts';
import type { EventPublisher, PublishOutcome } from '../../vending/ports/messaging.ts';
import { within } from '../deadline.ts';
import { authenticationPolicy, errorCodeIn, isSuccess, pipelineOf, readBody, USER_AGENT } from '../http.ts';
import { traceOf, traceOfResponse } from '../upstream-trace.ts';

const SCOPE = 'https://eventgrid.azure.net/.default';
const API_VERSION = '2018-01-01';
const RETRIES = { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 };
/** For one event, with its token and its retries. The reconciler publishes what takes longer. */
const DEADLINE_MS = 3_000;

export interface EventGridTopicOptions {
  readonly credential: TokenCredential;
  /** `https://<topic>.<region>.eventgrid.azure.net/api/events`; the topic's input schema is CloudEvents 1.0. */
  readonly endpoint: string;
}

/** A custom topic of Event Grid. An event is published again after any failure that may pass. */
export function createEventGridTopic({ credential, endpoint }: EventGridTopicOptions): EventPublisher {
  const client = createDefaultHttpClient();
  const pipeline = pipelineOf(defaultRetryPolicy(RETRIES), authenticationPolicy(credential, SCOPE));
  return {
    publish: async (event) => {
      const sending: Sending = { begun: false };
      try {
        return await within(DEADLINE_MS, async (signal) => {
          const response = await pipeline.sendRequest(noting(client, sending), requestOf(endpoint, event, signal));
          const body = await readBody(response.readableStreamBody);
          return isSuccess(response.status)
            ? { kind: 'published' }
            : notPublished(traceOfResponse('events', response, errorCodeIn(body)));
        });
      } catch (error) {
        return notPublished(traceOf(sending.begun ? 'events' : 'identity', error));
      }
    },
  };
}

const notPublished = (upstream: ReturnType<typeof traceOf>): PublishOutcome => ({ kind: 'not-published', upstream });

/** True if there was a token, and the topic was asked. */
interface Sending {
  begun: boolean;
}

const noting = (client: HttpClient, sending: Sending): HttpClient => ({
  sendRequest: (request) => {
    sending.begun = true;
    return client.sendRequest(request);
  },
});

function requestOf(endpoint: string, event: PublishableEvent, signal: AbortSignal): PipelineRequest {
  const url = new URL(endpoint);
  url.searchParams.set('api-version', API_VERSION);
  return createPipelineRequest({
    method: 'POST',
    url: url.href,
    abortSignal: signal,
    headers: createHttpHeaders({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'user-agent': USER_AGENT,
    }),
    body: JSON.stringify(event),
    // As a stream, so that no more of an answer is read than one needs.
    streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
  });
}
