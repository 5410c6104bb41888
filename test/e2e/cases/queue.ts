import { correlationOf } from '../../../src/functions/queue/message.ts';
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

const TWICE = JSON.stringify(JSON.stringify(EXAMPLE));
const EVENT = {
  ...{ specversion: '1.0', source: '/portal', id: 'e-1', type: 'com.example.apikey.requested.v1' },
  data: EXAMPLE,
};

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
  {
    minted: 3,
    living: 3,
    name: 'ids that arrive as another text',
    sends: (
      [
        ['"quoted"', 'quoted'],
        ['1.0', '1'],
        ['0e12', '0'],
      ] as const
    ).map(([messageId, correlationId]) => ({
      message: { messageId },
      body: EXAMPLE,
      reply: { ...VENDED, correlationId },
    })),
  },
  ...['null', '{"a":1}', '-0', '1.5', 'true'].map(
    (id): Case => ({
      ...NOTHING,
      name: `the id ${id}, which arrives as no text`,
      sends: [
        {
          message: { messageId: id },
          body: EXAMPLE,
          reply: {
            subject: 'idempotency-key-required',
            words: /not known.*"applicationProperties":\{"sequenceNumber":"\d+"/,
          },
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
        { subject: 'malformed-request', words: new RegExp(`JSON string.*Send the object.*"${base64(TWICE)}"`) },
        TWICE,
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
      {
        message: { replyTo: WORLD.queues.reply },
        body: EXAMPLE,
        reply: { subject: 'idempotency-key-required', on: WORLD.queues.reply },
      },
    ],
  },
  {
    minted: 2,
    living: 2,
    name: 'a session to answer in',
    sends: ['portal-7', '4711'].map((sessionId) =>
      sent(`in ${sessionId}`, { ...VENDED, on: WORLD.queues.reply, sessionId }, EXAMPLE, {
        replyTo: WORLD.queues.reply,
        replyToSessionId: sessionId,
      }),
    ),
  },
  {
    ...NOTHING,
    name: 'a session to answer in that does not arrive as it was sent',
    sends: ['12345678901234567', '1.5', '{"a":1}'].map((replyToSessionId) =>
      sent(`in ${replyToSessionId}`, { subject: 'invalid-request', words: /"\/replyToSessionId"/ }, EXAMPLE, {
        replyTo: WORLD.queues.reply,
        replyToSessionId,
      }),
    ),
  },
  {
    ...ONE,
    name: 'an event that Event Grid delivers straight to a request queue',
    sends: [
      {
        message: { messageId: 'of Event Grid', applicationProperties: { 'aeg-event-type': 'Notification' } },
        body: EVENT,
        reply: { ...VENDED, correlationId: correlationOf(EVENT) },
      },
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
