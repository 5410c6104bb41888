import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { issueToken } from './control/tokens.ts';
import type { Sandbox } from './sandbox.ts';
import { heading, masked, show } from './show.ts';
import { WORLD } from './world.ts';

const resultSchema = z.looseObject({
  requestId: z.string(),
  secret: z.looseObject({ name: z.string(), vaultUrl: z.string(), version: z.string() }),
  apiKey: z.looseObject({ id: z.string() }),
});

/** ARM's published example. */
const REQUEST = {
  environmentId: WORLD.target.environmentId,
  clusterId: WORLD.target.clusterId,
  name: 'CI kafka access key',
  description: 'This API key provides kafka access to cluster x',
};
const REPLY_DEADLINE_MS = 30_000;

/** Vends one key each way and shows what happened at every station. @throws Error when a key is not vended. */
export async function runDemo(sandbox: Sandbox, url: string): Promise<void> {
  heading('One key over HTTP');
  await vendOverHttp(sandbox, url);
  heading('One key over the queue');
  await vendOverQueue(sandbox);
}

async function vendOverHttp(sandbox: Sandbox, url: string): Promise<void> {
  const { access_token: token } = await issueToken(sandbox.azure.issuer, {});
  const key = 'demo-over-http';
  show(`POST ${url}/api/v1/api-keys  (Idempotency-Key: ${key}, token of the sample policy's portal)`, REQUEST);
  const response = await fetch(`${url}/api/v1/api-keys`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'idempotency-key': key },
    body: JSON.stringify(REQUEST),
  });
  showVended(sandbox, `Reply ${response.status}`, await response.json());
}

async function vendOverQueue({ azure, ...sandbox }: Sandbox): Promise<void> {
  const { request, result } = WORLD.queues;
  const messageId = 'demo-over-queue';
  show(`Message ${messageId} to the queue ${request}`, REQUEST);
  azure.broker.enqueue(request, { messageId, body: REQUEST });
  const deadline = Date.now() + REPLY_DEADLINE_MS;
  while (Date.now() < deadline) {
    const reply = azure.broker.view(result)?.messages.find(({ correlationId }) => correlationId === messageId);
    if (reply !== undefined)
      return showVended({ azure, ...sandbox }, `Reply on ${result}: ${reply.subject}`, reply.body);
    await setTimeout(50);
  }
  throw new Error(`No reply came to the queue ${result} within ${REPLY_DEADLINE_MS / 1000} s.`);
}

/** Shows the reply and what stands behind it; the secret only by its length. */
function showVended({ azure }: Sandbox, label: string, reply: unknown): void {
  show(label, reply);
  const result = resultSchema.safeParse(reply).data;
  if (result === undefined) throw new Error('The reply is not that of a vended key.');
  const { secret: minted = '', ...key } = azure.arm.keys().find(({ id }) => id === result.apiKey.id) ?? {};
  show('ARM minted', { ...key, secret: masked(minted) });
  const vault = new URL(result.secret.vaultUrl).hostname.split('.')[0] ?? '';
  const versions = azure.vault.secrets(vault, result.secret.name) ?? [];
  show(
    `The vault ${vault} holds`,
    versions.map(({ value, ...version }) => ({ ...version, value: masked(value) })),
  );
  if (!versions.some(({ value }) => value === minted)) throw new Error('The vault does not hold the secret.');
}
