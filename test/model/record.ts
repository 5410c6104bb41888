import { compareAndSet, nameOf, read, type Wanted } from './ledger.ts';
import type { Rules } from './rules.ts';
import { onLost, onSilence, onUnanswered } from './shortcuts.ts';
import { type Move, move, type Plays, type Turn } from './turn.ts';
import { type Actor, NONE, type Row, type Step } from './world.ts';

type Permit = (row: Row, me: Actor, rules: Rules) => boolean;

/** A step in which the worker writes the row and, where that is lost or not answered, reads it again. */
interface Recording {
  readonly wanted: (me: Actor) => Wanted;
  readonly recorded: Step;
  /** The row, read again, is not ours, but it still permits the step: once more. */
  readonly permits: Permit;
  /** The row went another way. `me.fresh` says that nobody had written it: ours may still land. */
  readonly elsewhere: (row: Row, me: Actor, rules: Rules) => Step;
  readonly unreachable: Step;
}

const names = (row: Row, me: Actor): boolean => row.key === me.key && row.attempt === me.attempt;
const isVended = (row: Row, me: Actor): boolean => row.kind === 'vended' && names(row, me);
const isCompensating = (row: Row, me: Actor): boolean => row.kind === 'compensating' && names(row, me);
const isMinting = (row: Row, me: Actor): boolean => row.kind === 'minting' && row.attempt === me.attempt;

const isUnknown: Permit = (row, me, rules) =>
  row.kind === 'unknown' && row.attempt === me.attempt && (row.key === NONE || !rules.refusalDecides);

const isOpen: Permit = (row, me, rules) => isMinting(row, me) || isUnknown(row, me, rules);

/** The row is still at the attempt that minted this key, and nobody has decided about the key yet. */
const undecided: Permit = (row, me, rules) => isOpen(row, me, rules) || (row.kind === 'minted' && names(row, me));

const never = (): boolean => false;
const stop = (): Step => 'done';
const giveUp = (row: Row, me: Actor): Step => (isCompensating(row, me) ? 'deleteWithProof' : 'deleteUnstored');

const RECORDINGS = {
  claimAttempt: {
    wanted: () => ({ kind: 'minting' }),
    recorded: 'checkOld',
    permits: never,
    elsewhere: stop,
    unreachable: 'done',
  },
  nothingMinted: {
    wanted: () => ({ kind: 'failed' }),
    recorded: 'done',
    permits: isOpen,
    elsewhere: stop,
    unreachable: 'done',
  },
  park: {
    wanted: () => ({ kind: 'unknown' }),
    recorded: 'done',
    permits: isMinting,
    elsewhere: stop,
    unreachable: 'done',
  },
  recordMinted: {
    wanted: ({ key }) => ({ kind: 'minted', key }),
    recorded: 'storeOnce',
    permits: never,
    elsewhere: (row, me, rules) => {
      if (me.fresh) return 'storeOnce';
      return undecided(row, me, rules) ? 'giveUpKey' : giveUp(row, me);
    },
    unreachable: 'storeOnce',
  },
  giveUpKey: {
    wanted: ({ key }) => ({ kind: 'compensating', key }),
    recorded: 'deleteWithProof',
    permits: undecided,
    elsewhere: giveUp,
    unreachable: 'deleteUnstored',
  },
  abandonStore: {
    wanted: ({ key }) => ({ kind: 'compensating', key }),
    recorded: 'deleteWithProof',
    permits: undecided,
    elsewhere: (row, me) => (isVended(row, me) ? 'answer' : giveUp(row, me)),
    unreachable: 'done',
  },
  recordVended: {
    wanted: ({ key, version }) => ({ kind: 'vended', key, version }),
    recorded: 'supersede',
    permits: undecided,
    elsewhere: (row, me) => (isVended(row, me) ? 'supersede' : 'disableVersions'),
    unreachable: 'done',
  },
} as const satisfies Partial<Record<Step, Recording>>;

function writes(turn: Turn, { wanted, recorded }: Recording): readonly Move[] {
  const { me, world, setting } = turn;
  const { rules } = setting;
  const claims = me.step === 'claimAttempt';
  const forgets = me.step === 'recordVended' && world.old === 'vended' && !rules.dueUntilSuperseded;
  const due = claims ? rules.dueRowFirst : !forgets && (rules.unpark || world.row.due);
  const then = {
    recorded: claims && !rules.dueRowFirst ? 'noteDue' : recorded,
    lost: onLost(rules, me.step) ?? 'reread',
    unanswered: onUnanswered(rules, me.step) ?? 'reread',
  } as const;
  return compareAndSet(turn, { ...wanted(me), due }, then);
}

function rereads(turn: Turn, recording: Recording): readonly Move[] {
  const { me, setting } = turn;
  const { rules } = setting;
  const decide = (reader: Turn, row: Row): Move => {
    const seen = `reads ${nameOf(row)} again`;
    const whose = row.writer === turn.at ? 'its own' : 'taken for its own';
    if (isOwn(turn, row, recording)) return move(reader, `${seen}, ${whose}`, recording.recorded);
    if (recording.permits(row, me, rules)) return move(reader, seen, me.step);
    const step = recording.elsewhere(row, me, rules);
    return move(reader, seen, step, step === 'answer' || step === 'supersede' ? { version: row.version } : {});
  };
  return read(turn, decide, onSilence(rules, me.step) ?? recording.unreachable);
}

function isOwn({ me, at, setting }: Turn, row: Row, { wanted }: Recording): boolean {
  const { kind, key = NONE } = wanted(me);
  const looksLikeIt = row.kind === kind && row.attempt === me.attempt && row.key === key;
  return looksLikeIt && (row.writer === at || !setting.rules.ownWrite);
}

/** The steps of a worker that change the row. */
export const RECORDS: Plays = Object.fromEntries(
  Object.entries<Recording>(RECORDINGS).map(([step, recording]) => [
    step,
    (turn: Turn) => (turn.me.rereading ? rereads(turn, recording) : writes(turn, recording)),
  ]),
);
