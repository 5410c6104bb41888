import { expect } from 'vitest';
import type { Intent } from '../../src/vending/intent.ts';
import { rotationIdOf } from '../../src/vending/model/idempotency.ts';
import type { Authority } from '../../src/vending/policy/authority.ts';
import { type RevokeOutcome, revoke } from '../../src/vending/revoke.ts';
import { rotate } from '../../src/vending/rotate.ts';
import type { VendedIntent, VendOutcome } from '../../src/vending/saga/outcome.ts';
import { ask, COMMAND, SETTINGS } from './saga/vending.ts';
import type { World } from './saga/world.ts';

export const HOUR = 3_600_000;
export const OWN: Authority = { kind: 'caller', caller: COMMAND.caller };
export const OPERATOR: Authority = { kind: 'operator' };

export const rotateIn = (
  world: World,
  requestId: string,
  { settings = SETTINGS, authority = OWN, overlapMs }: Partial<RotateOptions> = {},
): Promise<VendOutcome> => rotate(world.ports(), settings, { authority, requestId, overlapMs });

interface RotateOptions {
  readonly settings: typeof SETTINGS;
  readonly authority: Authority;
  readonly overlapMs: number;
}

export const revokeIn = (world: World, requestId: string, authority: Authority = OWN): Promise<RevokeOutcome> =>
  revoke(world.ports(), { authority, requestId });

/** @throws where the request does not vend. */
export async function vendedIn(world: World): Promise<VendedIntent> {
  return vendedOf(await ask(world));
}

/** @throws where it is a problem. */
export function vendedOf(outcome: VendOutcome): VendedIntent {
  if (outcome.kind !== 'vended') throw new Error(`Expected a vended key, got ${JSON.stringify(outcome)}`);
  return outcome.intent;
}

export const intentIn = (world: World, id: string): Intent | undefined => world.rows.get(id)?.intent;
export const kindIn = (world: World, id: string): string | undefined => intentIn(world, id)?.state.kind;
export const rotationIn = (world: World, old: Pick<Intent, 'id' | 'caller'>): Intent | undefined =>
  intentIn(world, rotationIdOf(old));
export const liveIn = (world: World): string[] => world.keys.filter(({ live }) => live).map(({ record }) => record.id);

/** What consumers read without a version works. */
export function expectReadable(world: World): void {
  const readable = world.readable();
  expect(readable, 'the newest version is in force').toHaveLength(1);
  for (const keyId of readable) expect(liveIn(world), 'its key lives').toContain(keyId);
}
