import { inspect } from 'node:util';
import { beforeEach, expect, it } from 'vitest';
import { perform } from '../../src/vending/command.ts';
import { observed } from '../../src/vending/observed.ts';
import { Secret } from '../../src/vending/secret/secret.ts';
import { RecordedTelemetry } from './recorded-telemetry.ts';
import { COMMAND, SETTINGS } from './saga/vending.ts';
import { World } from './saga/world.ts';

const THROTTLED = { service: 'vault', status: 429 } as const;
const VERSIONS = { vaultUrl: 'https://v', name: 'n', intentId: 'i', attempt: 1 };
const TARGET = {
  subscriptionId: 's',
  resourceGroupName: 'r',
  organizationName: 'o',
  environmentId: 'e',
  clusterId: 'c',
};

let world: World;
let telemetry: RecordedTelemetry;
beforeEach(() => {
  world = new World();
  telemetry = new RecordedTelemetry();
});

const order = () =>
  perform({ ...world.ports(), ...observed(world.ports(), telemetry) }, SETTINGS, { operation: 'vend', ...COMMAND });
const measured = (): string[] =>
  telemetry.measurements.map(({ instrument, dimensions }) => `${instrument} ${Object.values(dimensions).join(' ')}`);

it('what is vended is counted once as vended, then as replayed', async () => {
  await order();
  await order();
  expect(measured()).toEqual([
    'vending.mint.duration minted',
    'vending.store.duration stored',
    'vending.outcomes vend vended',
    'vending.outcomes vend replayed',
  ]);
  expect(telemetry.spans.map(({ name }) => name)).toEqual([
    ...['authorize', 'preflight', 'mint', 'store', 'vend'],
    ...['authorize', 'vend'],
  ]);
});

it('a problem is counted by its type, and its span says whose fault it was', async () => {
  world.mintAs = () => ({ kind: 'throttled', retryAfterMs: 7_000, upstream: { service: 'arm', status: 429 } });
  await order();
  expect(measured()).toEqual([
    'vending.throttled arm',
    'vending.mint.duration throttled',
    'vending.outcomes vend upstream-throttled',
  ]);
  expect(telemetry.spans.at(-1)).toMatchObject({
    name: 'vend',
    attributes: { outcome: 'upstream-throttled', failed: true, attempt: 1 },
  });
});

it('a refusal by policy ends in its span, and is nobody’s failure', async () => {
  const settings = { ...SETTINGS, policy: { rules: [] } };
  await perform({ ...world.ports(), telemetry }, settings, { operation: 'vend', ...COMMAND });
  expect(telemetry.spans).toMatchObject([
    { name: 'authorize', attributes: { outcome: 'forbidden', failed: false } },
    { name: 'vend', attributes: { outcome: 'forbidden', failed: false } },
  ]);
});

it('spans have nothing of the secret', async () => {
  await order();
  const [{ secret = 'none' } = {}] = world.keys;
  expect(world.versions[0]?.value).toBe(secret);
  expect(inspect(telemetry, { depth: 20 })).not.toContain(secret);
});

it('every answer of ARM and the vault that asks to wait is counted', async () => {
  const answer = async () => ({ kind: 'unavailable', upstream: THROTTLED }) as const;
  const unclear = async () => ({ kind: 'unclear', upstream: THROTTLED }) as const;
  const { confluent, vault } = observed(
    {
      ...world.ports(),
      confluent: {
        mint: async () => ({ kind: 'throttled', retryAfterMs: 1, upstream: THROTTLED }),
        deleteKey: unclear,
        getKey: unclear,
      },
      vault: {
        proveWritable: async () => ({ kind: 'not-writable', upstream: THROTTLED }),
        store: async () => ({ kind: 'refused', upstream: THROTTLED }),
        lookUpName: answer,
        findVersions: answer,
        disableVersion: answer,
      },
    },
    telemetry,
  );
  const secret = { vaultUrl: 'https://v', name: 'n', value: new Secret('s'), contentType: '', tags: {} };
  const calls = [
    confluent.mint({ target: TARGET, name: 'n', description: '' }, 1),
    confluent.deleteKey(TARGET, 'k'),
    confluent.getKey(TARGET, 'k'),
    vault.proveWritable('https://v'),
    vault.store(secret, 1),
    vault.lookUpName('https://v', 'n'),
    vault.findVersions(VERSIONS),
    vault.disableVersion('https://v', 'n', '1'),
  ];
  const outcomes = await Promise.all(calls);
  expect(outcomes.map(({ kind }) => kind)).toContain('throttled');
  expect(measured().filter((line) => line === 'vending.throttled vault')).toHaveLength(calls.length);
});
