import { WORLD } from '../../../src/sandbox/azure/world.ts';
import { EXAMPLE } from '../harness.ts';
import type { Case, QueueMessage, QueueReply } from './case.ts';

const NOTHING = { minted: 0, living: 0 } as const;
const ONE = { minted: 1, living: 1 } as const;
const VENDED = { subject: 'vended' } as const;

const sent = (
  messageId: string,
  reply: Omit<QueueReply, 'correlationId'>,
  body: string | object = EXAMPLE,
  message: QueueMessage['message'] = {},
): QueueMessage => ({ message: { messageId, ...message }, body, reply: { correlationId: messageId, ...reply } });
const base64 = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64');

/** The client library parses every id that is JSON. */
const IDS: readonly Case[] = [
  {
    ...ONE,
    name: 'three spellings of one number as ids, then another body under a fourth',
    sends: [
      ...['4711000', '4711e3', '47110e2'].map((id) => ({
        ...sent(id, VENDED),
        reply: { ...VENDED, correlationId: '4711000' },
      })),
      {
        ...sent('471100e1', VENDED, { ...EXAMPLE, name: 'another' }),
        reply: { subject: 'idempotency-key-reused', correlationId: '4711000' },
      },
    ],
  },
  ...['null', '{"a":1}', '-0', '1.5', 'true'].map(
    (id): Case => ({
      ...NOTHING,
      name: `the id ${id}, which arrives as no text`,
      sends: [
        {
          message: { messageId: id },
          body: EXAMPLE,
          reply: { subject: 'idempotency-key-required', words: /sequenceNumber/ },
        },
      ],
    }),
  ),
];

const BODIES: readonly Case[] = [
  {
    ...ONE,
    name: 'UTF-8 with a byte order mark',
    sends: [
      {
        message: { messageId: 'bom' },
        bodyBase64: base64(`\ufeff${JSON.stringify(EXAMPLE)}`),
        reply: { ...VENDED, correlationId: 'bom' },
      },
    ],
  },
  {
    ...NOTHING,
    name: 'JSON.stringify twice',
    sends: [
      sent(
        'twice-encoded',
        { subject: 'malformed-request', words: /JSON string.*Send the object/ },
        JSON.stringify(JSON.stringify(EXAMPLE)),
      ),
    ],
  },
  {
    ...NOTHING,
    name: 'a duplicate key',
    sends: [sent('duplicate-key', { subject: 'malformed-request' }, `{"name":"x",${JSON.stringify(EXAMPLE).slice(1)}`)],
  },
  {
    ...NOTHING,
    name: 'invalid UTF-8',
    sends: [
      {
        message: { messageId: 'latin-1' },
        bodyBase64: base64(Buffer.from(JSON.stringify({ ...EXAMPLE, name: 'für' }), 'latin1')),
        reply: { subject: 'malformed-request', correlationId: 'latin-1' },
      },
    ],
  },
  {
    ...NOTHING,
    name: 'a body with properties that look like metadata',
    sends: [
      sent(
        'honest',
        { subject: 'invalid-request', words: /messageId.*replyTo|replyTo.*messageId/ },
        { ...EXAMPLE, messageId: 'forged', replyTo: WORLD.queues.reply },
      ),
    ],
  },
  {
    ...ONE,
    name: 'a null for each unset field',
    sends: [sent('nulls', VENDED, { ...EXAMPLE, validFor: null, secretName: null })],
  },
];

const ANSWERS: readonly Case[] = [
  {
    ...NOTHING,
    name: 'a request that is refused, with an allowed replyTo',
    sends: [
      sent(
        'refused',
        { subject: 'invalid-request', on: WORLD.queues.reply },
        { ...EXAMPLE, name: '' },
        {
          replyTo: WORLD.queues.reply,
        },
      ),
      sent('unreadable', { subject: 'malformed-request', on: WORLD.queues.reply }, 'hello', {
        replyTo: WORLD.queues.reply,
      }),
    ],
  },
  {
    ...ONE,
    name: 'replyTo in other case',
    sends: [
      sent('shouted', { ...VENDED, on: WORLD.queues.reply }, EXAMPLE, { replyTo: WORLD.queues.reply.toUpperCase() }),
    ],
  },
  {
    ...NOTHING,
    name: 'a replyTo that is not allowed',
    sends: [sent('strange-reply', { subject: 'reply-not-allowed' }, EXAMPLE, { replyTo: 'vend-requests' })],
  },
];

export const QUEUE_CASES: readonly Case[] = [...IDS, ...BODIES, ...ANSWERS];
