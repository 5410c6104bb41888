import { deleted, disabled, lives } from './effects.ts';
import { compareAndSet, nameOf } from './ledger.ts';
import { writeOld } from './rotation.ts';
import { faulty, inWorld, type Move, move, type Play, type Plays, restOf, sendLate, type Turn } from './turn.ts';
import type { Step } from './world.ts';

function askRevoke(turn: Turn): readonly Move[] {
  const { world, setting } = turn;
  return setting.revokes === 'old' ? askRevokeOld(turn) : askRevokeVended(turn, world.row.kind === 'vended');
}

function askRevokeVended(turn: Turn, isVended: boolean): readonly Move[] {
  const { row } = turn.world;
  const never = move(turn, 'never asks', 'done');
  if (!isVended) return [never];
  const first = turn.setting.rules.revokingFirst ? 'revoke' : 'disableRevoked';
  return [move(turn, `finds ${nameOf(row)}`, first, { fresh: true, attempt: row.attempt, key: row.key }), never];
}

function askRevokeOld(turn: Turn): readonly Move[] {
  const { old } = turn.world;
  const asks = old === 'vended' || old === 'superseded';
  return [...(asks ? [move(turn, `finds the old intent ${old}`, 'revokeOld')] : []), move(turn, 'never asks', 'done')];
}

/** DELETE of a key whose row says revoking: what is not proven is tried again by whoever looks next. */
const deletes =
  (keyOf: (turn: Turn) => number, close: Step): Play =>
  (turn) => {
    const key = keyOf(turn);
    const rest = restOf(turn);
    const { deleteNeedsProof, youngAbsence, revokedIsProven } = turn.setting.rules;
    const gone = (on: Turn): Turn => inWorld(on, deleted(on.world, key));
    const unproven = (proof: boolean): Step => (proof && revokedIsProven ? rest : close);
    return [
      move(gone(turn), `DELETE K${key}`, close),
      ...faulty(turn, (bad) => [
        move(bad, `DELETE K${key} fails`, unproven(true)),
        move(gone(bad), `DELETE K${key}, the answer is lost`, rest),
        move(sendLate(bad, { kind: 'delete', key }), `DELETE K${key} is under way, no answer`, rest),
        ...(lives(turn.world, key)
          ? [
              move(bad, `DELETE K${key}: 403, and GET sees it`, unproven(deleteNeedsProof)),
              move(bad, `DELETE K${key}: 404 while it propagates`, unproven(youngAbsence)),
            ]
          : []),
      ]),
    ];
  };

/** Out of force before its key goes, so that nobody reads a dead secret; a silent vault does not hold up the DELETE. */
const disablesFirst =
  (attemptOf: (turn: Turn) => number, next: Step): Play =>
  (turn) => [
    move(inWorld(turn, disabled(turn.world, attemptOf(turn))), 'disables what was stored for it', next),
    ...faulty(turn, (bad) => [move(bad, 'the vault is silent', next)]),
  ];

/** What the vault kept in force, or took in meanwhile. It does hold up the record that all is done. */
const disablesAgain =
  (attemptOf: (turn: Turn) => number, next: Step): Play =>
  (turn) =>
    turn.setting.rules.revokedIsDisabled
      ? [
          move(inWorld(turn, disabled(turn.world, attemptOf(turn))), 'disables what is left of it', next),
          ...faulty(turn, (bad) => [move(bad, 'the vault is silent', restOf(turn))]),
        ]
      : [move(turn, 'leaves the vault as it is', next)];

const ofRow = ({ me }: Turn): number => me.attempt;
const keyOfRow = ({ me }: Turn): number => me.key;
const ofOld = (): number => 0;

/** The revocation, for whoever asked for it or finds it under way. Every step may be repeated by anybody. */
export const REVOCATION: Plays = {
  askRevoke,
  revoke: (turn) => {
    const { key, version } = turn.world.row;
    const rest = restOf(turn);
    return compareAndSet(
      turn,
      { kind: 'revoking', key, version, due: true },
      { recorded: 'disableRevoked', lost: rest, unanswered: rest },
    );
  },
  disableRevoked: disablesFirst(ofRow, 'deleteRevoked'),
  deleteRevoked: deletes(keyOfRow, 'disableLeft'),
  disableLeft: disablesAgain(ofRow, 'closeRevoked'),
  closeRevoked: (turn) => {
    const rest = restOf(turn);
    return compareAndSet(turn, { kind: 'revoked' }, { recorded: rest, lost: rest, unanswered: rest });
  },
  revokeOld: (turn) =>
    writeOld(turn, ['vended', 'superseded'], 'revoking', {
      recorded: turn.me.role === 'reconciler' ? 'disableOld' : 'lookForSuccessor',
      otherwise: restOf(turn),
    }),
  disableOld: disablesFirst(ofOld, 'deleteOld'),
  deleteOld: deletes(ofOld, 'disableOldLeft'),
  disableOldLeft: disablesAgain(ofOld, 'closeOld'),
  closeOld: (turn) => writeOld(turn, ['revoking'], 'revoked', { recorded: restOf(turn), otherwise: restOf(turn) }),
};
