import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../src/vending/model/credential.ts';
import { rowOf } from '../../../src/vending/model/rows.ts';
import { CLOCK_SKEW_MS } from '../../../src/vending/model/timings.ts';
import type { UpstreamTrace } from '../../../src/vending/model/tracing.ts';
import type { GetKeyOutcome } from '../../../src/vending/ports/confluent.ts';
import type { VersionMetadata } from '../../../src/vending/ports/secret-vault.ts';
import { findUnnamedKey, isHidden, keysProvenGone } from '../../../src/vending/saga/unnamed-keys.ts';
import { ID, keyOf, NOW, rows, TIMINGS } from '../model/credentials.ts';
import { World } from '../world/world.ts';

const upstream = (of: Partial<UpstreamTrace> = {}): UpstreamTrace => ({ service: 'arm', ...of });
const code = 'Gone';
const FORBIDDEN: GetKeyOutcome = { kind: 'forbidden', upstream: upstream({ status: 403 }) };
const HIDDEN: GetKeyOutcome = { kind: 'unclear', upstream: upstream({ status: 410, code }) };
const SILENT: GetKeyOutcome = { kind: 'unclear', upstream: upstream({ code: 'ECONNRESET' }) };

describe('a key is hidden', () => {
  it.each<[string, GetKeyOutcome, boolean]>([
    ['by a 403', FORBIDDEN, true],
    ['by a 400 of ARM', { kind: 'unclear', upstream: upstream({ status: 400, code }) }, true],
    ['by a 499 of ARM', { kind: 'unclear', upstream: upstream({ status: 499, code }) }, true],
    ['not by a 399', { kind: 'unclear', upstream: upstream({ status: 399, code }) }, false],
    ['not by a failure of ARM', { kind: 'unclear', upstream: upstream({ status: 500, code }) }, false],
    ['not by a 408', { kind: 'unclear', upstream: upstream({ status: 408, code }) }, false],
    ['not by a 429', { kind: 'unclear', upstream: upstream({ status: 429, code }) }, false],
    ['not by a status without a code', { kind: 'unclear', upstream: upstream({ status: 410 }) }, false],
    ['not by silence', SILENT, false],
    ['not where it is gone', { kind: 'absent', upstream: upstream({ status: 404, code }) }, false],
  ])('%s', (_, answer, expected) => {
    expect(isHidden(answer)).toBe(expected);
  });
});

/** Attempts of the ledger. */
function worldWith(...attempts: readonly Partial<Parameters<typeof rowOf<'attempt'>>[1]>[]): World {
  const world = new World();
  for (const [number, of] of attempts.entries()) {
    const named = { attempt: number + 1, nonce: 'aaaaaa', purpose: 'rotate', outcome: 'failed' } as const;
    const { key, value } = rowOf('attempt', { id: ID, claimedAt: NOW, ...named, ...of });
    world.ledger.rows.set(key, { text: JSON.stringify(value), etag: 'e' });
  }
  return world;
}

it('the ledger proves gone the keys of ended attempts of this row, also by a clock that is behind', async () => {
  const world = worldWith(
    { apiKeyId: 'FAILED' },
    { apiKeyId: 'VENDED', outcome: 'vended' },
    { apiKeyId: 'OPEN', outcome: 'open' },
    { apiKeyId: 'BEHIND', claimedAt: NOW - CLOCK_SKEW_MS },
    { apiKeyId: 'BEFORE', claimedAt: NOW - CLOCK_SKEW_MS - 1 },
    {},
    { apiKeyId: 'STRANGE', id: 'z'.repeat(26) },
  );
  expect(await keysProvenGone(world.ctx(), rows.vended())).toEqual(new Set(['FAILED', 'VENDED', 'BEHIND']));
  world.fault = (call) => (call === 'list' ? 'lost' : undefined);
  expect(await keysProvenGone(world.ctx(), rows.vended())).toBeUndefined();
});

const tagsOf = (id: string, keyId: string) => ({
  ...{ 'vend-id': id, 'vend-attempt': '9', 'vend-nonce': 'aaaaaa', 'vend-key': keyId },
});
const VERSION: VersionMetadata = {
  ...{ id: 'https://v/secrets/n/v9', version: 'v9', enabled: true, createdAt: NOW },
  tags: tagsOf(ID, 'KEY9'),
};

