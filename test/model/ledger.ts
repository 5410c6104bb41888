import { faulty, type Move, move, sendLate, type Turn } from './turn.ts';
import { type Actor, NONE, RESTING, type Row, type Step, type World } from './world.ts';

export function nameOf({ kind, attempt, key, version, due }: Row): string {
  if (kind === 'none') return 'no row';
  const parts = [`${attempt}`, ...(key === NONE ? [] : [`K${key}`]), ...(version === NONE ? [] : [`v${version}`])];
  const aside = kind === 'unknown' && !due ? ', put aside' : '';
  return `${kind}(${parts.join(', ')})${aside}`;
}

/** Steps that lead to a write and to nothing else. */
const WRITING: readonly Step[] = [
  'closeAsFailed',
  'refuseDelete',
  'recoverMinting',
  'recoverMinted',
  'adopt',
  'recordUnknown',
  'giveUp',
  'parkUnknown',
  'deleteOrphan',
  'closeWithoutKey',
  'revoke',
  'closeRevoked',
];

/** Its ETag matches no more. A write that can only be lost is as good as a crash right now, which saves most states. */
const outdated = (actor: Actor): Actor =>
  WRITING.includes(actor.step) ? RESTING[actor.role] : { ...actor, fresh: false };

/** The row changes: no ETag matches any more but the writer's own, and no write that is under way can land. */
export function written(world: World, row: Row, by: number): World {
  const actors = world.actors.map((actor, at) => (at === by || !actor.fresh ? actor : outdated(actor)));
  return { ...world, row, actors, late: world.late.filter(({ kind }) => kind !== 'write') };
}

/** What a step makes of the row. It is due as before, unless that is named. */
export type Wanted = Pick<Row, 'kind'> & Partial<Pick<Row, 'key' | 'version' | 'due'>>;

/** `reread`: the same step, beginning with a read of the row. */
export type Next = Step | 'reread';

/** Where a compare-and-set leads. */
export interface Then {
  readonly recorded: Step;
  readonly lost: Next;
  readonly unanswered: Next;
}

/** One compare-and-set. Without an answer it may have taken effect, or not, or may take effect later. */
export function compareAndSet(turn: Turn, wanted: Wanted, then: Then): readonly Move[] {
  const { world, me, setting } = turn;
  const { due } = world.row;
  const row: Row = { due, key: NONE, version: NONE, ...wanted, attempt: me.attempt, writer: NONE };
  return me.fresh || !setting.rules.ifMatch ? matching(turn, row, then) : outrun(turn, row, then);
}

function outrun(turn: Turn, row: Row, { lost, unanswered }: Then): readonly Move[] {
  const name = nameOf(row);
  return [
    onward(turn, `412, not ${name}`, lost),
    ...faulty(turn, (bad) => [onward(bad, `no answer, not ${name}`, unanswered)]),
  ];
}

function matching(turn: Turn, row: Row, { recorded, lost, unanswered }: Then): readonly Move[] {
  const { at, me } = turn;
  const by = me.role;
  const name = nameOf(row);
  const unconfirmed = by === 'worker' ? { ...row, writer: at } : row;
  const effect = (on: Turn, what: string, next: Next, answered = false): Move => {
    const world = written(on.world, answered ? row : unconfirmed, at);
    return { ...onward({ ...on, world }, what, next, answered), by };
  };
  return [
    effect(turn, `writes ${name}`, recorded, true),
    ...faulty(turn, (bad) => [
      onward(bad, `cannot write ${name}`, unanswered),
      effect(bad, `writes ${name}, gets no answer`, unanswered),
      ...(lost === unanswered ? [] : [effect(bad, `writes ${name}, its client repeats it: 412`, lost)]),
      onward(sendLate(bad, { kind: 'write', row: unconfirmed, by }), `${name} is under way, no answer`, unanswered),
    ]),
  ];
}

function onward(turn: Turn, what: string, next: Next, fresh = turn.me.fresh): Move {
  return next === 'reread'
    ? move(turn, what, turn.me.step, { rereading: true, fresh })
    : move(turn, what, next, { fresh });
}

/** A fresh read of the row, and what follows from it. */
export function read(turn: Turn, decide: (reader: Turn, row: Row) => Move, unreachable: Step): readonly Move[] {
  const reader = { ...turn, me: { ...turn.me, fresh: true } };
  return [decide(reader, turn.world.row), ...faulty(turn, (bad) => [move(bad, 'cannot read the row', unreachable)])];
}
