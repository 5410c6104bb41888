import { TRANSITIONS } from '../../src/vending/model/transitions.ts';
import { answerVended } from './answers.ts';
import { ended, ofAttempt, ofKey, ofVended, toCompensate } from './inputs.ts';
import { commit, later, readRow } from './ledger.ts';
import { keyId, NONE } from './row.ts';
import type { Step } from './steps.ts';
import { allows, goTo, moveTo, nameOf, rowOf, type Turn, withFault, withWorld, wrong } from './turn.ts';
import { findVersion, killed, minted, stored } from './upstreams.ts';
import type { Move } from './world.ts';

// ---- the POST

const isLeaseOut = ({ world, me, setting }: Turn): boolean =>
  setting.rules.leaseCheck && setting.clock === 'kept' && world.lapsed >= me.attempt;

function post(t: Turn): Move[] {
  const { world, me, setting } = t;
  const { attempt } = me;
  if (isLeaseOut(t)) return [moveTo(t, 'has too little lease for the POST', 'recordNotMinted')];
  const key = world.keys.length;
  const sent = withWorld(t, { ...world, posts: world.posts.with(attempt, (world.posts[attempt] ?? 0) + 1) });
  const mints = (turn: Turn): Turn => withWorld(turn, minted(turn.world, attempt));
  const out = [moveTo(mints(sent), `POST mints K${key}`, 'recordMinted', { key })];
  if (world.faults === 0) return out;
  const f = withFault(sent);
  const unclear: Step = setting.rules.ambiguousIsUnknown ? 'recordUnknown' : 'recordNotMinted';
  return [
    ...out,
    moveTo(mints(f), `POST mints K${key}, unusable`, 'discardKey', { key }),
    moveTo(f, 'POST is refused', 'recordNotMinted'),
    moveTo(f, 'POST does nothing, no answer', unclear),
    moveTo(mints(f), `POST mints K${key}, no answer`, unclear),
    moveTo(later(f, { kind: 'post', attempt }), 'POST is under way, no answer', unclear),
  ];
}

/** After a lost commit: whatever the table still allows on the row that is read, in this order. */
const readNotMinted = (t: Turn): Move[] =>
  readRow(t, (read) => [
    moveTo(read, 'reads', allows(read, TRANSITIONS.recordNotMinted, ended(read)) ? 'recordNotMinted' : 'rest'),
  ]);

function afterReading(t: Turn): Step | 'rest' {
  const row = rowOf(t);
  if (allows(t, TRANSITIONS.discardKey, toCompensate(t))) return 'discardKey';
  return row.phase === 'compensating' && row.workKey === t.me.key ? 'compensate' : 'rest';
}
const readDiscarded = (t: Turn): Move[] => readRow(t, (read) => [moveTo(read, 'reads', afterReading(read))]);

const readMinted = (t: Turn): Move[] =>
  readRow(t, (read, isUnchanged) => [moveTo(read, 'reads', mintedStep(read, isUnchanged))], 'store');

function mintedStep(t: Turn, isUnchanged: boolean): Step | 'rest' {
  const { me, setting } = t;
  const row = rowOf(t);
  // The tags of the version are all that leads to the key then.
  if (!row.exists) return 'store';
  if (row.isRevoked && setting.rules.stopsWhenRevoked) return afterReading(t);
  const isMine = row.workAttempt === me.attempt;
  if (isMine && row.phase === 'minted' && row.workKey === me.key) return 'store';
  // The version is recorded from minting just as well.
  if (isMine && row.phase === 'minting' && (isUnchanged || row.isRevoked)) return 'store';
  return afterReading(t);
}

// ---- the PUT

