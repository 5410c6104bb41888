import { type Command, type Outcome, perform } from '../../vending/command.ts';
import { type Heeded, heed, onExpiry } from '../../vending/events/heed.ts';
import type { KeyVaultEvent } from '../../vending/events/incoming-event.ts';
import { tellExpired } from '../../vending/events/tell-expired.ts';
import { PROBLEMS } from '../../vending/model/problems.ts';
import { type Authority, authorityOf } from '../../vending/policy/authority.ts';
import { type Order, overlapMsOf } from '../../vending/request/operation.ts';
import { failedWith, type VendedIntent } from '../../vending/saga/outcome.ts';
import type { SagaPorts } from '../../vending/saga/ports.ts';
import type { VendSettings } from '../../vending/vend.ts';
import { delayOf } from './backoff.ts';
import { type Delay, delayAfter } from './delay.ts';
import { type Envelope, writeDelayedCopy } from './delayed-copy.ts';
import { answerTo, copyId } from './replies.ts';
import { insist, logProblem, send } from './sending.ts';
import type { QueueWork } from './services.ts';
import { type Work, writeWork } from './work.ts';

/** Does what a message is about, and answers it, or puts it off. */
export async function workOn(services: QueueWork, work: Work, envelope: Envelope): Promise<void> {
  const outcome =
    work.kind === 'order' ? await obey(services, work.order, envelope) : await follow(services, work.event);
  if (outcome === undefined) return;
  if (outcome.kind === 'early') return putOff(services, envelope, work, { counts: false, waitMs: outcome.waitMs });
  if (outcome.kind === 'problem') {
    logProblem(services, outcome.problem, outcome.requestId);
    const delay = delayAfter(services, work, envelope, outcome.problem);
    if (envelope.origin === 'service') reportUnasked(services, outcome, delay);
    if (delay !== undefined) return putOff(services, envelope, work, delay);
  }
  if (envelope.origin === 'service') return;
  return send(services, envelope.replyTo ?? services.queues.resultQueue, answerTo(envelope, outcome));
}

function obey(services: QueueWork, order: Order, envelope: Envelope): Promise<Outcome | undefined> {
  const { ports, settings, operatorRole } = services;
  const caller = { id: envelope.caller, roles: envelope.roles };
  const authority: Authority = envelope.origin === 'service' ? { kind: 'service' } : authorityOf(caller, operatorRole);
  const actor = authority.kind === 'operator' ? `operator:${caller.id}` : ports.actor;
  const command = commandOf(order, envelope, authority);
  return command === undefined ? Promise.resolve(undefined) : perform({ ...ports, actor }, settings, command);
}

function commandOf(order: Order, { caller: id, roles, key }: Envelope, authority: Authority): Command | undefined {
  switch (order.operation) {
    case 'vend':
      if (key === undefined) return undefined;
      return { operation: 'vend', caller: { id, roles }, key, request: order.request };
    case 'revoke':
    case 'rotate': {
      const { operation, requestId, validateOnly = false } = order;
      const common = { authority, requestId, validateOnly };
      return operation === 'revoke'
        ? { operation, ...common }
        : { operation, ...common, overlapMs: overlapMsOf(order) };
    }
  }
}

type Failure = Extract<Outcome, { kind: 'problem' }>;
type Followed = Outcome | Extract<Heeded, { kind: 'early' }> | undefined;

/** @returns undefined where the hint led to nothing. */
async function follow({ ports, settings }: QueueWork, event: KeyVaultEvent): Promise<Followed> {
  const heeded = await heed(ports, settings, event);
  switch (heeded.kind) {
    case 'ignored':
      ports.log({ level: 'info', event: 'hint-ignored', state: heeded.reason });
      return undefined;
    case 'unclear':
      return failedWith({ id: heeded.requestId ?? '', attempt: 0 }, heeded.problem);
    case 'early':
      return heeded;
    case 'command':
      return perform(ports, settings, heeded.command);
    case 'expired':
      return expire(ports, settings, heeded.intent);
  }
}

/**
 * A key that has to go does not wait for a topic. Once it is revoked the hint finds nothing in force any more: where the
 * topic took nothing, that it expired is then never told, only that it was revoked, which the ledger keeps until it is.
 */
async function expire(ports: SagaPorts, settings: VendSettings, intent: VendedIntent): Promise<Followed> {
  const untold = await tellExpired(ports, intent);
  const command = onExpiry(settings.policy, intent);
  if (command !== undefined) return perform(ports, settings, command);
  return untold === undefined ? undefined : failedWith(intent, untold);
}

/** Nobody waits for an answer: what failed for good, and what is given up, is told to the operators or to nobody. */
function reportUnasked({ ports }: QueueWork, { problem, requestId }: Failure, delay: Delay | undefined): void {
  if (PROBLEMS[problem.type].transient && delay !== undefined) return;
  ports.log({ level: 'error', event: 'unasked-change-failed', problem: problem.type, requestId });
}

async function putOff(services: QueueWork, before: Envelope, work: Work, { counts, waitMs }: Delay): Promise<void> {
  const { ports, queues, messenger } = services;
  const attempts = counts ? before.attempts + 1 : before.attempts;
  const envelope = { ...before, copies: before.copies + 1, attempts };
  const copy = {
    messageId: copyId(envelope),
    body: writeDelayedCopy({ envelope, work: writeWork(work) }),
    contentType: 'application/json',
  };
  const delay = delayOf(queues.backoff, attempts, waitMs);
  const notBefore = new Date(ports.clock.now() + delay);
  await insist(services, 'copy-not-sent', () => messenger.sendLater(queues.retryQueue, copy, notBefore));
}
