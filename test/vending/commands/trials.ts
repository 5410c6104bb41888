import { expect } from 'vitest';
import { type Command, executeCommand } from '../../../src/vending/commands/command.ts';
import type { Outcome } from '../../../src/vending/commands/outcome.ts';
import { requestKeyOf } from '../../../src/vending/model/idempotency.ts';
import { hashRotation } from '../../../src/vending/request/operation.ts';
import type { Call } from '../world/network.ts';
import { CALLER, ID, KEY, OWN, REQUEST, SETTINGS, typeOf } from '../world/steps.ts';
import type { World } from '../world/world.ts';

/** Calls that change nothing. */
const READING: readonly Call[] = ['read', 'lookUpName'];

/** What a trial says. It must not do more than look. */
export async function trial(world: World, command: Command, settings = SETTINGS): Promise<Outcome> {
  const { length } = world.calls;
  const before = [...world.ledger.rows];
  const outcome = await executeCommand(world.ctx(), settings, command);
  expect(world.calls.slice(length).filter((call) => !READING.includes(call))).toEqual([]);
  expect([...world.ledger.rows]).toEqual(before);
  return outcome;
}

export const vendTrial = (world: World, request: object = {}, settings = SETTINGS): Promise<Outcome> =>
  trial(
    world,
    { operation: 'vend', caller: CALLER, key: KEY, request: { ...REQUEST, ...request }, validateOnly: true },
    settings,
  );

export const rotateTrial = (world: World, key = 'r1', settings = SETTINGS): Promise<Outcome> =>
  trial(
    world,
    {
      operation: 'rotate',
      authority: OWN,
      id: ID,
      requestKey: requestKeyOf(CALLER.id, { kind: 'key', key }),
      requestHash: hashRotation({}),
      validateOnly: true,
    },
    settings,
  );

export const revokeTrial = (world: World, id = ID): Promise<Outcome> =>
  trial(world, { operation: 'revoke', authority: OWN, id, validateOnly: true });

export const endOverlapTrial = (world: World, apiKeyId: string): Promise<Outcome> =>
  trial(world, { operation: 'end-overlap', authority: OWN, id: ID, apiKeyId, validateOnly: true });

export const effectOf = (outcome: Outcome): string =>
  outcome.kind === 'previewed' ? outcome.preview.effect : typeOf(outcome);
