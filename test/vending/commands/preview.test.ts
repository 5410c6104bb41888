import { beforeEach, describe, expect, it } from 'vitest';
import { executeCommand } from '../../../src/vending/commands/command.ts';
import {
  currentKeyIn,
  failing,
  faultsAt,
  HOUR,
  heldAt,
  ID,
  OWN,
  revokeIn,
  rotateIn,
  rowIn,
  SETTINGS,
  vendIn,
} from '../world/steps.ts';
import { World } from '../world/world.ts';

import { effectOf, endOverlapTrial, revokeTrial, rotateTrial } from './trials.ts';

let world: World;
beforeEach(() => {
  world = new World();
});

describe('a rotation that is tried out', () => {
  beforeEach(async () => {
    await vendIn(world);
  });

  it('says that a key would be minted for the same secret, and until when the old one would live', async () => {
    expect(await rotateTrial(world)).toMatchObject({
      preview: {
        operation: 'rotate',
        effect: 'mint',
        id: ID,
        secret: { name: rowIn(world).secretName },
        previousKeyUntil: new Date(world.now + 25 * HOUR).toISOString(),
      },
    });
  });

  it('says that the old key goes with its secret, where that expires first', async () => {
    world = new World();
    await vendIn(world, { request: { validFor: 'P2D' } });
    world.pass(30 * HOUR);
    const { expiresOn = 0 } = rowIn(world).current ?? {};
    expect(await rotateTrial(world)).toMatchObject({
      preview: { previousKeyUntil: new Date(expiresOn).toISOString() },
    });
  });

  it.each<[string, () => Promise<unknown>, string, string]>([
    ['was asked for', () => rotateIn(world), 'r1', 'replay'],
    ['comes too soon', () => rotateIn(world), 'r2', 'rotation-too-soon'],
    ['is of a revoked credential', () => revokeIn(world), 'r1', 'revoked'],
    ['is under way', () => heldAt(world, 'store', 1, () => rotateIn(world)), 'r1', 'request-in-progress'],
  ])('and %s says so', async (_, prepare, key, effect) => {
    await prepare();
    world.turn = async () => undefined;
    expect(effectOf(await rotateTrial(world, key))).toBe(effect);
  });

  it('is refused like the rotation itself', async () => {
    expect(effectOf(await rotateTrial(world, 'r1', { ...SETTINGS, mode: 'paused' }))).toBe('paused');
    expect(effectOf(await rotateTrial(world, 'r1', { ...SETTINGS, policy: { rules: [] } }))).toBe('forbidden');
    world.fault = faultsAt({ read: { 1: 'lost' } });
    expect(effectOf(await rotateTrial(world))).toBe('ledger-unavailable');
    world.fault = faultsAt({ read: { 2: 'lost' } });
    expect(effectOf(await rotateTrial(world))).toBe('ledger-unavailable');
  });

  it('of a credential without a key says so', async () => {
    world = failing('mint', 'refused');
    await vendIn(world);
    expect(effectOf(await rotateTrial(world))).toBe('not-rotatable');
  });
});

describe('a revocation that is tried out', () => {
  it('says that keys would be deleted, and later that they were', async () => {
    await vendIn(world);
    expect(effectOf(await revokeTrial(world))).toBe('revoke');
    await revokeIn(world);
    expect(effectOf(await revokeTrial(world))).toBe('none');
  });

  it('of somebody else’s credential finds nothing', async () => {
    expect(effectOf(await revokeTrial(world, 'a'.repeat(26)))).toBe('not-found');
  });
});

describe('the end of an overlap that is tried out', () => {
  it('says that the previous key would be deleted, and later that it was', async () => {
    await vendIn(world);
    const old = currentKeyIn(world);
    await rotateIn(world);
    expect(effectOf(await endOverlapTrial(world, old))).toBe('revoke');
    expect(effectOf(await endOverlapTrial(world, currentKeyIn(world)))).toBe('no-overlap');
    for (const key of world.ledger.keys('key')) if (key !== `key_${old}`) world.ledger.lose(key);
    await executeCommand(world.ctx(), SETTINGS, {
      operation: 'end-overlap',
      authority: OWN,
      id: ID,
      apiKeyId: old,
      validateOnly: false,
    });
    expect(effectOf(await endOverlapTrial(world, old))).toBe('none');
  });
});
