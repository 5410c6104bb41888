import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy, PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { SecretClient, type SecretClientOptions } from '@azure/keyvault-secrets';
import type { UpstreamTrace } from '../../vending/model/tracing.ts';
import type { StoreOutcome } from '../../vending/ports/secret-vault.ts';
import { parseJson, USER_AGENT } from '../http.ts';
import { noPauseBeyondDeadline } from '../retry-after.ts';
import { traceOf, traceOfResponse } from '../upstream-trace.ts';

/** Answers with which Key Vault proves that this try wrote nothing. 408, 5xx and anything unusual prove nothing. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 409, 413, 415, 422, 429]);
const NOT_SENT: ReadonlySet<string | undefined> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']);

/** Inner codes of a 403 that is about access to the vault as a whole. The same write succeeds once that is fixed. */
const ABOUT_ACCESS: ReadonlySet<string | undefined> = new Set([
  'ForbiddenByFirewall',
  'ForbiddenByConnection',
  'ForbiddenByRbac',
  'ForbiddenByPolicy',
  'AccessDenied',
]);

type Refusal = Extract<StoreOutcome, { kind: 'refused' }>['reason'];

/** Why a write had no effect, from the trace of its last try. */
export function refusalReasonOf({ status, code }: UpstreamTrace): Refusal {
  switch (status) {
    case 409:
      return code === 'ObjectIsDeletedButRecoverable' ? 'soft-deleted' : 'transient';
    case 403:
      return ABOUT_ACCESS.has(code) ? 'transient' : 'denied';
    case 400:
    case 405:
    case 413:
    case 415:
    case 422:
      return 'denied';
    default:
      return 'transient';
  }
}

/**
 * The tries of one write. Another follows only a try that provably wrote nothing: a repeated PUT that lands late would
 * put its secret on top of a newer one.
 */
export class WriteTries {
  #unproven = false;
  #lastAnswer: UpstreamTrace = { service: 'vault' };

  /** False: nothing was sent, or every try was refused. */
  get mayHaveTakenEffect(): boolean {
    return this.#unproven;
  }

  get lastAnswer(): UpstreamTrace {
    return this.#lastAnswer;
  }

  async observe(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    // A token may arrive after the deadline. By then the caller has the answer that nothing was sent.
    if (request.abortSignal?.aborted === true) throw new DOMException('Aborted before it was sent.', 'AbortError');
    this.#unproven = true;
    const response = await next(request).catch((error: unknown) => {
      if (!NOT_SENT.has(traceOf('vault', error).code)) throw notRepeated(error);
      this.#unproven = false;
      throw error;
    });
    this.#lastAnswer = traceOfResponse('vault', response);
    if (REFUSALS.has(response.status)) this.#unproven = false;
    else if (response.status !== 200) throw notRepeated({ response, details: parseJson(response.bodyAsText) });
    return response;
  }
}

/** The SDK's retry policy repeats after answers and after its own `RestError`. Any other error ends the request. */
const notRepeated = (cause: unknown): Error => new Error('The write may have taken effect.', { cause });

/** Keeps the tries of one write apart from requests that share the client. */
export class TryObserver {
  readonly #current = new AsyncLocalStorage<WriteTries>();

  /** For the position `perRetry`: before the retries it would see only the last try. */
  readonly policy: PipelinePolicy = {
    name: 'tryObserver',
    sendRequest: (request, next) => this.#current.getStore()?.observe(request, next) ?? next(request),
  };

  watch<T>(tries: WriteTries, write: () => Promise<T>): Promise<T> {
    return this.#current.run(tries, write);
  }
}

/** The caller's deadline bounds them. `perTry` ends those of a store. */
const RETRIES = { maxRetries: 3, retryDelayInMs: 500, maxRetryDelayInMs: 4_000 };

/** Key Vault says `Throttled` without `Retry-After` (vcsjones/AzureSignTool #219), and the SDK repeats no 429 without it. */
const throttledForASecond: PipelinePolicy = {
  name: 'throttledForASecond',
  sendRequest: async (request, next) => {
    const response = await next(request);
    if (response.status === 429 && !response.headers.has('retry-after')) response.headers.set('retry-after', '1');
    return response;
  },
};

export type SecretClients = (vaultUrl: string) => SecretClient;

/** One client for each vault: its first request is spent on the vault's authentication challenge. */
export function createSecretClients(
  credential: TokenCredential,
  perTry: PipelinePolicy,
  options: SecretClientOptions = {},
): SecretClients {
  const clients = new Map<string, SecretClient>();
  const create = (vaultUrl: string): SecretClient =>
    new SecretClient(vaultUrl, credential, {
      retryOptions: RETRIES,
      userAgentOptions: { userAgentPrefix: USER_AGENT },
      ...options,
      // A redirect would carry the secret to wherever the answer points.
      redirectOptions: { maxRetries: 0 },
      // A policy sees an answer before those that stand in front of it.
      additionalPolicies: [noPauseBeyondDeadline, perTry, throttledForASecond].map((policy) => ({
        ...{ policy, position: 'perRetry' as const },
      })),
    });
  return (vaultUrl) => {
    const client = clients.get(vaultUrl) ?? create(vaultUrl);
    clients.set(vaultUrl, client);
    return client;
  };
}
