import type { Accepted } from './accepted.ts';

/** Errors without their texts. */
export const ACCEPTED_TEXTS: readonly Accepted[] = (
  [
    [
      'ledger/table.ts',
      "Object.assign(new Error('The answer is not of the table service.'), {",
      "'The answer is not of the table service.'",
    ],
    [
      'arm/connection.ts',
      "socket.once('close', () => reject(new ConnectionUnusable('The connection was closed.')));",
      "'The connection was closed.'",
    ],
    [
      'arm/connection.ts',
      "if (this.#isDiscarded) throw new ConnectionUnusable('The connection was discarded.');",
      "'The connection was discarded.'",
    ],
    [
      'arm/connection.ts',
      "throw new ConnectionUnusable('The connection was closed before its request.');",
      "'The connection was closed before its request.'",
    ],
    [
      'arm/one-request.ts',
      "if (request.abortSignal?.aborted) throw new Error('The deadline has passed: nothing is sent any more.');",
      "'The deadline has passed: nothing is sent any more.'",
    ],
    [
      'arm/one-request.ts',
      "if (this.#stage === 'sent') throw new Error('This request may have taken effect: it is not sent again.');",
      "'This request may have taken effect: it is not sent again.'",
    ],
    ['http.ts', "if (token === null) throw new Error('The credential has no token');", "'The credential has no token'"],
    [
      'vault/versions.ts',
      "if (id === undefined || version === undefined) throw new Error('Key Vault listed a version without an identifier.');",
      "'Key Vault listed a version without an identifier.'",
    ],
    [
      'vault/secret-vault.ts',
      "if (enabled !== false) throw new Error('Key Vault answered that the version is enabled.');",
      "'Key Vault answered that the version is enabled.'",
    ],
    [
      'vault/secret-vault.ts',
      "throw new Error('Key Vault answered a store with another identifier.');",
      "'Key Vault answered a store with another identifier.'",
    ],
    [
      'entra/signing-keys.ts',
      "throw Object.assign(new Error('The signing keys could not be fetched'), { statusCode: response.status });",
      "'The signing keys could not be fetched'",
    ],
  ] as const
).map(([file, code, was]) => ({
  ...{ file: `src/azure/${file}`, code, was, now: '' },
  reason: 'No message of an error is logged or answered. Its code is.',
}));
