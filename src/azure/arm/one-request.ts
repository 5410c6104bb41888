import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';

/**
 * An HTTP client for one request that must not take effect twice. It knows whether the request may be with the server.
 *
 * A 401 proves that the server did nothing, so the authentication policy may answer its challenge and send again; any
 * other second sending is refused.
 */
export class OneRequest implements HttpClient {
  readonly #client: HttpClient;
  #outstanding: boolean = false;

  constructor(client: HttpClient) {
    this.#client = client;
  }

  /** False: nothing was sent, or all that was sent was refused with a 401. */
  get outstanding(): boolean {
    return this.#outstanding;
  }

  async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
    // A token that arrives after the deadline comes back to here: the caller was told that nothing was sent.
    if (request.abortSignal?.aborted) throw new Error('The deadline has passed: nothing is sent any more.');
    if (this.#outstanding) throw new Error('This request may have taken effect: it is not sent again.');
    this.#outstanding = true;
    const response = await this.#client.sendRequest(request);
    if (response.status === 401) this.#outstanding = false;
    return response;
  }
}
