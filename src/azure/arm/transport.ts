import { Agent } from 'node:https';
import { createSecureContext } from 'node:tls';
import {
  agentPolicy,
  createDefaultHttpClient,
  createEmptyPipeline,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type HttpClient,
  type PipelinePolicy,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import { ARM_SCOPE, authenticationPolicy } from '../authentication.ts';
import { within } from '../deadline.ts';
import { type TraceableResponse, traceOf } from '../upstream-trace.ts';
import { readBody } from './body.ts';
import { OneRequest } from './one-request.ts';

const IDEMPOTENT_RETRIES = { maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 };
const NOT_SENT_CODES: ReadonlySet<string | undefined> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']);

/** An answer whose status was received. The body may hold a secret: it goes to a schema and nowhere else. */
export interface ArmAnswer extends TraceableResponse {
  /** Undefined if it was cut off, too long, or not UTF-8. */
  readonly body: string | undefined;
}

/** One exchange with ARM, by what is proven: `broken` may have taken effect, or may yet. */
export type Exchange =
  | { readonly kind: 'answered'; readonly answer: ArmAnswer }
  | { readonly kind: 'not-sent' | 'broken'; readonly upstream: UpstreamTrace };

/** Both methods answer within the deadline and do not throw. */
export interface ArmTransport {
  /** Sends at most one request that ARM may act on. */
  postOnce(url: string, json: string, deadlineMs: number): Promise<Exchange>;
  /** For what may take effect any number of times: repeated after transient failures. */
  repeatable(method: 'GET' | 'DELETE', url: string, deadlineMs: number): Promise<Exchange>;
}

/**
 * ARM's pipelines, put together by hand: no redirects, which would send the POST again; no log policy; no retries
 * but on the idempotent one.
 */
export function createArmTransport(credential: TokenCredential): ArmTransport {
  const client = createDefaultHttpClient();
  const authenticate = authenticationPolicy(credential, ARM_SCOPE);
  const once = pipelineOf(agentPolicy(connectionsOfTheirOwn()), authenticate);
  const repeating = pipelineOf(defaultRetryPolicy(IDEMPOTENT_RETRIES), authenticate);
  return {
    postOnce: (url, json, deadlineMs) => {
      const one = new OneRequest(client);
      const send = (signal: AbortSignal) => once.sendRequest(one, requestOf('POST', url, signal, json));
      return exchange(deadlineMs, send, () => one.outstanding);
    },
    repeatable: (method, url, deadlineMs) => {
      let sent = false;
      const marking: HttpClient = {
        sendRequest: (request) => {
          sent = true;
          return client.sendRequest(request);
        },
      };
      const send = (signal: AbortSignal) => repeating.sendRequest(marking, requestOf(method, url, signal));
      return exchange(deadlineMs, send, () => sent);
    },
  };
}

/**
 * Each POST goes over a connection that was never used: what comes back on it can only be the answer to that POST, and a
 * peer that is just closing it cannot fake a reset, which would prove nothing and wait for an operator. Without a context
 * to share, Node makes one for each connection, a third of what it costs. Sessions are resumed.
 */
const connectionsOfTheirOwn = (): Agent => new Agent({ keepAlive: false, secureContext: createSecureContext() });

function pipelineOf(...policies: readonly PipelinePolicy[]) {
  const pipeline = createEmptyPipeline();
  for (const policy of policies) pipeline.addPolicy(policy);
  return pipeline;
}

function requestOf(method: 'POST' | 'GET' | 'DELETE', url: string, signal: AbortSignal, json?: string) {
  const request: PipelineRequest = createPipelineRequest({
    method,
    url,
    abortSignal: signal,
    headers: createHttpHeaders({ accept: 'application/json', 'user-agent': 'confluent-api-key-vending' }),
    streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
  });
  if (json !== undefined) {
    request.headers.set('content-type', 'application/json');
    request.body = json;
  }
  return request;
}

async function exchange(
  deadlineMs: number,
  send: (signal: AbortSignal) => Promise<PipelineResponse>,
  maybeSent: () => boolean,
): Promise<Exchange> {
  const seen: { response?: PipelineResponse } = {};
  try {
    return await within(deadlineMs, async (signal) => {
      const response = await send(signal);
      seen.response = response;
      return answered(response, await readBody(response.readableStreamBody));
    });
  } catch (error) {
    // A status that has come counts even if its body has not.
    if (seen.response !== undefined) return answered(seen.response, undefined);
    if (!maybeSent()) return { kind: 'not-sent', upstream: traceOf('identity', error) };
    const upstream = traceOf('arm', error);
    return { kind: NOT_SENT_CODES.has(upstream.code) ? 'not-sent' : 'broken', upstream };
  }
}

const answered = ({ status, headers }: PipelineResponse, body: string | undefined): Exchange => ({
  kind: 'answered',
  answer: { status, headers, body },
});
