import { type Command, executeCommand } from '../../../src/vending/commands/command.ts';
import type { Outcome } from '../../../src/vending/commands/outcome.ts';
import type { VendSettings } from '../../../src/vending/policy/policy.ts';
import {
  AFTER_DOUBT,
  CALLER,
  DAY,
  faultsAt,
  ID,
  KEY,
  OWN,
  orCrash,
  REQUEST,
  SETTINGS,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import type { World } from '../world/world.ts';
import type { WatchedWorld } from './watched-world.ts';

export type Scene = (world: WatchedWorld) => Promise<unknown>;

export const MINUTE = 60_000;
export const ROTATING = withRule({ rotateEvery: 'P10D' });
export const EXPIRING = withRule({ maxValidFor: 'P30D', revokeAtExpiry: true });
export const TRIAL = { validateOnly: true } as const;

/** One request as a transport sends it on, and what it began. */
export async function ask(world: World, command: Command, settings: VendSettings = SETTINGS): Promise<Outcome> {
  const outcome = await executeCommand(world.ctx(), settings, command);
  await world.settled();
  return outcome;
}

export const VEND = {
  operation: 'vend',
  caller: CALLER,
  key: KEY,
  request: REQUEST,
  validateOnly: false,
} satisfies Command;
export const ROTATE = {
  ...{ operation: 'rotate', authority: OWN, id: ID, requestKey: 'r1', requestHash: 'h1', validateOnly: false },
} satisfies Command;
export const NOW = { ...ROTATE, overlapMs: 0 } satisfies Command;
export const REVOKE = { operation: 'revoke', authority: OWN, id: ID, validateOnly: false } satisfies Command;
export const endOverlap = (apiKeyId: string) =>
  ({
    ...{ operation: 'end-overlap', authority: OWN, id: ID, apiKeyId, validateOnly: false },
  }) satisfies Command;

export const vend = (world: World, settings?: VendSettings) => ask(world, VEND, settings);
export const rotate = (world: World) => ask(world, ROTATE);
export const revoke = (world: World) => ask(world, REVOKE);

/** A day ago a credential was vended. */
export async function given(world: WatchedWorld, settings?: VendSettings): Promise<void> {
  await vend(world, settings);
  world.pass(DAY);
  world.forget();
}

/** The worker died as the script says. Lease, settling time and doubt are over. */
export async function dies(world: World, script: Parameters<typeof faultsAt>[0]): Promise<void> {
  world.fault = faultsAt(script);
  await orCrash(() => executeCommand(world.ctx(), SETTINGS, VEND));
  withoutFaults(world);
  world.killAll();
  world.pass(AFTER_DOUBT);
}
