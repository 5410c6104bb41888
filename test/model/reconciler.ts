import { COMPENSATION } from './compensate.ts';
import { deleted, disabled, lives, versionInForce } from './effects.ts';
import { compareAndSet, nameOf, type Wanted } from './ledger.ts';
import { REVOCATION } from './revoke.ts';
import { ROTATION } from './rotation.ts';
import { faulty, inWorld, type Move, move, type Play, type Plays, type Turn } from './turn.ts';
import { NONE, type Step, type World } from './world.ts';

/** Attempts that are closed, with a version still in force: it landed late. */
function attemptsToSweep({ row, versions }: World): readonly number[] {
  const closed = row.kind === 'failed' || row.kind === 'revoked' ? row.attempt : row.attempt - 1;
  return versions
    .filter(({ enabled, attempt }) => enabled && attempt > 0 && attempt <= closed)
    .map(({ attempt }) => attempt);
}

/** What there is to do about the intent that a rotation replaces. */
function nextOldStep({ row, old, overlapOver }: World): Step | undefined {
  if (old === 'vended' && row.kind === 'vended' && row.due) return 'supersede';
  if (old === 'superseded' && overlapOver) return 'revokeOld';
  return old === 'revoking' ? 'disableOld' : undefined;
}

function nextStep({ row, lapsed }: World): Step | undefined {
  if (!row.due) return undefined;
  if (row.kind === 'compensating') return 'deleteWithProof';
  if (row.kind === 'revoking') return 'disableRevoked';
  if (lapsed < row.attempt) return undefined;
  if (row.kind === 'minting') return 'recoverMinting';
  if (row.kind === 'minted') return 'recoverMinted';
  return row.kind === 'unknown' ? 'parkUnknown' : undefined;
}

function idle(turn: Turn): readonly Move[] {
  const { world, setting } = turn;
  const { row } = world;
  const swept =
    world.row.kind === 'revoked'
      ? setting.rules.revokedIsSwept && world.lapsed >= row.attempt
      : setting.rules.failedIsSwept;
  const [late] = swept ? attemptsToSweep(world) : [];
  const step = nextStep(world);
  const oldStep = nextOldStep(world);
  return [
    ...(late === undefined
      ? []
      : [move(inWorld(turn, disabled(world, late)), `sweeps what attempt ${late} left in the vault`, 'idle')]),
    ...(step === undefined
      ? []
      : [move(turn, `finds ${nameOf(row)} due`, step, { fresh: true, attempt: row.attempt, key: row.key })]),
    ...(oldStep === undefined ? [] : [move(turn, `finds the old intent ${world.old}`, oldStep, { fresh: true })]),
  ];
}

/** Looks for the attempt's secret in the vault and, if it is there, asks whether its key lives. */
function recover(turn: Turn, none: Step): readonly Move[] {
  const { world, me, setting } = turn;
  const version = versionInForce(world, me.attempt);
  return [
    version === NONE ? move(turn, 'the vault shows no version', none) : adopt(turn, version),
    ...faulty(turn, (bad) => [
      setting.rules.lookupMustSucceed
        ? move(bad, 'the vault is silent', 'idle')
        : move(bad, 'the vault is silent, taken for none', none),
    ]),
  ];
}

function adopt(turn: Turn, version: number): Move {
  const { key = NONE } = turn.world.versions[version] ?? {};
  const shown = `the vault shows v${version} of K${key}`;
  return lives(turn.world, key) || !turn.setting.rules.adoptOnlyLiving
    ? move(turn, shown, 'adopt', { key, version })
    : move(turn, `${shown}, which does not live`, 'giveUp', { key });
}

const records =
  (wanted: (turn: Turn) => Wanted, recorded: Step = 'idle'): Play =>
  (turn) =>
    compareAndSet(turn, wanted(turn), { recorded, lost: 'idle', unanswered: 'idle' });

/** What one look at the due row does. Whatever fails is left to the next look. */
export const RECONCILER: Plays = {
  ...COMPENSATION,
  ...ROTATION,
  ...REVOCATION,
  idle,
  recoverMinting: (turn) => recover(turn, 'recordUnknown'),
  recoverMinted: (turn) => recover(turn, turn.setting.rules.recordBeforeDelete ? 'giveUp' : 'deleteUnrecorded'),
  adopt: records(({ me: { key, version } }) => ({ kind: 'vended', key, version })),
  recordUnknown: records(() => ({ kind: 'unknown' })),
  giveUp: records(({ me: { key } }) => ({ kind: 'compensating', key }), 'deleteWithProof'),
  deleteUnrecorded: (turn) => [
    move(
      inWorld(turn, deleted(turn.world, turn.me.key)),
      `DELETE K${turn.me.key}, while the row says minted`,
      'closeAsFailed',
    ),
  ],
  parkUnknown: records(({ world }) => ({ kind: 'unknown', key: world.row.key, due: false })),
};