/** A look where the vault has one version, and Confluent answers so about its key. */
function lookWith(world: World, row: Credential, answer: GetKeyOutcome, version: Partial<VersionMetadata> = {}) {
  const ctx = world.ctx();
  const versions = [{ ...VERSION, ...version }];
  const vault = { ...ctx.vault, listVersions: async () => ({ kind: 'listed', versions }) as const };
  return findUnnamedKey({ ...ctx, vault, confluent: { ...ctx.confluent, getKey: async () => answer } }, row);
}

const found = (marker: string): GetKeyOutcome => {
  const { spec, ...key } = keyOf('KEY9');
  return { kind: 'found', key: { ...key, spec: { ...spec, description: marker } }, upstream: upstream() };
};
const OURS = found(`vend:${ID}.9.aaaaaa`);
const TAKEN = {
  attempt: { id: ID, attempt: 9, nonce: 'aaaaaa' },
  keyId: 'KEY9',
  secret: { id: VERSION.id, version: 'v9' },
};

describe('a key that only the vault names', () => {
  const failed = { apiKeyId: 'KEY9' };
  const said = rows.revoking({ saidGone: ['KEY9'] });

  it.each<[string, World, Credential, GetKeyOutcome, object]>([
    ['is found where it lives', new World(), rows.revoking(), OURS, { kind: 'found', key: TAKEN }],
    ['is not ours with another marker', new World(), rows.revoking(), found('by hand'), { kind: 'none' }],
    ['is not looked for where the ledger proves it gone', worldWith(failed), rows.revoking(), OURS, { kind: 'none' }],
    ['is looked for where a person said so', worldWith(failed), said, OURS, { kind: 'found', key: TAKEN }],
    ['is gone where a person said so and Confluent hides it', new World(), said, HIDDEN, { kind: 'none' }],
    ['is gone likewise on a 403', new World(), said, FORBIDDEN, { kind: 'none' }],
    ['is not gone where nobody said so', new World(), rows.revoking(), HIDDEN, { kind: 'unclear' }],
    ['is not gone where Confluent is silent', new World(), said, SILENT, { kind: 'unclear' }],
    [
      'is not gone on a word about another',
      new World(),
      rows.revoking({ saidGone: ['X'] }),
      HIDDEN,
      { kind: 'unclear' },
    ],
  ])('%s', async (_, world, row, answer, look) => {
    expect(await lookWith(world, row, answer)).toMatchObject(look);
  });

  it('is not looked for where the row names it, or another credential does', async () => {
    const world = new World();
    for (const tags of [tagsOf(ID, 'KEY1'), tagsOf('z'.repeat(26), 'KEY9')])
      expect(await lookWith(world, rows.revoking(), SILENT, { tags })).toEqual({
        kind: 'none',
      });
    expect(world.calls).toEqual([]);
  });

  it('is found behind one that is gone', async () => {
    const ctx = new World().ctx();
    const versions = ['GONE', 'KEY9'].map((keyId) => ({ ...VERSION, tags: tagsOf(ID, keyId) }));
    const vault = { ...ctx.vault, listVersions: async () => ({ kind: 'listed', versions }) as const };
    const getKey = async (_: unknown, keyId: string): Promise<GetKeyOutcome> =>
      keyId === 'KEY9' ? OURS : { kind: 'absent', upstream: upstream({ status: 404 }) };
    const look = await findUnnamedKey({ ...ctx, vault, confluent: { ...ctx.confluent, getKey } }, rows.revoking());
    expect(look).toEqual({ kind: 'found', key: TAKEN });
  });

  it('is of an earlier life of the credential where its disabled version is a retention older', async () => {
    const old = NOW - TIMINGS.retentionMs;
    const look = async (version: Partial<VersionMetadata>, answer = FORBIDDEN) =>
      (await lookWith(new World(), rows.revoking(), answer, version)).kind;
    expect(await look({ enabled: false, createdAt: old - 1 })).toBe('none');
    expect(await look({ enabled: false, createdAt: old })).toBe('unclear');
    expect(await look({ enabled: true, createdAt: old - 1 })).toBe('unclear');
    expect(await look({ enabled: false, createdAt: old - 1 }, HIDDEN)).toBe('unclear');
  });

  it('is not known to be gone where the ledger is silent', async () => {
    const world = new World();
    world.fault = (call) => (call === 'list' ? 'lost' : undefined);
    const look = await lookWith(world, rows.revoking(), OURS);
    expect(look).toEqual({ kind: 'unclear', upstream: { service: 'ledger' } });
  });
});
