import * as z from 'zod';
import { keptEventSchema } from '../events/outgoing-schema.ts';
import { iso } from '../model/timings.ts';
import type { UpstreamTrace } from '../model/tracing.ts';
import type { EventPublisher } from '../ports/messaging.ts';
import type { Context } from '../saga/context.ts';

/** Who committed publishes within seconds, if the ledger answers. What is older than this was left behind, or comes twice. */
const GRACE_PERIOD_MS = 30_000;
/** Rows looked at in one run. */
const MAX_ROWS = 500;
/** A topic that takes nothing is not asked again in this run. */
const MAX_FAILURES = 5;
/** A slow topic leaves the rest of the run to reviews. */
const MAX_DURATION_MS = 15_000;

/**
 * Publishes audit records and events again that somebody committed and may not have published. Consumers know repetitions
 * by their ids, and audit records say so themselves.
 */
export async function publishPending(ctx: Context, now: number): Promise<void> {
  const before = iso(now - GRACE_PERIOD_MS);
  await publishAudit(ctx, before);
  if (ctx.events !== undefined) await publishEvents(ctx, ctx.events, before, now + MAX_DURATION_MS);
}

/** Perhaps of another version: it is passed on as it is. */
const keptRecordSchema = z.looseObject({ id: z.string() });

async function publishAudit(ctx: Context, before: string): Promise<void> {
  const listed = await ctx.ledger.list({ kind: 'audit', before, limit: MAX_ROWS });
  if (listed.kind === 'unreachable') return;
  for (const { key, value } of listed.rows) {
    const record = parsed(keptRecordSchema, value.body);
    if (record === undefined) ctx.log({ level: 'error', event: 'row-unreadable', credentialId: value.id });
    else ctx.audit({ ...record, repeated: true });
    ctx.outbox.remove([key]);
  }
  removeUnreadable(ctx, listed.unreadable);
}

/** They would be first in every run from now on. */
function removeUnreadable(ctx: Context, keys: readonly string[]): void {
  for (const _ of keys) ctx.log({ level: 'error', event: 'row-unreadable' });
  ctx.outbox.remove(keys);
}

async function publishEvents(ctx: Context, events: EventPublisher, before: string, until: number): Promise<void> {
  const listed = await ctx.ledger.list({ kind: 'event', before, limit: MAX_ROWS });
  if (listed.kind === 'unreachable') return;
  removeUnreadable(ctx, listed.unreadable);
  let failures = 0;
  for (const { key, value } of listed.rows) {
    if (ctx.clock.now() >= until) return;
    const event = parsed(keptEventSchema, value.body);
    if (event === undefined) {
      ctx.log({ level: 'error', event: 'row-unreadable', credentialId: value.id });
      ctx.outbox.remove([key]);
      continue;
    }
    const outcome = await events.publish(event);
    if (outcome.kind === 'published') {
      ctx.outbox.remove([key]);
      continue;
    }
    const { upstream } = outcome;
    ctx.log({ level: 'warn', event: 'event-not-published', credentialId: value.id, upstream });
    if (!isAboutEvent(upstream)) failures++;
    if (failures >= MAX_FAILURES) return;
  }
}

/** The topic refuses this event and takes others. Events that it never takes must not hold up the rest. */
const isAboutEvent = ({ status }: UpstreamTrace): boolean => status === 400 || status === 413;

function parsed<T>(schema: z.ZodType<T>, body: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data;
  } catch {
    return undefined;
  }
}
