import {
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type HttpClient,
  type PipelinePolicy,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import * as z from 'zod';
import type { PublishableEvent } from '../../vending/events/outgoing-schema.ts';
import type { EventPublisher, PublishOutcome } from '../../vending/ports/messaging.ts';
import { within } from '../deadline.ts';
import { parseJson, readBody, USER_AGENT } from '../http.ts';
import { traceOf, traceOfResponse } from '../upstream-trace.ts';

const SCOPE = 'https://eventgrid.azure.net/.default';
const API_VERSION = '2018-01-01';
const RETRIES = { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 1_000 };
/** Somebody waits for the answer to a vend; an event that is not taken in this time is told by the reconciler. */
const DEADLINE_MS = 3_000;

const errorSchema = z.object({ error: z.object({ code: z.string() }) });

export interface EventGridTopicOptions {
  readonly credential: TokenCredential;
  /** `https://<topic>.<region>.eventgrid.azure.net/api/events`; the topic's input schema is CloudEvents 1.0. */
  readonly endpoint: string;
  /** Milliseconds for one event, with its token and its retries. Default 3,000. */
  readonly deadlineMs?: number;
}

/** A custom topic of Event Grid. An event is told again after any failure that may pass. */
export function createEventGridTopic({
  credential,
  endpoint,
  deadlineMs = DEADLINE_MS,
}: EventGridTopicOptions): EventPublisher {
  const client = createDefaultHttpClient();
  const pipeline = createEmptyPipeline();
  pipeline.addPolicy(defaultRetryPolicy(RETRIES));
  pipeline.addPolicy(bearerToken(credential));
  return {
    publish: async (event) => {
      const sending: Sending = { begun: false };
      try {
        return await within(deadlineMs, async (signal) => {
          const response = await pipeline.sendRequest(noting(client, sending), requestOf(endpoint, event, signal));
          const body = await readBody(response.readableStreamBody);
          return isSuccess(response.status)
            ? { kind: 'published' }
            : notPublished(traceOfResponse('events', response, codeIn(body)));
        });
      } catch (error) {
        return notPublished(traceOf(sending.begun ? 'events' : 'identity', error));
      }
    },
  };
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

const notPublished = (upstream: ReturnType<typeof traceOf>): PublishOutcome => ({ kind: 'not-published', upstream });

/** Whether a token was had, and the topic asked. */
interface Sending {
  begun: boolean;
}

const noting = (client: HttpClient, sending: Sending): HttpClient => ({
  sendRequest: (request) => {
    sending.begun = true;
    return client.sendRequest(request);
  },
});

/** Asks the credential, which caches, every time: see the policy for ARM. The client refuses plain HTTP. */
const bearerToken = (credential: TokenCredential): PipelinePolicy => ({
  name: 'eventGridBearerToken',
  sendRequest: async (request, next) => {
    const token = await credential.getToken(SCOPE);
    if (token === null) throw new Error('The credential has no token.');
    request.headers.set('authorization', `Bearer ${token.token}`);
    return next(request);
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

/** `traceOfResponse` drops what does not look like a code. */
const codeIn = (body: string | undefined): string | undefined =>
  errorSchema.safeParse(parseJson(body)).data?.error.code;
