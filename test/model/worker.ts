import { COMPENSATION } from './compensate.ts';
import { deleted, disabled, minted, stored, versionInForce } from './effects.ts';
import { nameOf, read } from './ledger.ts';
import { RECORDS } from './record.ts';
import { REVOCATION } from './revoke.ts';
import { ROTATION } from './rotation.ts';
import { faulty, inWorld, type Move, move, type Plays, sendLate, type Turn } from './turn.ts';
import { NONE, type Row } from './world.ts';

const leaseRanOut = ({ setting, world, me }: Turn): boolean =>
  setting.rules.leaseCheck && setting.timing === 'kept' && world.lapsed >= me.attempt;

function resume(turn: Turn, row: Row): Move {
  const { rules, attempts } = turn.setting;
  const seen = `reads ${nameOf(row)}`;
  const isGone = turn.world.old === 'revoking' || turn.world.old === 'revoked';
  const mayClaim =
    !isGone && (row.kind === 'none' || row.kind === 'failed' || (row.kind === 'unknown' && !rules.unknownIsFinal));
  if (mayClaim && row.attempt < attempts) return move(turn, seen, 'claimAttempt', { attempt: row.attempt + 1 });
  const { attempt, key, version } = row;
  if (row.kind === 'vended') {
    return move(turn, seen, turn.world.old === 'vended' ? 'supersede' : 'answer', { attempt, key, version });
  }
  if (row.kind === 'compensating') return move(turn, seen, 'deleteWithProof', { attempt, key });
  return move(turn, `${seen}, answers a problem`, 'done');
}

function mintOnce(turn: Turn): readonly Move[] {
  if (leaseRanOut(turn)) return [move(turn, 'too little of the lease is left', 'nothingMinted')];
  const { world, me, setting } = turn;
  const { attempt } = me;
  const sent = inWorld(turn, { posts: world.posts.map((posts, of) => (of === attempt ? posts + 1 : posts)) });
  const key = world.keys.length;
  const mints = (on: Turn): Turn => inWorld(on, minted(on.world, attempt));
  const ambiguous = setting.rules.ambiguousIsUnknown ? 'park' : 'nothingMinted';
  return [
    move(mints(sent), `POST mints K${key}`, 'recordMinted', { key }),
    ...faulty(sent, (bad) => [
      move(mints(bad), `POST mints K${key}, which cannot be used`, 'giveUpKey', { key }),
      move(bad, 'POST refused, throttled or not sent', 'nothingMinted'),
      move(bad, 'POST gets no answer and does nothing', ambiguous),
      move(mints(bad), `POST mints K${key}, the answer is lost`, ambiguous),
      move(sendLate(bad, { kind: 'post', attempt }), 'POST is under way, no answer', ambiguous),
    ]),
  ];
}

function storeOnce(turn: Turn): readonly Move[] {
  if (leaseRanOut(turn)) return [move(turn, 'too little of the lease is left', 'abandonStore')];
  const { key, attempt } = turn.me;
  const version = turn.world.versions.length;
  const ambiguous = turn.setting.rules.ambiguousStoreWaits ? 'lookForStored' : 'abandonStore';
  const puts = (on: Turn): Turn => inWorld(on, stored(on.world, { key, attempt }));
  return [
    move(puts(turn), `PUT makes v${version}`, 'recordVended', { version }),
    ...faulty(turn, (bad) => [
      move(bad, 'PUT refused', 'abandonStore'),
      move(puts(puts(bad)), `PUT is repeated, makes v${version} and v${version + 1}`, 'recordVended', {
        version: version + 1,
      }),
      move(
        sendLate(puts(bad), { kind: 'put', key, attempt }),
        `PUT is repeated, makes v${version}; one is under way`,
        'recordVended',
        {
          version,
        },
      ),
      move(puts(bad), `PUT makes v${version}, the answer is lost`, ambiguous),
      move(sendLate(bad, { kind: 'put', key, attempt }), 'PUT is under way, no answer', ambiguous),
    ]),
  ];
}

function lookForStored(turn: Turn): readonly Move[] {
  const version = versionInForce(turn.world, turn.me.attempt);
  return version === NONE
    ? [move(turn, 'the vault shows no version, the reconciler will see', 'done')]
    : [move(turn, `the vault shows v${version}`, 'recordVended', { version })];
}

function answer(turn: Turn): readonly Move[] {
  const { key, version } = turn.me;
  const { answers } = turn.world;
  const known = answers.some((given) => given.key === key && given.version === version);
  const told = inWorld(turn, { answers: known ? answers : [...answers, { key, version }] });
  return [move(told, `answers vended(K${key}, v${version})`, 'done')];
}

function deleteUnstored(turn: Turn): readonly Move[] {
  const { world, me } = turn;
  return [
    move(inWorld(turn, deleted(world, me.key)), `DELETE K${me.key}, which no row names`, 'done'),
    ...faulty(turn, (bad) => [move(bad, `DELETE K${me.key} fails`, 'done')]),
  ];
}

/** What one request does. */
export const WORKER: Plays = {
  ...COMPENSATION,
  ...RECORDS,
  ...ROTATION,
  ...REVOCATION,
  vend: (turn) => read(turn, resume, 'done'),
  // Only where `dueRowFirst` is taken away does this come after the claim.
  noteDue: (turn) => [
    move(inWorld(turn, { row: { ...turn.world.row, due: true } }), 'the due row is written', 'checkOld'),
  ],
  mintOnce,
  storeOnce,
  lookForStored,
  answer,
  deleteUnstored,
  disableVersions: (turn) => [
    move(inWorld(turn, disabled(turn.world, turn.me.attempt)), 'disables what it stored', 'done'),
  ],
};
