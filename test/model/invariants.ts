import { lives } from './effects.ts';
import { play } from './moves.ts';
import type { Setting } from './setting.ts';
import type { Reference, Row, World } from './world.ts';

interface Invariant {
  readonly says: string;
  readonly holds: (world: World, setting: Setting) => boolean;
  /** Where it can be asked for; everywhere, if this is not said. */
  readonly applies?: (setting: Setting) => boolean;
}

const isInForce = ({ versions }: World, { key, version }: Reference): boolean =>
  versions[version]?.enabled === true && versions[version].key === key;

const isDeletedByUs = ({ keys }: World, key: number): boolean => keys[key]?.fate === 'deleted';

const isClosed = (row: Row, attempt: number): boolean =>
  attempt > 0 &&
  (attempt < row.attempt || (attempt === row.attempt && (row.kind === 'failed' || row.kind === 'revoked')));

const isBeingRevoked = ({ kind }: Row): boolean => kind === 'revoking' || kind === 'revoked';

const OPEN: readonly Row['kind'][] = ['minting', 'minted', 'compensating', 'revoking'];

/** What must hold in every world that can be reached. */
export const ALWAYS = {
  onePost: {
    says: 'One attempt sends at most one POST.',
    holds: ({ posts }) => posts.every((count) => count <= 1),
  },
  everyKeyIsNamed: {
    says: 'Every key that lives is vended with its secret in force, or named by the row.',
    holds: (world) => world.keys.every((key, at) => key.fate !== 'lives' || isNamed(world, at)),
  },
  vendedKeyStays: {
    says: 'Once the row says vended, the key is not deleted by us.',
    holds: (world) => world.row.kind !== 'vended' || !isDeletedByUs(world, world.row.key),
  },
  vendedIsStored: {
    says: 'When the row says vended, the vault has the secret of that key in force.',
    holds: (world) => world.row.kind !== 'vended' || isInForce(world, world.row),
  },
  answerHolds: {
    says: 'What was answered as vended stays in force until it is revoked, and its key is not deleted by us.',
    holds: (world) =>
      isBeingRevoked(world.row) ||
      world.answers.every((one) => isInForce(world, one) && !isDeletedByUs(world, one.key)),
  },
  oneReference: {
    says: 'However often it is asked for, one request gets one reference.',
    holds: ({ answers }) => answers.length <= 1,
  },
  adoptedKeyLives: {
    says: 'The reconciler records no key as vended that was gone when it looked.',
    holds: ({ actors, keys }) => actors.every(({ step, key }) => step !== 'adopt' || keys[key]?.fate !== 'gone'),
  },
  closedLeavesNothing: {
    says: 'A closed attempt leaves nothing in force that was in the vault before its key was deleted.',
    holds: ({ row, versions }) => versions.every((one) => !one.enabled || one.late || !isClosed(row, one.attempt)),
  },
  revokedIsDead: {
    says: 'What is revoked has no key that lives, and nothing in force that was in the vault before.',
    holds: ({ row, old, keys, versions }) =>
      [...(row.kind === 'revoked' ? [row.attempt] : []), ...(old === 'revoked' ? [0] : [])].every(
        (attempt) =>
          keys.every((key) => key.attempt !== attempt || key.fate !== 'lives') &&
          versions.every((one) => one.attempt !== attempt || !one.enabled || one.late),
      ),
  },
  vendedOldStays: {
    says: 'The old key is not deleted by us while its row says vended or superseded.',
    holds: (world) => (world.old !== 'vended' && world.old !== 'superseded') || !isDeletedByUs(world, 0),
  },
  revokedAlone: {
    says: 'Who was told that a revoked key has no successor is right.',
    holds: ({ revokedAlone, keys }) =>
      !revokedAlone || keys.every(({ fate, attempt }) => attempt === 0 || fate !== 'lives'),
  },
  twoLiveKeys: {
    says: 'At most two keys live for one secret.',
    holds: ({ keys }) => keys.filter(({ fate }) => fate === 'lives').length <= 2,
  },
  newestWorks: {
    says: 'What consumers read under the name works: once it is vended and, in a rotation, always.',
    holds: (world) => !isRead(world) || newestWorks(world),
    applies: ({ timing, stranger, revokes }) => timing === 'kept' && !stranger && revokes === 'nothing',
  },
} as const satisfies Readonly<Record<string, Invariant>>;

/** What must hold when nobody is at work, nothing is under way, and the reconciler has had its chance. */
export const WHEN_QUIET = {
  nothingStaysOpen: {
    says: 'After the reconciler nothing is open but what an operator has to see.',
    holds: ({ row, old }) => !OPEN.includes(row.kind) && old !== 'revoking' && old !== 'superseded',
  },
  oldIsSuperseded: {
    says: 'After the reconciler no key counts as current beside the one that took its place.',
    holds: ({ row, old }) => row.kind !== 'vended' || old !== 'vended',
  },
  nothingStaysInForce: {
    says: 'After the reconciler no version of a closed attempt is in force.',
    holds: ({ row, versions }) => versions.every(({ enabled, attempt }) => !enabled || !isClosed(row, attempt)),
  },
  operatorCanResolve: {
    says: 'An operator can resolve what is unknown.',
    holds: (world, setting) => world.row.kind !== 'unknown' || operatorHasMove(world, setting),
    applies: ({ timing, operator }) => timing === 'kept' && operator,
  },
} as const satisfies Readonly<Record<string, Invariant>>;

export type InvariantName = keyof typeof ALWAYS | keyof typeof WHEN_QUIET;

export function saysOf(name: InvariantName): string {
  const all: Readonly<Record<InvariantName, Invariant>> = { ...ALWAYS, ...WHEN_QUIET };
  return all[name].says;
}

export const invariantsFor = (all: Readonly<Record<string, Invariant>>, setting: Setting): readonly Invariant[] =>
  Object.values(all).filter(({ applies }) => applies?.(setting) ?? true);

export const broken = (invariants: readonly Invariant[], world: World, setting: Setting): readonly string[] =>
  invariants.filter(({ holds }) => !holds(world, setting)).map(({ says }) => says);

function isNamed({ row, keys, versions, old }: World, key: number): boolean {
  if (keys[key]?.attempt === 0) return old !== 'revoked';
  switch (row.kind) {
    case 'minting':
    case 'unknown':
      return row.attempt === keys[key]?.attempt;
    case 'minted':
    case 'compensating':
    case 'superseded':
    case 'revoking':
      return row.key === key;
    case 'vended':
      return row.key === key && versions.some((version) => version.key === key && version.enabled);
    case 'none':
    case 'failed':
    case 'revoked':
      return false;
  }
}

const isRead = ({ row, old }: World): boolean => row.kind === 'vended' || old !== 'none';

/** Consumers read the name without a version, so the newest one counts. */
function newestWorks(world: World): boolean {
  const { row, versions } = world;
  const newest = versions.at(-1);
  if (newest === undefined) return true;
  return newest.enabled && lives(world, newest.key) && (row.kind !== 'vended' || row.key === newest.key);
}

function operatorHasMove(world: World, setting: Setting): boolean {
  return world.actors.some(({ role }, at) => role === 'operator' && play(setting, world, at).length > 0);
}
