import { expect } from 'vitest';
import { ConfigError, readConfig } from '../src/config.ts';

export type Env = Readonly<Record<string, string | undefined>>;

export const UUID = '00000000-0000-0000-0000-000000000000';
const RULES = '{"rules": []}';
export const HUSH = 'hush-hush';
export const REQUIRED = {
  ENTRA_TENANT_ID: UUID,
  ENTRA_AUDIENCE: 'api://vending',
  KEY_VAULT_URL: 'https://myvault.vault.azure.net',
  LEDGER_TABLE_ENDPOINT: 'https://account.table.core.windows.net',
  ServiceBusConnection__fullyQualifiedNamespace: 'ns.servicebus.windows.net',
  REQUEST_QUEUES: 'requests',
  RETRY_QUEUE: 'retries',
  RESULT_QUEUE: 'results',
  POLICY: RULES,
};

export const read = (change: Env, readFile = (): string => RULES) =>
  readConfig({ env: { ...REQUIRED, ...change }, readFile });

/** The complaints that a user sees. */
export function complaints(change: Env, readFile?: () => string): readonly string[] {
  try {
    read(change, readFile);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    // The host shows only the first line of an error as an error.
    const [, text] = /^The function cannot start: (.+)$/.exec((error as ConfigError).message) ?? [];
    return text?.split(' | ') ?? [];
  }
  return [];
}
