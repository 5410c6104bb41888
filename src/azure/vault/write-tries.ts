import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy, PipelineRequest, PipelineResponse, SendRequest } from '@azure/core-rest-pipeline';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import { traceOf, traceOfResponse } from '../upstream-trace.ts';

/** Answers with which Key Vault proves that this try wrote nothing. 408, 5xx and anything unusual prove nothing. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403, 404, 405, 409, 413, 415, 422, 429]);
const NOT_SENT: ReadonlySet<string | undefined> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']);

/** What is proven about all tries that the SDK made of one write. */
export class WriteTries {
  #unproven = 0;
  #lastAnswer: UpstreamTrace = { service: 'vault' };

  /** False: nothing was sent, or every try was refused. */
  get mayHaveTakenEffect(): boolean {
    return this.#unproven > 0;
  }

  get lastAnswer(): UpstreamTrace {
    return this.#lastAnswer;
  }

  async observe(request: PipelineRequest, next: SendRequest): Promise<PipelineResponse> {
    // A token that arrives after the deadline comes to here: the caller was told that nothing was sent.
    if (request.abortSignal?.aborted === true) throw new DOMException('Aborted before it was sent.', 'AbortError');
    this.#unproven++;
    try {
      const response = await next(request);
      this.#lastAnswer = traceOfResponse('vault', response);
      if (REFUSALS.has(response.status)) this.#unproven--;
      return response;
    } catch (error) {
      if (NOT_SENT.has(traceOf('vault', error).code)) this.#unproven--;
      throw error;
    }
  }
}

/** Tells the tries of one write from those of others that share the client. */
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
