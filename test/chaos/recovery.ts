import { setTimeout as sleep } from 'node:timers/promises';
import { vaultUrl, WORLD } from '../../src/sandbox/azure/world.ts';
import {
  type RecoveredSecret,
  type RecoveryPage,
  recoveryPageSchema,
} from '../../src/vending/commands/recovery/schema.ts';
import type { ClientWorld } from './http-client.ts';
import { call } from './operator.ts';
import type { Random } from './random.ts';

/** The function waits so long after its start. */
const WAIT_MS = 10 * 60_000;
const TRIES = 200;
const RETRY_MS = 300;

/** Does what the runbook says: every page of every vault, again until everything is decided. */
export async function recoverVaults(world: ClientWorld, random: Random): Promise<readonly RecoveredSecret[]> {
  const all: RecoveredSecret[] = [];
  for (const vault of WORLD.vaults) all.push(...(await recoverVault(world, random, vaultUrl(vault))));
  return all;
}

/** @throws Error where something stays unclear */
async function recoverVault(world: ClientWorld, random: Random, vault: string): Promise<readonly RecoveredSecret[]> {
  const inserted: RecoveredSecret[] = [];
  for (let tries = 0; tries < TRIES; tries++) {
    const pages: RecoveryPage[] = [];
    do pages.push(await pageAfter(world, random, vault, pages.at(-1)?.next));
    while (pages.at(-1)?.next !== undefined);
    const secrets = pages.flatMap((page) => page.secrets);
    inserted.push(...secrets.filter(({ outcome }) => outcome === 'inserted'));
    const isUnclear =
      pages.some(({ unclear }) => unclear.length > 0) || secrets.some(({ reason }) => reason === 'unclear');
    if (!isUnclear) return [...inserted, ...secrets.filter(({ outcome }) => outcome !== 'inserted')];
    await sleep(RETRY_MS);
  }
  throw new Error(`The vault ${vault} cannot be recovered.`);
}

async function pageAfter(world: ClientWorld, random: Random, vault: string, cursor?: string): Promise<RecoveryPage> {
  for (let tries = 0; tries < TRIES; tries++) {
    const body = { vaultUrl: vault, ...(cursor !== undefined && { cursor }) };
    const answer = await call(world, random, 'POST', '/api/v1/operations/recover', body);
    const page = recoveryPageSchema.safeParse(answer);
    if (page.success) return page.data;
    // An instance that was killed has another one after it, which waits anew.
    if (JSON.stringify(answer ?? '').includes(':not-settled')) await world.azure.clock.advance(WAIT_MS);
    else await sleep(RETRY_MS);
  }
  throw new Error('No page of the recovery is answered.');
}
