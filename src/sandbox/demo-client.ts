import * as z from 'zod';
import { WORLD } from './azure/world.ts';
import { issueToken } from './control/tokens.ts';
import type { Sandbox } from './sandbox.ts';

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

/** Asks the function over HTTP, as the portal of the sample policy. */
export class DemoClient {
  readonly #sandbox: Sandbox;
  readonly #url: string;

  constructor(sandbox: Sandbox, url: string) {
    this.#sandbox = sandbox;
    this.#url = `${url}/api/v1/credentials`;
  }

  get url(): string {
    return this.#url;
  }

  vend(idempotencyKey: string, request: object): Promise<DemoReply> {
    return this.#ask('POST', '', { idempotencyKey, body: request });
  }

  rotate(id: string, idempotencyKey: string): Promise<DemoReply> {
    return this.#ask('POST', `/${id}/rotate`, { idempotencyKey });
  }

  read(id: string): Promise<DemoReply> {
    return this.#ask('GET', `/${id}`);
  }

  revoke(id: string): Promise<DemoReply> {
    return this.#ask('DELETE', `/${id}`);
  }

  /** Ids of the credential's keys that are alive in Confluent. */
  livingKeys(id: string): readonly string[] {
    return this.#sandbox.azure.arm
      .keys()
      .filter(({ deleted, description }) => !deleted && description.includes(`vend:${id}.`))
      .map((key) => key.id);
  }

  /** Every version of the credential's secret, the oldest first. */
  versions({ secret }: DemoCredential) {
    const vault = new URL(secret.vaultUrl).hostname.split('.')[0] ?? '';
    return this.#sandbox.azure.vault.secrets(vault, secret.name) ?? [];
  }

  /** The value that a consumer of the reference reads, which names no version. */
  readable({ secret }: DemoCredential): string | undefined {
    const read = this.#sandbox.azure.vault.current(WORLD.vaults[0], secret.name)?.versionless;
    return read !== undefined && 'value' in read ? read.value : undefined;
  }

  async #ask(
    method: string,
    path: string,
    { idempotencyKey, body }: { readonly idempotencyKey?: string; readonly body?: object } = {},
  ): Promise<DemoReply> {
    const { access_token: token } = await issueToken(this.#sandbox.azure.issuer, {});
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, credential: readCredential(await response.json()) };
  }
}
