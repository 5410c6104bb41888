import * as z from 'zod';
import { WORLD } from '../azure/world.ts';
import { ask, type CallerName } from './ask.ts';
import type { Stage } from './stage.ts';

const credentialSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  secret: z.looseObject({ name: z.string(), vaultUrl: z.string(), keyVaultReference: z.string() }),
  apiKey: z.looseObject({ id: z.string() }).optional(),
  previous: z.looseObject({ apiKeyId: z.string(), revokeAt: z.string() }).optional(),
});

/** A credential as the function answers it. */
export type DemoCredential = z.infer<typeof credentialSchema>;

export interface DemoReply {
  readonly status: number;
  readonly credential: DemoCredential;
}

/** @throws Error where it is no credential */
export function readCredential(body: unknown): DemoCredential {
  const parsed = credentialSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new Error(`This is no credential: ${JSON.stringify(body)}`);
}

const CREDENTIALS = '/api/v1/credentials';

interface Asked {
  readonly idempotencyKey?: string;
  readonly body?: unknown;
}

/** Asks the function over HTTP, as the portal of the sample policy. */
export class DemoClient {
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get url(): string {
    return `${this.#stage.functionUrl() ?? ''}${CREDENTIALS}`;
  }

  vend(idempotencyKey: string, request: object): Promise<DemoReply> {
    return this.#credential('POST', '', { idempotencyKey, body: request });
  }

  rotate(id: string, idempotencyKey: string): Promise<DemoReply> {
    return this.#credential('POST', `/${id}/rotate`, { idempotencyKey });
  }

  read(id: string): Promise<DemoReply> {
    return this.#credential('GET', `/${id}`);
  }

  revoke(id: string): Promise<DemoReply> {
    return this.#credential('DELETE', `/${id}`);
  }

  /** Whatever the answer is, a problem too. `path` is below `/api/v1`. */
  async ask(method: string, path: string, asked: Asked = {}, as: CallerName = 'portal') {
    return ask(this.#stage, { method, path: `/api/v1${path}`, as, ...asked });
  }

  /** Ids of the credential's keys that are alive in Confluent. */
  livingKeys(id: string): readonly string[] {
    return this.#stage.azure.arm
      .keys()
      .filter(({ deleted, description }) => !deleted && description.includes(`vend:${id}.`))
      .map((key) => key.id);
  }

  /** Every version of the credential's secret, the oldest first. */
  versions({ secret }: DemoCredential) {
    const vault = new URL(secret.vaultUrl).hostname.split('.')[0] ?? '';
    return this.#stage.azure.vault.secrets(vault, secret.name) ?? [];
  }

  /** The value that a consumer of the reference reads, which names no version. */
  readable({ secret }: DemoCredential): string | undefined {
    const read = this.#stage.azure.vault.current(WORLD.vaults[0], secret.name)?.versionless;
    return read !== undefined && 'value' in read ? read.value : undefined;
  }

  async #credential(method: string, path: string, asked: Asked = {}): Promise<DemoReply> {
    const { status, body } = await this.ask(method, `/credentials${path}`, asked);
    return { status, credential: readCredential(body) };
  }
}
