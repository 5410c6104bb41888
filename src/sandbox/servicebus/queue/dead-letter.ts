import { definedOnly } from './defined-only.ts';
import type { Properties } from './types.ts';

/** How the service says, in the application properties of a dead letter, why it is one. */
export function deadLetterProperties(reason: string | undefined, description: string | undefined): Properties {
  return definedOnly({ DeadLetterReason: reason, DeadLetterErrorDescription: description });
}

export const expired = (): Properties =>
  deadLetterProperties('TTLExpiredException', 'The message expired and was dead lettered.');

export const undeliverable = (deliveries: number): Properties =>
  deadLetterProperties(
    'MaxDeliveryCountExceeded',
    `Message could not be consumed after ${deliveries} delivery attempts.`,
  );
