import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';

/** The answer to one try that carries a token. */
export type Turn =
  | {
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly delayMs?: number;
    }
  | { readonly error: string }
  | 'hang';

export const VAULT_URL = 'https://teams.vault.azure.net';

/** Stands in for the network below the SDK's whole pipeline: challenges like Key Vault, then follows a script. */
export class ScriptedVault implements HttpClient {
  /** All that the secret was sent to, token or not. */
  readonly tries: { readonly method: string; readonly path: string; readonly body: string }[] = [];
  readonly #turns: Turn[];
  /** For which it wants a token. */
  resource = 'https://vault.azure.net';

  /** The last turn is repeated for as long as the SDK asks. */
  constructor(...turns: Turn[]) {
    this.#turns = turns;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    const body = typeof request.body === 'string' ? request.body : '';
    if (body !== '') this.tries.push({ method: request.method, path: new URL(request.url).pathname, body });
    if (!request.headers.has('authorization')) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/t", resource="${this.resource}"`;
      return answer(request, { status: 401, headers: { 'www-authenticate': challenge } });
    }
    const turn = this.#turns.length > 1 ? this.#turns.shift() : this.#turns[0];
    if (turn === undefined || turn === 'hang') return untilAborted(request);
    if ('error' in turn) throw new RestError(`failed while sending ${body}`, { code: turn.error, request });
    if (turn.delayMs !== undefined) await new Promise((resolve) => void setTimeout(resolve, turn.delayMs));
    return answer(request, turn);
  }
}

function answer(request: PipelineRequest, turn: Exclude<Turn, 'hang' | { error: string }>): PipelineResponse {
  const headers = createHttpHeaders({ 'content-type': 'application/json', ...turn.headers });
  const bodyAsText = typeof turn.body === 'string' ? turn.body : JSON.stringify(turn.body ?? {});
  return { request, status: turn.status, headers, bodyAsText };
}

function untilAborted(request: PipelineRequest): Promise<never> {
  return new Promise((_resolve, reject) => {
    request.abortSignal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
  });
}
