import type { Credential } from '../../src/vending/model/credential.ts';
import { TRANSITIONS, type Transition, type Unstamped } from '../../src/vending/model/transitions.ts';
import { draftOf, leaseEnd, NONE, show, type View, viewOf } from './row.ts';
import type { Rules } from './rules.ts';
import type { Setting } from './setting.ts';
import type { Step } from './steps.ts';
import { afterLost, ask, goTo, nameOf, overtaken, type Turn, turnOf, withFault, withWorld, wrong } from './turn.ts';
import { isEnabled, isLive, namesVersion } from './upstreams.ts';
import type { Late, Move, World } from './world.ts';

type Next = Step | 'rest' | ((world: World) => World);

/**
 * One commit of one transition of the table. It succeeds or fails. Or it takes effect and the answer is lost, or the client
 * repeats it and sees a conflict. Or it lands later.
 *
 * @param unanswered where the actor goes without an answer, if not where a lost commit leads to
 */
export function commit<Input>(
  t: Turn,
  name: string,
  transition: Transition<Input>,
  input: Input,
  next: Next,
  unanswered?: Step,
): Move[] {
  const { me, setting } = t;
  const says = `${nameOf(t)} ${name}`;
  const lost = afterLost(me, setting);
  const applied = ask(t, transition, input, setting.rules.etag ? t.world.row : me.basis);
  if (applied.kind === 'refused') return [[`${says}: the table refuses, ${applied.condition}`, goTo(t, lost)]];
  const row = stamped(t, transition, applied.row);
  return write(t, says, row, next, lost, unanswered);
}

/** Only a claim has to be known by who wrote it. */
function stamped({ at, setting: { rules } }: Turn, transition: object, row: Unstamped): Credential {
  const isClaim = transition === TRANSITIONS.claimVend || transition === TRANSITIONS.claimRotation;
  const next = { ...row, sequence: 1, writeId: isClaim ? String(at) : '' };
  const { sweepAt: _, ...unswept } = next;
  if (!rules.sweptAfterClose && row.closed !== undefined) return unswept;
  if (!rules.sweptAfterFailure && row.closed === undefined) return unswept;
  return next;
}

export function write(t: Turn, says: string, row: Credential, next: Next, lost: Step, unanswered = lost): Move[] {
  const { at, world, setting } = t;
  const done = withWorld(t, written(world, row, at, setting));
  const out: Move[] = [
    [`${says}: ${show(row)}`, typeof next === 'string' ? goTo(done, next, { isFresh: true }) : next(done.world)],
  ];
  if (world.faults === 0) return out;
  const f = withFault(t);
  const took = withWorld(f, written(f.world, row, at, setting));
  out.push(
    [`${says}: fails`, goTo(f, unanswered)],
    [`${says}: takes effect, no answer`, goTo(took, unanswered, { isFresh: false })],
    [`${says}: under way, no answer`, goTo(later(f, { kind: 'commit', by: at, row }), unanswered)],
  );
  if (unanswered !== lost)
    out.push([`${says}: takes effect, repeated, a conflict`, goTo(took, lost, { isFresh: false })]);
  return out;
}

export const later = (t: Turn, effect: Late): Turn => withWorld(t, { ...t.world, late: [...t.world.late, effect] });

/** The row changes: no ETag matches any more but the writer's own, and no commit that is under way can land. */
export function written(world: World, row: Credential | undefined, by: number, setting: Setting): World {
  const view = viewOf(row);
  const isClaim = view.phase === 'minting' && view.workAttempt > world.claimed;
  const next = {
    ...requestRows(world, row, setting),
    row,
    ...(isClaim && { claimed: view.workAttempt, shift: view.workAttempt - (row?.attempts ?? 0) }),
    late: world.late.filter(({ kind }) => kind !== 'commit'),
    actors: world.actors.map((actor, at) => (at === by ? actor : overtaken(actor, setting))),
    versions: world.versions.some((v) => v.tag !== v.attempt || v.tagKey !== v.key)
      ? world.versions.map((v, n) =>
          (v.tag !== v.attempt || v.tagKey !== v.key) && namesVersion(view, n) ? { ...v, isKnown: true } : v,
        )
      : world.versions,
  };
  const isReopened = world.row?.closed !== undefined && row !== undefined && row.closed === undefined;
  const judged =
    isReopened && view.phase === undefined ? wrong(next, 'R: a credential that was closed is open again') : next;
  return world.isLost ? found(judged) : judged;
}

/** A key that the ledger forgot is known again once a row names it, and its secret is there. */
function found(world: World): World {
  const { current, previous } = viewOf(world.row);
  const keys = world.keys.map((key, n) =>
    key.isLost && (current === n || previous === n) && isLive(world, n) && isEnabled(world, n)
      ? { ...key, isLost: false }
      : key,
  );
  return { ...world, keys };
}

/** The request row of a rotation, in the same transaction: inserted by the claim, deleted by a failure. */
function requestRows(world: World, row: Credential | undefined, { rules }: Setting): World {
  const was = viewOf(world.row);
  const is = viewOf(row);
  if (was.workAttempt === is.workAttempt) return world;
  const ended = was.request === 0 ? world : attemptEnded(world, was, is, rules);
  if (is.request === 0 || !rules.requestsRemembered) return ended;
  return { ...ended, requests: ended.requests.with(is.request, is.workAttempt) };
}

function attemptEnded(world: World, { request, workAttempt }: View, is: View, rules: Rules): World {
  const isVended = is.current !== NONE && is.currentAttempt === workAttempt;
  const keeps = isVended ? rules.requestRowStays : !rules.requestRowGoes;
  const requests = keeps ? world.requests : world.requests.with(request, 0);
  if (!isVended) return { ...world, requests };
  const isTwice = world.vendedFor[request] !== 0;
  const next = { ...world, requests, vendedFor: world.vendedFor.with(request, workAttempt) };
  return isTwice ? wrong(next, 'IV: a request was vended twice') : next;
}

/** A read of the row, and what follows from it. */
export function readRow(
  t: Turn,
  decide: (t: Turn, isUnchanged: boolean) => Move[],
  silent: Step | 'rest' = 'rest',
): Move[] {
  const { world, me, at, setting } = t;
  const reader = setting.rules.etag ? { ...me, isFresh: true } : { ...me, isFresh: true, basis: world.row };
  const read = turnOf({ ...world, actors: world.actors.with(at, reader) }, at, setting) ?? t;
  const out = decide(read, me.isFresh);
  return world.faults === 0
    ? out
    : [...out, [`${nameOf(t)}, ${me.step}: the ledger is silent`, goTo(withFault(t), silent)]];
}

/** The parts that every claim of the next attempt has. */
export const claimOf = ({ world, at, setting }: Turn) => ({
  nonce: String(setting.rules.markersUnique ? world.claimed - (world.row?.attempts ?? 0) : 0),
  claimId: String(at),
  leaseUntil: leaseEnd(setting, world.claimed + 1),
  grant: draftOf(setting, 0).grant,
});

/** The name of an attempt: attempts before a loss of rows have another nonce than those after it. */
export const attemptName = ({ forgotten, shift }: World, count: number) =>
  count <= forgotten ? { attempt: count, nonce: '0' } : { attempt: count - shift, nonce: String(shift) };
