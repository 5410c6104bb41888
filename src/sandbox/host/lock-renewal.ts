import type { ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';

const LEAST_WAIT_MS = 100;

/**
 * Renews a message's lock at half of what is left of it, for at most `maxDuration` milliseconds or until the returned
 * function is called. A renewal that fails is reported, and is the last.
 */
export function keepLocked(
  receiver: Pick<ServiceBusReceiver, 'renewMessageLock'>,
  message: ServiceBusReceivedMessage,
  maxDuration: number,
  onError: (error: unknown) => void,
): () => void {
  const giveUpAt = Date.now() + maxDuration;
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  const schedule = (lockedUntil: Date): void => {
    const wait = Math.max((lockedUntil.getTime() - Date.now()) / 2, LEAST_WAIT_MS);
    if (stopped || Date.now() + wait > giveUpAt) return;
    timer = setTimeout(() => {
      receiver.renewMessageLock(message).then(schedule, (error: unknown) => {
        if (!stopped) onError(error);
      });
    }, wait);
  };
  if (message.lockedUntilUtc !== undefined) schedule(message.lockedUntilUtc);
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
