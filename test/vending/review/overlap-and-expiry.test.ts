import { beforeEach, describe, expect, it } from 'vitest';
import {
  currentKeyIn,
  DAY,
  endOverlapIn,
  faultsAt,
  HOUR,
  rotateIn,
  rowIn,
  SETTINGS,
  withoutFaults,
  withRule,
} from '../world/steps.ts';
import { World } from '../world/world.ts';
import { dueIn, logged, stateOf, tickIn, types, vended } from './scenes.ts';

const MINUTE = 60_000;
let world: World;
beforeEach(() => {
  world = new World();
});

describe('the end of an overlap', () => {
  let old: string;
  beforeEach(async () => {
    old = (await vended(world)).current?.key.id ?? '';
    await rotateIn(world);
    await world.settled();
  });

  it('deletes the old key and disables its version, at its date and not before', async () => {
    await tickIn(world, 25 * HOUR);
    expect(world.confluent.live()).toContain(old);
    await tickIn(world, 1);
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
    expect(rowIn(world)).not.toHaveProperty('previous');
    expect(types(world)).toEqual(['vended.v1', 'rotated.v1', 'revoked.v1']);
  });

  it('disables the version that the row names, whatever its tags say', async () => {
    const version = world.vault.versions[0];
    if (version !== undefined) version.tags = { 'vend-key': old };
    await tickIn(world, 25 * HOUR + 1);
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
  });

  it.each([
    ['the vault is silent', 'disableVersion'],
    ['Confluent is silent', 'deleteKey'],
    ['Confluent does not show the key', 'getKey'],
  ] as const)('is not recorded while %s, and is tried again', async (_, call) => {
    world.fault = (each) => (each === call ? 'lost' : undefined);
    await tickIn(world, 25 * HOUR + 1);
    expect(rowIn(world)).toHaveProperty('previous.keyId', old);
    withoutFaults(world);
    await tickIn(world, MINUTE + 1);
    expect(rowIn(world)).not.toHaveProperty('previous');
    expect(world.vault.enabled()).toEqual([currentKeyIn(world)]);
  });

  it('comes before the rotation that is due: until the old key is gone none is asked for, and then at once', async () => {
    const often = withRule({ rotateEvery: 'P2D' });
    await tickIn(world, 25 * HOUR + 1, often);
    await rotateIn(world, { key: 'r2', settings: often });
    await world.settled();
    world.fault = (each) => (each === 'deleteKey' ? 'lost' : undefined);
    await tickIn(world, 2 * DAY + 1, often);
    expect(rowIn(world)).toHaveProperty('previous');
    expect(world.rotationsAsked).toEqual([]);
    withoutFaults(world);
    await tickIn(world, MINUTE + 1, often);
    expect(rowIn(world)).not.toHaveProperty('previous');
    expect(world.rotationsAsked).toMatchObject([{ attempt: 3 }]);
  });

  it('deletes no key without our marker', async () => {
    const key = world.confluent.find(old);
    if (key !== undefined) key.record.spec.description = 'of somebody else';
    await tickIn(world, 25 * HOUR + 1);
    expect(world.confluent.deleted).toEqual([]);
    expect(logged(world)).toContain('foreign-key');
  });

  it('is kept although policy knows the rule no more', async () => {
    await tickIn(world, 25 * HOUR + 1, { ...SETTINGS, policy: { rules: [] } });
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });

  it('that a worker began and did not finish is taken up', async () => {
    world.fault = faultsAt({ disableVersion: { 1: 'lost' }, deleteKey: { 1: 'lost' } });
    await endOverlapIn(world, old);
    withoutFaults(world);
    await tickIn(world, 1);
    expect(world.confluent.live()).toEqual([currentKeyIn(world)]);
  });
});

describe('an expiry', () => {
  it('is told once and changes nothing, where the grant says nothing', async () => {
    await vended(world, { request: { validFor: 'P1D' } });
    for (let run = 0; run < 3; run++) await tickIn(world, DAY + 1);
    expect(types(world).filter((type) => type === 'expired.v1')).toHaveLength(1);
    expect(world.published.at(-1)?.data).toMatchObject({ willBeRevoked: false });
    expect(world.confluent.live()).toHaveLength(1);
  });

  it('revokes the credential in the same commit, where the grant says so', async () => {
    await vended(world, { request: { validFor: 'P1D' }, settings: withRule({ revokeAtExpiry: true }) });
    await world.settled();
    const { length } = world.ledger.changes;
    await tickIn(world, DAY + 1);
    const changes = world.ledger.changes
      .slice(length)
      .filter(({ after }) => after?.current?.expiryNotedAt !== undefined);
    expect(changes[0]?.after).toMatchObject({ revocation: { by: 'expiry' } });
    expect(world.published.at(-1)?.data).toMatchObject({ willBeRevoked: true });
    await tickIn(world, MINUTE);
    expect(stateOf(world)).toBe('revoked');
    expect(world.confluent.live()).toEqual([]);
    expect(world.vault.enabled()).toEqual([]);
  });

  it('revokes although policy knows the rule no more: what protects goes on', async () => {
    await vended(world, { request: { validFor: 'P1D' }, settings: withRule({ revokeAtExpiry: true }) });
    const gone = { ...SETTINGS, policy: { rules: [] } };
    await tickIn(world, DAY + 1, gone);
    await tickIn(world, MINUTE, gone);
    expect(stateOf(world)).toBe('revoked');
  });

  it('60 days ago leaves one event, and nothing urgent', async () => {
    await vended(world, { request: { validFor: 'P30D' } });
    world.pass(90 * DAY);
    for (let run = 0; run < 5; run++) await tickIn(world, MINUTE);
    expect(types(world)).toEqual(['vended.v1', 'expired.v1']);
    expect(dueIn(world).filter((ms) => ms <= 0)).toEqual([]);
    expect(world.rotationsAsked).toHaveLength(1);
  });
});