function store(t: Turn): Move[] {
  const { world, me, setting } = t;
  const { key, attempt } = me;
  const says = `PUT of K${key}`;
  if (isLeaseOut(t)) return [moveTo(t, `${says}: too little lease`, 'discardKey')];
  if (world.isDark === 'vault') return [moveTo(t, `${says}: no vault`, 'discardKey')];
  const place = setting.moves && attempt > 1 ? 1 : 0;
  const puts = (turn: Turn): Turn => withWorld(turn, stored(turn.world, key, attempt, place));
  const version = world.versions.length;
  const out = [moveTo(puts(t), says, 'recordVended', { version })];
  if (world.faults === 0) return out;
  const f = withFault(t);
  const unclear: Step = setting.rules.ambiguousStoreWaits ? 'find' : 'discardKey';
  const late = (turn: Turn): Turn => later(turn, { kind: 'put', key, attempt, place });
  return [
    ...out,
    moveTo(f, `${says}: refused`, 'discardKey'),
    moveTo(puts(f), `${says}: stored, no answer`, unclear),
    moveTo(late(f), `${says}: under way, no answer`, unclear),
    ...(setting.rules.onePut ? [] : [moveTo(late(puts(f)), `${says}, repeated`, 'recordVended', { version })]),
  ];
}

function find(t: Turn): Move[] {
  const { world, me, setting } = t;
  const wanted = { key: me.key, holds: setting.rules.ownKeyFound };
  const version = world.isDark === 'vault' ? NONE : findVersion(t, me.attempt, wanted);
  if (version === NONE) return [moveTo(t, 'finds no version, leaves it to the reconciler', 'rest')];
  return [moveTo(t, 'finds the version', 'recordVended', { version })];
}

function recordVended(t: Turn): Move[] {
  const { me, setting } = t;
  const answer = (world: Turn['world']) => answerVended(withWorld(t, world), me.request, me.attempt)[1];
  const out = commit(t, 'records vended', TRANSITIONS.recordVended, ofVended(t), answer);
  if (setting.rules.confirmVended) return out;
  return out.map(([says, next]) =>
    next.actors[t.at]?.step === 'readVended' ? [`${says}, answers`, answer(next)] : [says, next],
  );
}

const readVended = (t: Turn): Move[] =>
  readRow(t, (read) => [readVendedStep(read)], t.setting.rules.noDeleteAfterStore ? 'rest' : 'hasty');

function readVendedStep(t: Turn): Move {
  const { me } = t;
  const row = rowOf(t);
  if (row.current === me.key && !row.isRevoked) return answerVended(t, me.request, me.attempt);
  if (allows(t, TRANSITIONS.recordVended, ofVended(t))) return moveTo(t, 'reads', 'recordVended');
  return moveTo(t, 'reads', allows(t, TRANSITIONS.discardKey, toCompensate(t)) ? 'discardKey' : 'rest');
}

/** Without a rule: it lost a commit and deletes its key without a look. */
const hasty = (t: Turn): Move[] => [
  [`${nameOf(t)} deletes K${t.me.key}`, goTo(withWorld(t, killed(t.world, t.me.key)), 'rest')],
];

const endOverlap = (t: Turn): Move[] => {
  const isNamed = rowOf(t).previous === t.me.key;
  const turn = isNamed ? t : withWorld(t, wrong(t.world, 'VI: an overlap is ended that nobody named'));
  return commit(turn, 'ends the overlap', TRANSITIONS.endOverlapNow, { keyId: keyId(t.me.key) }, 'rest');
};

export const WORKER: Readonly<Partial<Record<Step, (t: Turn) => Move[]>>> = {
  post,
  recordNotMinted: (t) => commit(t, 'records that nothing was minted', TRANSITIONS.recordNotMinted, ended(t), 'rest'),
  readNotMinted,
  recordUnknown: (t) => commit(t, 'records unknown', TRANSITIONS.recordUnknown, ofAttempt(t), 'rest'),
  recordMinted: (t) => commit(t, 'records minted', TRANSITIONS.recordMinted, ofKey(t), 'store'),
  readMinted,
  store,
  find,
  recordVended,
  readVended,
  discardKey: (t) => commit(t, 'discards its key', TRANSITIONS.discardKey, toCompensate(t), 'compensate'),
  readDiscarded,
  hasty,
  revoke: (t) => commit(t, 'revokes', TRANSITIONS.revoke, { by: 'caller' }, 'revoking'),
  endOverlapNow: endOverlap,
};
