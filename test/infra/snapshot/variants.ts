import type { Parameters } from './predict.ts';

export const THEIR_SUBSCRIPTION = '33333333-3333-4333-8333-333333333333';

/** Deployments that differ in what they make. */
export const VARIANTS = {
  'the default': {},
  'private networking': { privateNetworking: true },
  "two teams' queues": {
    requestQueues: ['vend-payments', 'vend-search'],
    replyQueues: ['payments-answers', 'search-answers'],
  },
  'an event topic': { eventTopic: 'vend-events-out' },
  'restricted callers': { allowedCallers: ['203.0.113.0/24', '198.51.100.7/32'] },
  'an organization in another subscription': {
    confluentSubscriptionId: THEIR_SUBSCRIPTION,
    confluentResourceGroup: 'their-group',
  },
  'Event Grid': { eventGrid: true },
} satisfies Readonly<Record<string, Partial<Parameters>>>;
