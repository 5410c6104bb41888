import { createConfluentKeys } from '../../src/azure/arm/confluent-keys.ts';
import { createEventGridTopic } from '../../src/azure/events/event-grid-topic.ts';
import { createLedger } from '../../src/azure/ledger/ledger.ts';
import { createSecretVault } from '../../src/azure/vault/secret-vault.ts';
import { EVENTS } from '../vending/events/outgoing-events.ts';
import { DEFAULT_TIMINGS } from '../vending/world/timings.ts';
import { goodCredential as credential } from './arm/fixtures.ts';
import type { Script } from './arm/scripted-arm.ts';

const clock = { now: () => Date.parse('2026-01-01T00:00:00Z'), sleep: async () => undefined };
// The scripted server is no host of Key Vault.
const clientOptions = { disableChallengeResourceVerification: true };

/** New adapters to one server, which plays ARM, Key Vault, the table and the topic. */
export const adaptersAt = (endpoint: string) => ({
  arm: createConfluentKeys({ credential, endpoint }),
  vault: createSecretVault({ credential, clock, clientOptions }),
  ledger: createLedger({ credential, endpoint, table: 'ledger', timings: DEFAULT_TIMINGS }),
  topic: createEventGridTopic({ credential, endpoint: `${endpoint}/api/events` }),
});
export type Adapters = ReturnType<typeof adaptersAt>;

const CHALLENGE = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';

/** Key Vault's client sends nothing that matters before it was asked for a token. */
export const challenging =
  (script: Script): Script =>
  (res, request, faults) => {
    if (request.headers.authorization === undefined) res.writeHead(401, { 'www-authenticate': CHALLENGE }).end();
    else script(res, request, faults);
  };

const [first] = EVENTS;
if (first === undefined) throw new Error('There is no event to publish');
export const EVENT = first;
