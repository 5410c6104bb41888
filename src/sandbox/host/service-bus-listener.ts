import type { ServiceBusClient, ServiceBusReceivedMessage, ServiceBusReceiver } from '@azure/service-bus';
import type { ServiceBusOptions } from './host-json.ts';
import type { Invoke } from './invoker.ts';
import { keepLocked } from './lock-renewal.ts';
import type { HostLog } from './log.ts';
import type { TypedData } from './rpc.ts';
import { bodyData, triggerMetadata } from './service-bus-messages.ts';
import { type InTurn, inTicksOfTheirOwn } from './ticks.ts';
import { startSpan } from './trace.ts';
import type { QueueTrigger } from './triggers.ts';

export interface QueueListener {
  /** Takes no more messages; resolves once those under way have been settled. */
  close(): Promise<void>;
}

export interface QueueListenerOptions {
  readonly client: ServiceBusClient;
  readonly functionName: string;
  readonly trigger: QueueTrigger;
  readonly serviceBus: ServiceBusOptions;
  readonly invoke: Invoke;
  readonly log: HostLog;
}

/** Pumps one queue. The client reconnects by itself, and waits for ever for a queue that is not there. */
export function listenQueue(options: QueueListenerOptions): QueueListener {
  const { client, trigger, serviceBus } = options;
  const receiver = client.createReceiver(trigger.queue, {
    receiveMode: 'peekLock',
    // The client's own renewal is keyed by message id: with it, a message without one could never be settled.
    maxAutoLockRenewalDurationInMs: 0,
    skipParsingBodyAsJson: true,
    skipConvertingDate: true,
  });
  const inFlight = new Set<Promise<void>>();
  // rhea writes neighbouring settlements of one tick as one, with the outcome of the first, whatever the second's is.
  const inTurn = inTicksOfTheirOwn();
  const subscription = receiver.subscribe(
    {
      processMessage: (message) => {
        const done = handle(options, receiver, message, inTurn).finally(() => inFlight.delete(done));
        inFlight.add(done);
        return done;
      },
      processError: async ({ errorSource, error }) => report(options, errorSource, error),
    },
    { autoCompleteMessages: false, maxConcurrentCalls: serviceBus.maxConcurrentCalls },
  );
  return {
    close: async () => {
      await subscription.close();
      await Promise.allSettled(inFlight);
      await receiver.close();
    },
  };
}

async function handle(
  options: QueueListenerOptions,
  receiver: ServiceBusReceiver,
  message: ServiceBusReceivedMessage,
  inTurn: InTurn,
): Promise<void> {
  const { trigger, serviceBus } = options;
  const stopRenewing = keepLocked(receiver, message, serviceBus.maxAutoLockRenewalDuration, (error) =>
    report(options, 'renewLock', error),
  );
  const succeeded = await invokeWith(options, message).finally(stopRenewing);
  const complete = trigger.autoCompleteMessages ?? serviceBus.autoCompleteMessages;
  if (!succeeded) await inTurn(() => receiver.abandonMessage(message));
  else if (complete) await inTurn(() => receiver.completeMessage(message));
}

async function invokeWith(options: QueueListenerOptions, message: ServiceBusReceivedMessage): Promise<boolean> {
  const { functionName, trigger, log } = options;
  let data: TypedData;
  try {
    data = bodyData(message, trigger.dataType);
  } catch (error) {
    log({ level: 'error', category: `Function.${functionName}`, message: String(error), functionName });
    return false;
  }
  const properties = message.applicationProperties ?? {};
  const outcome = await options.invoke({
    functionName,
    binding: trigger.binding,
    data,
    triggerMetadata: triggerMetadata(message, data),
    trace: startSpan(string(properties.traceparent ?? properties['Diagnostic-Id']), string(properties.tracestate)),
    queue: trigger.queue,
    reason: `New ServiceBus message detected on '${trigger.queue}'.`,
  });
  return outcome.kind === 'succeeded';
}

function report({ functionName, trigger, log }: QueueListenerOptions, action: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error);
  const message = `Message processing error (Action=${action}, EntityPath=${trigger.queue}): ${reason}`;
  log({ level: 'error', category: 'Host.Triggers.ServiceBus', message, functionName });
}

const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
