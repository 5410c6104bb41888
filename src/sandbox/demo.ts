import { setTimeout } from 'node:timers/promises';
import { WORLD } from './azure/world.ts';
import { DemoClient, type DemoCredential, readCredential } from './demo-client.ts';
import type { Sandbox } from './sandbox.ts';
import { heading, masked, show } from './show.ts';

/** ARM's published example. */
const REQUEST = {
  environmentId: WORLD.target.environmentId,
  clusterId: WORLD.target.clusterId,
  name: 'CI kafka access key',
  description: 'This API key provides kafka access to cluster x',
};
const REPLY_DEADLINE_MS = 30_000;

/**
 * Shows a credential's life over HTTP, and a vend over the queue, with what happened at every station.
 *
 * @throws Error where any of it does not happen.
 */
export async function runDemo(sandbox: Sandbox, url: string): Promise<void> {
  const client = new DemoClient(sandbox, url);
  heading('A credential over HTTP');
  const id = await vendOverHttp(sandbox, client);
  heading('Its key is rotated: the id and the reference stay, and the old key works until the overlap ends');
  await rotate(client, id);
  heading('DELETE takes everything that the credential has');
  await revoke(client, id);
  heading('A credential over the queue');
  await vendOverQueue(sandbox, client);
}

async function vendOverHttp(sandbox: Sandbox, client: DemoClient): Promise<string> {
  const key = 'demo-over-http';
  show(`POST ${client.url}  (Idempotency-Key: ${key}, token of the sample policy's portal)`, REQUEST);
  const { status, credential } = await client.vend(key, REQUEST);
  showVended(sandbox, client, `Reply ${status}`, credential);
  return credential.id;
}

async function rotate(client: DemoClient, id: string): Promise<void> {
  const key = 'demo-rotation';
  console.log(`POST ${client.url}/${id}/rotate  (Idempotency-Key: ${key})`);
  const { status, credential } = await client.rotate(id, key);
  const { apiKey, previous } = credential;
  show(`Reply ${status}`, { id: credential.id, apiKey: { id: apiKey?.id }, previous });
  const living = client.livingKeys(id);
  if (living.length !== 2) throw new Error(`Alive are ${living.join(', ')}.`);
  show('Alive in Confluent', living);
}

async function revoke(client: DemoClient, id: string): Promise<void> {
  console.log(`DELETE ${client.url}/${id}`);
  const { status, credential } = await client.revoke(id);
  show(`Reply ${status}`, { id: credential.id, status: credential.status });
  const enabled = client.versions(credential).map((version) => version.enabled);
  show('Alive in Confluent', client.livingKeys(id));
  show('Enabled in the vault, version by version', enabled);
  if (client.livingKeys(id).length > 0 || enabled.includes(true)) throw new Error('Something of the credential lives.');
}

async function vendOverQueue(sandbox: Sandbox, client: DemoClient): Promise<void> {
  const { broker } = sandbox.azure;
  const { request, result } = WORLD.queues;
  const messageId = 'demo-over-queue';
  show(`Message ${messageId} to the queue ${request}`, REQUEST);
  broker.enqueue(request, { messageId, body: REQUEST });
  const deadline = Date.now() + REPLY_DEADLINE_MS;
  while (Date.now() < deadline) {
    const reply = broker.view(result)?.messages.find(({ correlationId }) => correlationId === messageId);
    if (reply !== undefined)
      return showVended(sandbox, client, `Reply on ${result}: ${reply.subject}`, readCredential(reply.body));
    await setTimeout(50);
  }
  throw new Error(`No reply came to the queue ${result} within ${REPLY_DEADLINE_MS / 1000} s.`);
}

/** Shows the reply and what stands behind it; the secret only by its length. */
function showVended({ azure }: Sandbox, client: DemoClient, label: string, credential: DemoCredential): void {
  show(label, credential);
  const { secret: minted = '', ...key } = azure.arm.keys().find(({ id }) => id === credential.apiKey?.id) ?? {};
  show('ARM minted', { ...key, secret: masked(minted) });
  const versions = client.versions(credential);
  show(
    `The vault ${credential.secret.vaultUrl} holds`,
    versions.map(({ value, ...version }) => ({ ...version, value: masked(value) })),
  );
  if (!versions.some(({ value }) => value === minted)) throw new Error('The vault does not hold the secret.');
}
