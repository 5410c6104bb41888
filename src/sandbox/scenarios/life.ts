import { randomUUID } from 'node:crypto';
import { WORLD } from '../azure/world.ts';
import { DemoClient, type DemoCredential, readCredential } from './client.ts';
import { masked } from './narrator.ts';
import { type Stage, until } from './stage.ts';

/** ARM's published example. */
const REQUEST = {
  environmentId: WORLD.target.environmentId,
  clusterId: WORLD.target.clusterId,
  name: 'CI kafka access key',
  description: 'This API key provides kafka access to cluster x',
};

/**
 * Shows a credential's life over HTTP, and a vend over the queue, with what happened at every station.
 *
 * @throws Error where any of it does not happen.
 */
export async function runDemo(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  const { heading } = stage.narrator;
  heading('A credential over HTTP');
  const id = await vendOverHttp(stage, client);
  heading('Its key is rotated: the id and the reference stay, and the old key works until the overlap ends');
  await rotate(stage, client, id);
  heading('DELETE takes everything that the credential has');
  await revoke(stage, client, id);
  heading('A credential over the queue');
  await vendOverQueue(stage, client);
}

async function vendOverHttp(stage: Stage, client: DemoClient): Promise<string> {
  const key = `demo-${randomUUID()}`;
  stage.narrator.show(`POST ${client.url}  (Idempotency-Key: ${key}, token of the sample policy's portal)`, REQUEST);
  const { status, credential } = await client.vend(key, REQUEST);
  showVended(stage, client, `Reply ${status}`, credential);
  return credential.id;
}

async function rotate({ narrator }: Stage, client: DemoClient, id: string): Promise<void> {
  const key = `demo-${randomUUID()}`;
  narrator.say(`POST ${client.url}/${id}/rotate  (Idempotency-Key: ${key})`);
  const { status, credential } = await client.rotate(id, key);
  const { apiKey, previous } = credential;
  narrator.show(`Reply ${status}`, { id: credential.id, apiKey: { id: apiKey?.id }, previous });
  const living = client.livingKeys(id);
  if (living.length !== 2) throw new Error(`Alive are ${living.join(', ')}.`);
  narrator.show('Alive in Confluent', living);
}

async function revoke({ narrator }: Stage, client: DemoClient, id: string): Promise<void> {
  narrator.say(`DELETE ${client.url}/${id}`);
  const { status, credential } = await client.revoke(id);
  narrator.show(`Reply ${status}`, { id: credential.id, status: credential.status });
  const enabled = client.versions(credential).map((version) => version.enabled);
  narrator.show('Alive in Confluent', client.livingKeys(id));
  narrator.show('Enabled in the vault, version by version', enabled);
  if (client.livingKeys(id).length > 0 || enabled.includes(true)) throw new Error('Something of the credential lives.');
}

async function vendOverQueue(stage: Stage, client: DemoClient): Promise<void> {
  const { broker } = stage.azure;
  const { request, result } = WORLD.queues;
  const messageId = `demo-${randomUUID()}`;
  stage.narrator.show(`Message ${messageId} to the queue ${request}`, REQUEST);
  broker.enqueue(request, { messageId, body: REQUEST });
  const reply = await until(`a reply comes to the queue ${result}`, () =>
    broker.view(result)?.messages.find(({ correlationId }) => correlationId === messageId),
  );
  showVended(stage, client, `Reply on ${result}: ${reply.subject}`, readCredential(reply.body));
}

/** Shows the parts of the reply that a caller needs, and what stands behind it; the secret only by its length. */
function showVended({ azure, narrator }: Stage, client: DemoClient, label: string, credential: DemoCredential): void {
  const { id, status, secret, apiKey } = credential;
  const { keyVaultReference } = secret;
  narrator.show(label, { id, status, secret: { keyVaultReference }, apiKey: { id: apiKey?.id } });
  const minted = azure.arm.keys().find((key) => key.id === apiKey?.id);
  narrator.show('ARM minted', { id: minted?.id, secret: masked(minted?.secret ?? '') });
  const versions = client.versions(credential);
  narrator.show(
    `The vault ${secret.vaultUrl} holds`,
    versions.map(({ version, enabled, value }) => ({ version, enabled, value: masked(value) })),
  );
  if (!versions.some(({ value }) => value === minted?.secret)) throw new Error('The vault does not hold the secret.');
}
