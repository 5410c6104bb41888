import type { Controlled } from '../azure/controlled.ts';
import { issueToken, type TokenRequest } from '../azure/tokens.ts';
import { WORLD } from '../azure/world.ts';

/** Those who ask the function, as the sample policy knows them. */
export const CALLERS = {
  portal: {},
  payments: { oid: '77777777-7777-4777-8777-777777777777', roles: ['KeyVending.Requester'] },
  operator: { oid: '99999999-9999-4999-8999-999999999999', roles: [WORLD.operatorRole] },
} as const satisfies Readonly<Record<string, TokenRequest>>;
export type CallerName = keyof typeof CALLERS;

export interface FunctionRequest {
  readonly method: string;
  /** With `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly as: CallerName;
}

export interface FunctionReply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * Asks the function over HTTP with a token of the sandbox's Entra ID.
 *
 * @throws Error while no function runs; TypeError where the connection is lost
 */
export async function ask(
  { azure, functionUrl }: Pick<Controlled, 'azure' | 'functionUrl'>,
  { method, path, body, idempotencyKey, as }: FunctionRequest,
): Promise<FunctionReply> {
  const url = functionUrl();
  if (url === undefined) throw new Error('No function runs in this sandbox.');
  const { access_token: token } = await issueToken(azure.issuer, CALLERS[as]);
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: parsed(await response.text()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
