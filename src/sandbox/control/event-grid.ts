import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import type { EmulatedAzure } from '../azure/azure.ts';
import { WORLD } from '../azure/world.ts';
import { type CloudEvent, parseCloudEvent } from '../eventgrid/cloud-event.ts';
import type { SubscriptionRequest } from '../eventgrid/index.ts';
import { SUBSCRIPTION_DEFAULTS } from '../eventgrid/subscription.ts';

const webhookSchema = z.strictObject({
  webhook: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/, error: 'Give an http URL on loopback' }),
  audience: z.string().exactOptional(),
  roles: z.array(z.string()).default([WORLD.eventSenderRole]),
});

/** As `POST /eventgrid/subscriptions` takes it. */
export const subscriptionRequestSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[0-9A-Za-z-]{3,64}$/)
      .exactOptional(),
    topic: z.enum(['keyvault', 'custom', 'out']),
    schema: z.enum(['cloudevents', 'eventgrid']).default('cloudevents'),
    destination: z.union([z.strictObject({ queue: z.string() }), webhookSchema]),
    includedEventTypes: z.array(z.string()).min(1).exactOptional(),
    maxEventsPerBatch: z.int().min(1).max(5_000).default(SUBSCRIPTION_DEFAULTS.maxEventsPerBatch),
    maxDeliveryAttempts: z.int().min(1).max(30).default(SUBSCRIPTION_DEFAULTS.maxDeliveryAttempts),
    eventTimeToLiveMinutes: z.int().min(1).max(1_440).default(SUBSCRIPTION_DEFAULTS.eventTimeToLiveMinutes),
  })
  .transform(({ destination, name = `subscription-${randomUUID().slice(0, 8)}`, ...rest }): SubscriptionRequest => {
    if ('queue' in destination) return { ...rest, name, destination };
    const { webhook: url, ...webhook } = destination;
    return { ...rest, name, destination: { url, ...webhook } };
  });

/** As `POST /eventgrid/events` takes it: a CloudEvent, of which all but `type` and `data` may be left out. */
export const customEventSchema = z.looseObject({ type: z.string() });

/** @throws ZodError for what is no CloudEvent in the end either. */
export function completeEvent(
  given: z.infer<typeof customEventSchema>,
  { clock }: Pick<EmulatedAzure, 'clock'>,
): CloudEvent {
  const time = new Date(clock.now()).toISOString();
  return parseCloudEvent({ specversion: '1.0', id: randomUUID(), source: '/sandbox', time, ...given });
}
