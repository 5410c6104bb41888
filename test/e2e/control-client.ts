import type { Rig } from './harness.ts';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The control API as an outsider sees it, who knows nothing but its URL. */
export class ControlClient {
  readonly #url: string;

  constructor({ sandbox }: Rig) {
    this.#url = sandbox.controlUrl;
  }

  async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const init = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(`${this.#url}${path}`, { method, ...init });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }

  async get(path: string): Promise<unknown> {
    return (await this.call('GET', path)).body;
  }

  async list(path: string): Promise<Record<string, unknown>[]> {
    return (await this.get(path)) as Record<string, unknown>[];
  }

  async token(claims: object = {}): Promise<string> {
    const { body } = await this.call('POST', '/tokens', claims);
    return (body as { access_token: string }).access_token;
  }
}
