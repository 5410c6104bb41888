import { settingsSchema } from '../../../src/settings.ts';
import { parseDuration } from '../../../src/vending/request/validation.ts';
import { type Deployment, differences, ofType, type Parameters, type Resource, valueAt } from './predict.ts';

const LEASE_MS = settingsSchema.shape.LEASE_SECONDS.parse(undefined);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const expectedQueues = ({ requestQueues, replyQueues, eventGrid }: Parameters): string[] => [
  ...requestQueues,
  ...replyQueues,
  'vend-retries',
  'vend-results',
  ...(eventGrid ? ['vend-events'] : []),
];

/** Queues keep a message for as long as the function may need it, and swallow what is sent twice. */
export function queueFaults(deployment: Deployment): string[] {
  const { eventTopic } = deployment.parameters;
  const queues = ofType(deployment, 'Microsoft.ServiceBus/namespaces/queues');
  const topics = ofType(deployment, 'Microsoft.ServiceBus/namespaces/topics');
  return [
    ...differences(queues.map(nameOf), expectedQueues(deployment.parameters)),
    ...differences(topics.map(nameOf), eventTopic === '' ? [] : [eventTopic]),
    ...queues.flatMap(lockFaults),
    ...[...queues, ...topics].flatMap(keepingFaults),
  ];
}

const nameOf = ({ name }: Resource): string => name.split('/').at(-1) ?? '';

const durationAt = (resource: Resource, path: string): number => parseDuration(String(valueAt(resource, path))) ?? -1;

function lockFaults(queue: Resource): string[] {
  const lock = durationAt(queue, 'lockDuration');
  // A message whose worker died must come back when nobody holds its lease any more. Service Bus knows no longer lock.
  const isRight = lock > LEASE_MS && lock <= 5 * MINUTE_MS;
  return [
    ...(isRight ? [] : [`${queue.name}: the lock must be longer than a lease, and five minutes at most`]),
    ...(valueAt(queue, 'deadLetteringOnMessageExpiration') === true ? [] : [`${queue.name}: expired messages vanish`]),
    // RUNBOOK.md says so. With one delivery a killed worker makes a dead letter.
    ...(valueAt(queue, 'maxDeliveryCount') === 10 ? [] : [`${queue.name}: messages must come back, ten times at most`]),
  ];
}

function keepingFaults(entity: Resource): string[] {
  // Event Grid repeats a delivery for a day. Everybody else may rely on an hour.
  const window = nameOf(entity) === 'vend-events' ? DAY_MS : HOUR_MS;
  const swallows = valueAt(entity, 'requiresDuplicateDetection') === true;
  const isLongEnough = durationAt(entity, 'duplicateDetectionHistoryTimeWindow') >= window;
  return [
    ...(swallows && isLongEnough ? [] : [`${entity.name}: duplicates must be swallowed for ${window / HOUR_MS} hours`]),
    ...(durationAt(entity, 'defaultMessageTimeToLive') === 14 * DAY_MS
      ? []
      : [`${entity.name}: keep messages 14 days`]),
  ];
}
