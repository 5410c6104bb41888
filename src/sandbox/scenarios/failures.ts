import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import * as z from 'zod';
import { WORLD } from '../azure/world.ts';
import type { FaultRule } from '../kit/faults.ts';
import { DemoClient, readCredential } from './client.ts';
import { type Stage, until } from './stage.ts';

const { environmentId, clusterId } = WORLD.target;
const requestNamed = (name: string): object => ({ environmentId, clusterId, name });
const problemSchema = z.looseObject({ type: z.string(), detail: z.string(), credentialId: z.string().optional() });

/** One request, and one key. */
export async function vend(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  stage.narrator.heading('A portal asks for a key');
  const { status, credential } = await client.vend(`orders-${randomUUID()}`, requestNamed('orders'));
  const { id, secret, apiKey } = credential;
  stage.narrator.show(`Answer ${status}: a reference, and no secret`, {
    ...{ id, status: credential.status, keyVaultReference: secret.keyVaultReference, apiKey: apiKey?.id },
  });
}

/** The same request three times, and one key. */
export async function repeat(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  const { heading, show } = stage.narrator;
  const key = `repeated-${randomUUID()}`;
  heading('A portal asks, and repeats its request twice with the same idempotency key');
  const replies = [];
  for (let time = 1; time <= 3; time++) replies.push(await client.vend(key, requestNamed('repeated')));
  const [first] = replies;
  if (first === undefined) return;
  show(
    'Answers',
    replies.map(({ status, credential }) => ({ status, id: credential.id, apiKey: credential.apiKey?.id })),
  );
  const living = client.livingKeys(first.credential.id);
  show('Alive in Confluent', living);
  if (living.length !== 1) throw new Error(`There are ${living.length} keys.`);
}

/** The connection is lost after the mint. An operator finds the key by its marker, and it is deleted. */
export async function lostConnection(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  const { heading, show } = stage.narrator;
  const key = `lost-${randomUUID()}`;
  heading('Confluent makes the key, and the connection is cut before the answer');
  await withFault(
    stage,
    { service: 'arm', operation: 'createApiKey', times: 1, fault: { drop: 'after' } },
    async () => {
      const { status, body } = await client.ask('POST', '/credentials', {
        ...{ idempotencyKey: key, body: requestNamed('lost connection') },
      });
      const { type, detail } = problemSchema.parse(body);
      show(`Answer ${status}`, { type, detail });
    },
  );
  heading('The portal repeats its request: nothing is minted a second time');
  const again = await client.ask('POST', '/credentials', {
    ...{ idempotencyKey: key, body: requestNamed('lost connection') },
  });
  const minted = stage.azure.arm.keys().findLast(({ name }) => name === 'lost connection');
  const id = /vend:(\w{26})\./.exec(minted?.description ?? '')?.[1];
  if (minted === undefined || id === undefined) throw new Error('No key has the marker.');
  show(`Answer ${again.status}`, { credential: id, 'alive in Confluent': client.livingKeys(id) });
  heading('Ten minutes later an operator finds the key by the marker in its description, and has it deleted');
  await stage.azure.clock.advance(10 * 60_000);
  show('The key in Confluent', { id: minted.id, description: minted.description });
  const resolved = await client.ask(
    'POST',
    `/operations/credentials/${id}/resolve`,
    { body: { decision: 'key', apiKeyId: minted.id } },
    'operator',
  );
  show(`Answer ${resolved.status}`, resolved.body);
  await settle(stage, 'the key is deleted', () => client.livingKeys(id).length === 0);
  show('Alive in Confluent', client.livingKeys(id));
}

/** Key Vault refuses the secret, so its key is deleted again. */
export async function vaultRefuses(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  const { heading, show } = stage.narrator;
  const key = `vault-${randomUUID()}`;
  const name = `vault refuses ${randomUUID().slice(0, 4)}`;
  heading('The key is made, but Key Vault refuses its secret');
  const refusal = { status: 403, body: { error: { code: 'Forbidden', message: 'Refused by the sandbox.' } } };
  await withFault(stage, { service: 'vault', operation: 'setSecret', fault: refusal }, async () => {
    const { status, body } = await client.ask('POST', '/credentials', {
      ...{ idempotencyKey: key, body: requestNamed(name) },
    });
    const { type, detail } = problemSchema.parse(body);
    show(`Answer ${status}`, { type, detail });
  });
  const living = (): number => stage.azure.arm.keys().filter((each) => each.name === name && !each.deleted).length;
  await settle(stage, 'the key that nobody could use is deleted', () => living() === 0);
  show('Keys of this request that live in Confluent', living());
  heading('The vault works again, and the same request gets its key');
  const reply = await untilVended(stage, client, key, name);
  show(`Answer ${reply.status}`, { id: reply.id, keys: client.livingKeys(reply.id) });
}

/** A lock on the organization forbids deletions. The revocation waits, and ends once the lock is lifted. */
export async function lock(stage: Stage): Promise<void> {
  const client = new DemoClient(stage);
  const { heading, show } = stage.narrator;
  heading('A key is vended. Then somebody locks the organization');
  const { credential } = await client.vend(`locked-${randomUUID()}`, requestNamed('behind a lock'));
  const { id } = credential;
  const locked = { error: { code: 'ScopeLocked', message: 'The scope is locked. Locked by the sandbox.' } };
  const rule: FaultRule = { service: 'arm', operation: 'deleteApiKey', fault: { status: 409, body: locked } };
  await withFault(stage, rule, async () => {
    const { status, credential: asked } = await client.revoke(id);
    show(`DELETE answers ${status}`, { id, status: asked.status, 'alive in Confluent': client.livingKeys(id) });
    await setTimeout(2_500);
  });
  heading('The lock is lifted, and the function finishes by itself');
  await settle(stage, 'the key is deleted', () => client.livingKeys(id).length === 0);
  const { credential: revoked } = await client.read(id);
  show('Now', { id, status: revoked.status, 'alive in Confluent': client.livingKeys(id) });
}

async function withFault(stage: Stage, rule: FaultRule, run: () => Promise<void>): Promise<void> {
  const disarm = stage.azure.faults.add(rule);
  try {
    await run();
  } finally {
    disarm();
  }
}

/** Moves the clock by minutes until it is so: what is not done at once waits for a lease or a backoff. */
async function settle(stage: Stage, what: string, isSo: () => boolean): Promise<void> {
  let looks = 0;
  await until(what, async () => {
    if (isSo()) return true;
    looks++;
    if (looks % 20 === 0) await stage.azure.clock.advance(4 * 60_000);
    return undefined;
  });
}

async function untilVended(
  stage: Stage,
  client: DemoClient,
  idempotencyKey: string,
  name: string,
): Promise<{ readonly status: number; readonly id: string }> {
  let looks = 0;
  return until('the request gets its key', async () => {
    const { status, body } = await client.ask('POST', '/credentials', { idempotencyKey, body: requestNamed(name) });
    if (status < 300) return { status, id: readCredential(body).id };
    looks++;
    if (looks % 10 === 0) await stage.azure.clock.advance(4 * 60_000);
    return undefined;
  });
}
