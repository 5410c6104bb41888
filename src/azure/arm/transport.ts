import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  defaultRetryPolicy,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../../vending/model/tracing.ts';
import { within } from '../deadline.ts';
import { ARM_SCOPE, authenticationPolicy, pipelineOf, readBody, USER_AGENT } from '../http.ts';
import { noPauseBeyondDeadline } from '../retry-after.ts';
import { type TraceableResponse, traceOf } from '../upstream-trace.ts';
import { Connections, connectionsTo, PreparedConnection } from './connection.ts';
import { OneRequest, type Stage } from './one-request.ts';

const IDEMPOTENT_RETRIES = { maxRetries: 2, retryDelayInMs: 500, maxRetryDelayInMs: 2_000 };

/** An answer whose status was received. The body may hold a secret: it goes to a schema and nowhere else. */
export interface ArmAnswer extends TraceableResponse {
  /** Undefined if it was cut off, too long, or not UTF-8. */
  readonly body: string | undefined;
}

/** One exchange with ARM, by what is proven: `broken` may have taken effect, or may yet. */
export type Exchange =
  | { readonly kind: 'answered'; readonly answer: ArmAnswer }
  | { readonly kind: 'not-sent' | 'broken'; readonly upstream: UpstreamTrace };

/** One POST, whose connection is open before its request is known. */
export interface OnePost {
  /** Sends at most one request that ARM may act on. Answers within the deadline and does not throw. */
  send(url: string, json: string, deadlineMs: number): Promise<Exchange>;
  /** Closes the connection. Nothing is sent any more. */
  discard(): void;
}

export interface ArmTransport {
  openPost(): OnePost;
  /**
   * For what may take effect any number of times: repeated after transient failures. Answers within the deadline and
   * does not throw.
   */
  repeatable(method: 'GET' | 'DELETE', url: string, deadlineMs: number): Promise<Exchange>;
}

/** Only the pipeline for what is idempotent retries. */
export function createArmTransport(credential: TokenCredential, origin: string): ArmTransport {
  const client = createDefaultHttpClient();
  const connections = new Connections(connectionsTo(origin));
  const repeating = pipelineOf(
    defaultRetryPolicy(IDEMPOTENT_RETRIES),
    noPauseBeyondDeadline,
    authenticationPolicy(credential, ARM_SCOPE),
  );
  return {
    openPost: () => openPost(client, connections, credential),
    repeatable: (method, url, deadlineMs) => {
      let stage: Stage = 'authorizing';
      const seen: Seen = {};
      const marking: HttpClient = {
        sendRequest: async (request) => {
          stage = 'sent';
          seen.response = await client.sendRequest(request);
          return seen.response;
        },
      };
      const send = (signal: AbortSignal) => repeating.sendRequest(marking, requestOf(method, url, signal));
      return exchange(deadlineMs, send, () => stage, seen);
    },
  };
}

function openPost(client: HttpClient, connections: Connections, credential: TokenCredential): OnePost {
  const connection = new PreparedConnection(connections);
  const one = new OneRequest(client, connection);
  const pipeline = pipelineOf(authenticationPolicy(askedAhead(credential), ARM_SCOPE));
  return {
    send: async (url, json, deadlineMs) => {
      try {
        const send = (signal: AbortSignal) => pipeline.sendRequest(one, requestOf('POST', url, signal, json));
        const exchanged = await exchange(deadlineMs, send, () => one.stage);
        // ARM is there. What follows this POST goes first.
        if (exchanged.kind === 'answered') setImmediate(() => connections.prepare());
        return exchanged;
      } finally {
        connection.discard();
      }
    },
    discard: () => connection.discard(),
  };
}

/** Asks for ARM's token at once. A challenge gets a token of its own. */
function askedAhead(credential: TokenCredential): TokenCredential {
  const token = credential.getToken(ARM_SCOPE, { enableCae: true });
  token.catch(() => undefined);
  return {
    getToken: (scopes, options) => (options?.claims === undefined ? token : credential.getToken(scopes, options)),
  };
}

function requestOf(method: 'POST' | 'GET' | 'DELETE', url: string, signal: AbortSignal, json?: string) {
  const request: PipelineRequest = createPipelineRequest({
    method,
    url,
    abortSignal: signal,
    headers: createHttpHeaders({
      accept: 'application/json',
      'accept-encoding': 'identity',
      'user-agent': USER_AGENT,
    }),
    streamResponseStatusCodes: new Set([Number.POSITIVE_INFINITY]),
  });
  if (json !== undefined) {
    request.headers.set('content-type', 'application/json');
    request.body = json;
  }
  return request;
}

/** What came last. Where a wait for another try is cut short, it says why. */
interface Seen {
  response?: PipelineResponse;
}

async function exchange(
  deadlineMs: number,
  send: (signal: AbortSignal) => Promise<PipelineResponse>,
  stageOf: () => Stage,
  seen: Seen = {},
): Promise<Exchange> {
  try {
    return await within(deadlineMs, async (signal) => {
      const response = await send(signal);
      seen.response = response;
      return answered(response, await readBody(response.readableStreamBody, response.headers.get('content-encoding')));
    });
  } catch (error) {
    // A status that has come counts even if its body has not.
    if (seen.response !== undefined) return answered(seen.response, undefined);
    return unanswered(stageOf(), error);
  }
}

const answered = ({ status, headers }: PipelineResponse, body: string | undefined): Exchange => ({
  kind: 'answered',
  answer: { status, headers, body },
});

/** The stage decides, never the error: after the request was handed over, no code proves that nothing arrived. */
function unanswered(stage: Stage, error: unknown): Exchange {
  switch (stage) {
    case 'authorizing':
      return { kind: 'not-sent', upstream: traceOf('identity', error) };
    case 'connecting':
      return { kind: 'not-sent', upstream: traceOf('arm', error) };
    case 'sent':
      return { kind: 'broken', upstream: traceOf('arm', error) };
  }
}
