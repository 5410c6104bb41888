import { type Accepted, acceptedIn } from './accepted.ts';

const identifier = acceptedIn(
  'src/azure/vault/secret-vault.ts',
  String.raw`const IDENTIFIER = /^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/;`,
  'The SDK refuses an identifier with more parts before we see it.',
);

const ping = acceptedIn(
  'src/azure/ledger/ledger.ts',
  'return true;',
  'Nobody writes the row that a ping looks for, so it is never found.',
);

export const ACCEPTED_IN_AZURE: readonly Accepted[] = [
  identifier(
    String.raw`/^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/`,
    String.raw`/^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)/`,
  ),
  ping('true', 'false'),
];
