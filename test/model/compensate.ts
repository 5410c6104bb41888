import { deleted, disabled, lives } from './effects.ts';
import { compareAndSet } from './ledger.ts';
import { faulty, inWorld, type Move, move, type Plays, restOf, sendLate, type Turn } from './turn.ts';
import type { Step } from './world.ts';

const onceGone = ({ setting }: Turn): Step => (setting.rules.disableOnCompensate ? 'disableStored' : 'closeAsFailed');

function deleteWithProof(turn: Turn): readonly Move[] {
  const { key } = turn.me;
  const rest = restOf(turn);
  const deletes = (on: Turn): Turn => inWorld(on, deleted(on.world, key));
  return [
    move(deletes(turn), `DELETE K${key}`, onceGone(turn)),
    ...faulty(turn, (bad) => [
      move(bad, `DELETE K${key} fails`, rest),
      move(deletes(bad), `DELETE K${key}, the answer is lost`, rest),
      move(sendLate(bad, { kind: 'delete', key }), `DELETE K${key} is under way, no answer`, rest),
      ...(lives(turn.world, key) ? answersThatProveNothing(bad) : []),
    ]),
  ];
}

function answersThatProveNothing(turn: Turn): readonly Move[] {
  const { key } = turn.me;
  const { rules } = turn.setting;
  return [
    rules.deleteNeedsProof
      ? move(turn, `DELETE K${key}: 403 again and again, and GET sees it`, 'refuseDelete')
      : move(turn, `DELETE K${key}: 403, taken for gone`, onceGone(turn)),
    rules.youngAbsence
      ? move(turn, `DELETE K${key}: 404 while it propagates`, restOf(turn))
      : move(turn, `DELETE K${key}: 404 while it propagates, taken for gone`, onceGone(turn)),
  ];
}

function disableStored(turn: Turn): readonly Move[] {
  const { world, me } = turn;
  return [
    move(inWorld(turn, disabled(world, me.attempt)), 'disables what the attempt stored', 'closeAsFailed'),
    ...faulty(turn, (bad) => [move(bad, 'the vault is silent', restOf(turn))]),
  ];
}

/** The compensation, for whoever read `compensating`. Every step may be repeated by anybody. */
export const COMPENSATION: Plays = {
  deleteWithProof,
  disableStored,
  // A caller who was told that an earlier key was deleted asks again.
  closeAsFailed: (turn) => {
    const rest = restOf(turn);
    const recorded = turn.me.role === 'worker' ? 'vend' : rest;
    return compareAndSet(turn, { kind: 'failed' }, { recorded, lost: rest, unanswered: rest });
  },
  refuseDelete: (turn) => {
    const rest = restOf(turn);
    const { key } = turn.me;
    return compareAndSet(turn, { kind: 'unknown', key }, { recorded: rest, lost: rest, unanswered: rest });
  },
};
