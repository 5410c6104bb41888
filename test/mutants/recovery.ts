import { type Mutant, mutantsOf } from './mutant.ts';

const mutant = mutantsOf('src/vending/commands/recovery');

/** Tags alone bring nothing back, and nothing that readers may have is deleted. */
export const RECOVERY_MUTANTS: readonly Mutant[] = [
  mutant(
    'the marker of a key that comes back',
    'const isOurs = marker !== undefined && marker.id === tagged.id && isSameAttempt(marker, tagged);',
    'const isOurs = true;',
  ),
  mutant("today's policy for what comes back", "if (typeof granted === 'string') return granted;", ''),
  mutant(
    'the owner of a key that comes back',
    "if (!ownerAllowed(granted, key.spec.owner?.id)) return 'owner-denied';",
    '',
  ),
  mutant(
    'the wait for a key that Confluent does not show',
    "const unseen = enabled.find(({ seen }) => seen.kind === 'unseen');",
    'const unseen = enabled.find(() => false);',
  ),
  mutant(
    'the difference between a version and a copy of its tags',
    'keys.filter(({ key }, at) => keys.findLastIndex((other) => other.key.id === key.id) === at);',
    'keys.filter(({ key }, at) => keys.findIndex((other) => other.key.id === key.id) === at);',
  ),
  mutant(
    'the deletion of older keys alone',
    "if (!isOlder || !isSameTarget(row?.target, named.target)) return 'left';",
    "if (!isSameTarget(row?.target, named.target)) return 'left';",
  ),
  mutant(
    'the overlap of older keys',
    'named.overlapEnd !== undefined && now >= named.overlapEnd',
    'named.overlapEnd !== undefined',
  ),
  mutant(
    'the order of versions of one second',
    'b.createdAt - a.createdAt || attemptOf(b) - attemptOf(a)',
    'b.createdAt - a.createdAt',
  ),
  mutant(
    'the row that says its attempt failed',
    'const reason = hasNothing(known.credential) ? reasonAgainst(plan) : undefined;',
    'const reason = undefined;',
  ),
  mutant(
    'the target of a previous key',
    'older.find((each) => isSameTarget(each.row?.target, row?.target));',
    'older.find(() => true);',
  ),
  mutant('the order of events after a recovery', '{ id, sequence });', '{ id });'),
  mutant('the vaults that policy names', 'if (!isConfigured(settings, vaultUrl))', "if (vaultUrl === '')"),
];
