import type { AccessToken, TokenCredential } from '@azure/identity';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createConfluentKeys } from '../src/azure/arm/confluent-keys.ts';
import { createCredential } from '../src/azure/credential.ts';
import { createEventPublisher } from '../src/azure/events/event-publisher.ts';
import { createLedger } from '../src/azure/ledger/ledger.ts';
import { createMessenger } from '../src/azure/servicebus/messenger.ts';
import { createSecretVault } from '../src/azure/vault/secret-vault.ts';
import { connect } from '../src/connect.ts';
import type { Ledger } from '../src/vending/ports/ledger.ts';
import type { SecretVault } from '../src/vending/ports/secret-vault.ts';
import { createOutbox } from '../src/vending/saga/outbox.ts';
import { read } from './config-env.ts';
import { DEFAULT_TIMINGS } from './vending/world/timings.ts';

vi.mock('../src/azure/credential.ts', { spy: true });
vi.mock('../src/azure/arm/confluent-keys.ts', { spy: true });
vi.mock('../src/azure/events/event-publisher.ts', { spy: true });
vi.mock('../src/azure/ledger/ledger.ts', { spy: true });
vi.mock('../src/azure/servicebus/messenger.ts', { spy: true });
vi.mock('../src/azure/vault/secret-vault.ts', { spy: true });
vi.mock('../src/vending/saga/outbox.ts', { spy: true });

const LEDGER = { endpoint: 'https://account.table.core.windows.net', table: 'table', timings: DEFAULT_TIMINGS };
const SCOPE = 'https://example.azure.net/.default';

let asked: number;
let isDown: boolean;
let connected: ReturnType<typeof connect>;
/** Gives another token each time that it is asked. */
const identity: TokenCredential = {
  getToken: async (): Promise<AccessToken> => {
    if (isDown) throw new Error('The identity endpoint is down');
    return { token: `token ${++asked}`, expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};

beforeEach(() => {
  [asked, isDown] = [0, false];
  vi.mocked(createCredential).mockReset().mockReturnValue(identity);
  const config = read({ EVENT_TOPIC_ENDPOINT: 'https://topic.westeurope-1.eventgrid.azure.net/api/events' });
  connected = connect(config, new AbortController().signal);
});
afterEach(() => {
  vi.clearAllMocks();
  vi.useRealTimers();
});

/** The credential that the client of a service was given. */
const GIVEN = {
  arm: () => vi.mocked(createConfluentKeys).mock.calls[0]?.[0],
  ledger: () => vi.mocked(createLedger).mock.calls[0]?.[0],
  topic: () => vi.mocked(createEventPublisher).mock.calls[0]?.[1],
  vault: () => vi.mocked(createSecretVault).mock.calls[0]?.[0],
  bus: () => vi.mocked(createMessenger).mock.calls[0]?.[0],
} as const;

function credentialOf(service: keyof typeof GIVEN): TokenCredential {
  const options = GIVEN[service]();
  if (options === undefined || !('credential' in options)) throw new Error(`${service} has no credential.`);
  return options.credential;
}

async function tokensOf(service: keyof typeof GIVEN): Promise<readonly (string | undefined)[]> {
  const credential = credentialOf(service);
  return [(await credential.getToken(SCOPE))?.token, (await credential.getToken(SCOPE))?.token];
}

it.each(['arm', 'ledger', 'topic'] as const)('requests to %s share a token while it serves', async (service) => {
  expect(await tokensOf(service)).toEqual(['token 1', 'token 1']);
});

it.each(['vault', 'bus'] as const)(
  'the client of %s, which keeps its token itself, gets a new one whenever it asks for one',
  async (service) => {
    expect(await tokensOf(service)).toEqual(['token 1', 'token 2']);
  },
);

it('the vaults’ client, which renews its token behind the requests’ back, gets the last one where there is no new one', async () => {
  const credential = credentialOf('vault');
  await credential.getToken(SCOPE);
  isDown = true;
  expect((await credential.getToken(SCOPE))?.token).toBe('token 1');
});

it('the bus gets the last token while it serves for minutes, and no older one, which it would renew in a loop', async () => {
  vi.useFakeTimers();
  const credential = credentialOf('bus');
  await credential.getToken(SCOPE);
  isDown = true;
  vi.setSystemTime(Date.now() + 3_600_000 - 5 * 60_000);
  expect((await credential.getToken(SCOPE))?.token).toBe('token 1');
  vi.setSystemTime(Date.now() + 1);
  await expect(credential.getToken(SCOPE)).rejects.toThrow('down');
});

it('messages and events go over what was opened for them, those of the outbox as well', () => {
  const { effects, messenger } = connected;
  const events = vi.mocked(createEventPublisher).mock.results[0]?.value;
  expect(messenger).toBe(vi.mocked(createMessenger).mock.results[0]?.value);
  expect([effects.events, vi.mocked(createOutbox).mock.calls[0]?.[0].events]).toEqual([events, events]);
  expect(connect(read({}), new AbortController().signal).effects).not.toHaveProperty('events');
});

it.each([
  [true, true, true],
  [false, true, true],
  [true, false, true],
  [true, true, false],
])('a service is ready where its token, the vault and the ledger answer: %s, %s, %s', async (...answers) => {
  const [hasToken, isWritable, isThere] = answers;
  isDown = !hasToken;
  const upstream = { service: 'vault' } as const;
  const proveWritable = vi.fn<SecretVault['proveWritable']>(async () =>
    isWritable ? { kind: 'writable' } : { kind: 'not-writable', upstream },
  );
  const clock = { now: Date.now, sleep: async () => undefined };
  vi.mocked(createSecretVault).mockReturnValueOnce({
    ...createSecretVault({ credential: identity, clock }),
    proveWritable,
  });
  const ledger = createLedger({ ...LEDGER, credential: identity });
  vi.mocked(createLedger).mockReturnValueOnce({ ...ledger, ping: async () => isThere });
  const { checks } = connect(read({}), new AbortController().signal);
  expect(checks.map(({ name }) => name)).toEqual(['token', 'vault', 'ledger']);
  expect(await Promise.all(checks.map(({ passes }) => passes()))).toEqual(answers);
  expect(proveWritable.mock.calls).toEqual([['https://myvault.vault.azure.net']]);
});

it('the end of the process does not wait for the pause of the outbox, and leaves its rows to the reconciler', async () => {
  vi.useFakeTimers();
  const commit = vi.fn<Ledger['commit']>(async () => ({ kind: 'committed', etag: '' }));
  vi.mocked(createLedger).mockReturnValueOnce({ ...createLedger({ ...LEDGER, credential: identity }), commit });
  const stopping = new AbortController();
  const { effects, tasks } = connect(read({}), stopping.signal);
  effects.outbox.remove(['audit_1']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(commit).not.toHaveBeenCalled();
  stopping.abort();
  await tasks.done();
  expect(commit).not.toHaveBeenCalled();
});
