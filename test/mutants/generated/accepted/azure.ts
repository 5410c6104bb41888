import { type Accepted, acceptedIn } from './accepted.ts';

const identifier = acceptedIn(
  'src/azure/vault/secret-vault.ts',
  String.raw`const IDENTIFIER = /^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/;`,
  'The SDK refuses an identifier with more parts before we see it.',
);

export const ACCEPTED_IN_AZURE: readonly Accepted[] = [
  identifier(
    String.raw`/^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)$/`,
    String.raw`/^https:\/\/[^/]+\/secrets\/([^/]+)\/([^/]+)/`,
  ),
];
