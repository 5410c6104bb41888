import { inspect } from 'node:util';
import { beforeEach, expect, it } from 'vitest';
import { executeCommand } from '../../../src/vending/commands/command.ts';
import type { Effects } from '../../../src/vending/saga/context.ts';
import { instrumented } from '../../../src/vending/saga/instrumented.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import { RecordedTelemetry } from '../recorded-telemetry.ts';
import { CALLER, KEY, REQUEST, SETTINGS } from '../world/steps.ts';
import { World } from '../world/world.ts';

const THROTTLED = { service: 'vault', status: 429 } as const;
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

function vend(settings = SETTINGS) {
  const ctx = world.ctx();
  const command = { operation: 'vend', caller: CALLER, key: KEY, request: REQUEST, validateOnly: false } as const;
  return executeCommand({ ...ctx, ...instrumented(ctx, telemetry) }, settings, command);
}

const measured = (): string[] =>
  telemetry.measurements.map(({ instrument, dimensions }) => `${instrument} ${Object.values(dimensions).join(' ')}`);

it('what is vended is counted once as vended, then as replayed', async () => {
  await vend();
  await vend();
  expect(measured()).toEqual([
    'vending.mint.duration minted',
    'vending.store.duration stored',
    'vending.outcomes vend vended',
    'vending.outcomes vend replayed',
  ]);
  expect(telemetry.spans.map(({ name }) => name)).toEqual(['mint', 'store', 'vend', 'vend']);
});

it('a problem is counted by its type, and its span says whose fault it was', async () => {
  world.confluent.mintAs = () => ({
    kind: 'throttled',
    retryAfterMs: 7_000,
    upstream: { service: 'arm', status: 429 },
  });
  await vend();
  expect(measured()).toEqual([
    'vending.throttled arm',
    'vending.mint.duration throttled',
    'vending.outcomes vend upstream-throttled',
  ]);
  const attributes = { outcome: 'upstream-throttled', failed: true, attempt: 1 };
  expect(telemetry.spans.at(-1)).toMatchObject({ name: 'vend', attributes });
});

it('a refusal by policy is nobody’s failure', async () => {
  await vend({ ...SETTINGS, policy: { rules: [] } });
  expect(telemetry.spans).toMatchObject([{ name: 'vend', attributes: { outcome: 'forbidden', failed: false } }]);
});

it('a compensation has a span of its own', async () => {
  world.vault.refuseStores = 'transient';
  await vend();
  const [keyId] = world.confluent.deleted;
  expect(telemetry.spans).toContainEqual(
    expect.objectContaining({ name: 'compensate', attributes: expect.objectContaining({ apiKeyId: keyId }) }),
  );
});

it('spans have nothing of the secret', async () => {
  await vend();
  const [{ secret } = { secret: 'none' }] = world.confluent.keys;
  expect(world.vault.versions[0]?.value).toBe(secret);
  expect(inspect(telemetry, { depth: 20 })).not.toContain(secret);
});

it('every answer of ARM and the vault that asks to wait is counted', async () => {
  const unavailable = async () => ({ kind: 'unavailable', upstream: THROTTLED }) as const;
  const unclear = async () => ({ kind: 'unclear', upstream: THROTTLED }) as const;
  const { confluent, vault } = instrumented(
    {
      ...world.effects(),
      confluent: {
        openMintConnection: () => ({
          mint: async () => ({ kind: 'throttled', retryAfterMs: 1, upstream: THROTTLED }),
          discard: () => undefined,
        }),
        throttledFor: () => 0,
        deleteKey: unclear,
        getKey: unclear,
      },
      vault: {
        isProvenWritable: () => false,
        proveWritable: async () => ({ kind: 'not-writable', upstream: THROTTLED }),
        store: async () => ({ kind: 'refused', reason: 'transient', upstream: THROTTLED }),
        lookUpName: unavailable,
        listVersions: unavailable,
        listNames: unavailable,
        disableVersion: unavailable,
      },
    },
    telemetry,
  );
  const connection = confluent.openMintConnection();
  const secret = { vaultUrl: 'https://v', name: 'n', value: new Secret('s'), contentType: '', tags: {} };
  const calls = [
    connection.mint({ target: TARGET, name: 'n', description: '' }, 1),
    confluent.deleteKey(TARGET, 'k'),
    confluent.getKey(TARGET, 'k'),
    vault.proveWritable('https://v'),
    vault.store(secret, 1),
    vault.lookUpName('https://v', 'n'),
    vault.listVersions('https://v', 'n'),
    vault.listNames('https://v'),
    vault.disableVersion('https://v', 'n', '1'),
  ];
  const outcomes = await Promise.all(calls);
  connection.discard();
  expect(vault.isProvenWritable('https://v')).toBe(false);
  expect(outcomes.map(({ kind }) => kind)).toContain('throttled');
  expect(measured().filter((line) => line === 'vending.throttled vault')).toHaveLength(calls.length);
});

/** Each method answers with its own name and its arguments. Those that ask nobody answer at once. */
const echoing = <Port extends object>(port: string): Port => {
  const echo =
    (method: string) =>
    (...sent: unknown[]) => {
      const answer = { kind: `${port}.${method}`, sent };
      return ['throttledFor', 'isProvenWritable', 'discard'].includes(method) ? answer : Promise.resolve(answer);
    };
  const get = (_: object, method: string) =>
    method === 'openMintConnection' ? () => echoing('connection') : echo(method);
  return new Proxy<Port>({} as Port, { get } as ProxyHandler<Port>);
};

it('what is measured goes through as it is: every call with its arguments, every answer', async () => {
  const plain = { confluent: echoing<Effects['confluent']>('confluent'), vault: echoing<Effects['vault']>('vault') };
  const { confluent, vault } = instrumented({ ...world.effects(), ...plain }, telemetry);
  const { openMintConnection, ...keys } = confluent;
  const args = ['one', 'two', 'three'];
  for (const [port, methods] of Object.entries({ confluent: keys, vault, connection: openMintConnection() }))
    for (const [method, call] of Object.entries(methods) as [string, (...sent: string[]) => unknown][])
      expect(await call(...args)).toEqual({ kind: `${port}.${method}`, sent: args.slice(0, call.length) });
});
