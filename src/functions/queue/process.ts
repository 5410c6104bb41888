import { type Command, executeCommand } from '../../vending/commands/command.ts';
import { type Failed, failed, type Outcome } from '../../vending/commands/outcome.ts';
import { type Authority, authorityOf, operatorName } from '../../vending/model/caller.ts';
import { requestKeyOf } from '../../vending/model/idempotency.ts';
import { type ProblemType, problemOf } from '../../vending/model/problems.ts';
import { hashRotation, overlapMsOf } from '../../vending/request/operation.ts';
import { reviewSecret } from '../../vending/review/review.ts';
import { answerTo, logProblem, sendAnswer } from './replies.ts';
import { reschedule, retryOf } from './reschedule.ts';
import type { Envelope } from './retry-messages.ts';
import type { QueueWork } from './services.ts';
import type { Work } from './work.ts';

type Asked = Exclude<Work, { kind: 'look' }>;

/** Does what a message asks for, and answers or reschedules it. */
export async function processWork(
  services: QueueWork,
  work: Work,
  envelope: Envelope,
  replyQueue: string,
): Promise<void> {
  if (work.kind === 'look') return look(services, work, envelope);
  const isExpired = (envelope.expiresAt ?? Number.POSITIVE_INFINITY) <= services.ctx.clock.now();
  const outcome = await executeOperation(isExpired ? paused(services) : services, work, envelope);
  if (outcome.kind === 'problem') logProblem(services, outcome.problem, outcome.id);
  const retry = retryOf(services, envelope, outcome);
  // Only what was not begun is over. A failure may be about a key that an earlier delivery of the message made.
  const isOver = isExpired && retry !== undefined && retry.after !== 'failure';
  if (retry !== undefined && !isOver) return reschedule(services, envelope, work, retry);
  const final = isOver && outcome.kind === 'problem' ? { ...outcome, problem: EXPIRED } : outcome;
  if (envelope.origin === 'service') return reportUnasked(services, final);
  return sendAnswer(services, replyQueue, answerTo(envelope, final));
}

/** After its time to live a message mints nothing. A key that was vended for it before is still answered. */
const paused = (services: QueueWork): QueueWork => ({
  ...services,
  settings: { ...services.settings, mode: 'paused' },
});

const EXPIRED = problemOf(
  'expired',
  'The time to live of this message ended before it could be served. From then on nothing is minted for it.',
);

function executeOperation(
  { ctx, settings, operatorRole }: QueueWork,
  work: Asked,
  envelope: Envelope,
): Promise<Outcome> {
  const caller = { id: envelope.caller, roles: envelope.roles };
  const authority: Authority = envelope.origin === 'service' ? { kind: 'service' } : authorityOf(caller, operatorRole);
  const actor = authority.kind === 'operator' ? { ...ctx.actor, name: operatorName(caller) } : ctx.actor;
  return executeCommand({ ...ctx, actor }, settings, commandOf(work, envelope, authority));
}

function commandOf(work: Asked, { caller: id, roles }: Envelope, authority: Authority): Command {
  if (work.kind === 'end') return { validateOnly: false, ...work.operation, authority };
  const { operation, key } = work;
  if (operation.operation === 'vend') {
    const { request } = operation;
    return { operation: 'vend', caller: { id, roles }, key, request, validateOnly: request.validateOnly ?? false };
  }
  return {
    operation: 'rotate',
    authority,
    id: operation.id,
    requestKey: requestKeyOf(id, key),
    requestHash: hashRotation(operation),
    replaces: operation.replaces,
    overlapMs: overlapMsOf(operation),
    validateOnly: operation.validateOnly ?? false,
  };
}

/** A look that is given up does no harm: the ledger knows every date. */
async function look(services: QueueWork, work: Extract<Work, { kind: 'look' }>, envelope: Envelope): Promise<void> {
  const { ctx, settings } = services;
  const looked = await reviewSecret(ctx, settings, work.secret);
  switch (looked.kind) {
    case 'looked':
      return;
    case 'ignored':
      return ctx.log({ level: 'info', event: 'key-vault-event-ignored', state: looked.reason });
    case 'unclear': {
      logProblem(services, looked.problem);
      const retry = retryOf(services, envelope, failed(looked.problem));
      if (retry !== undefined) await reschedule(services, envelope, work, retry);
    }
  }
}

/** The credential changed after the rotation was asked for, or the reconciler asks for it again. */
const HARMLESS: ReadonlySet<ProblemType> = new Set(['rotation-too-soon', 'already-rotated', 'revoked', 'not-found']);

/** Nobody waits for an answer, so operators have to see what failed for good. */
function reportUnasked({ ctx, settings }: QueueWork, outcome: Outcome): void {
  if (outcome.kind !== 'problem') return;
  const { problem, id }: Failed = outcome;
  const wasPaused = problem.type === 'expired' && settings.mode === 'paused';
  if (wasPaused || HARMLESS.has(problem.type)) return;
  ctx.log({
    level: 'error',
    event: 'unasked-change-failed',
    problem: problem.type,
    ...(id !== undefined && { credentialId: id }),
  });
}
