import { WORLD } from '../../src/sandbox/world.ts';
import { type IdempotencyKey, intentIdOf } from '../../src/vending/model/idempotency.ts';
import type { Random } from './random.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Message {
  readonly messageId: string;
  readonly body: Json;
  readonly replyTo?: string;
}

/** What is asked for once a key was vended. */
export type Fate = 'kept' | 'rotated' | 'revoked';

/** One idempotency key, and how it is asked for. */
export type Order =
  | {
      readonly kind: 'http';
      readonly fate: Fate;
      readonly requestId: string;
      readonly key: string;
      readonly body: Json;
      /** Clients that ask at once, each until it has a final answer. */
      readonly clients: number;
      /** How long a client waits before it asks again, the first few times. */
      readonly patienceMs: number;
    }
  | {
      readonly kind: 'queue';
      readonly fate: Fate;
      readonly requestId: string;
      readonly messages: readonly Message[];
    };

export const PORTAL = `entra:${WORLD.tenantId}:${WORLD.portalOid}`;
export const QUEUE = `queue:${WORLD.queues.request}`;
const PATIENT_MS = 30_000;

export function orderOf(number: number, random: Random): Order {
  return random.chance(0.5) ? httpOrder(number, random) : queueOrder(number, random);
}

function httpOrder(number: number, random: Random): Order {
  const key = `chaos-${number}`;
  // Now and then two requests want the same name.
  const chosen = random.chance(0.2) ? { secretName: `portal-chaos-${random.chance(0.2) ? 'contested' : number}` } : {};
  return {
    kind: 'http',
    fate: fateOf(random),
    requestId: intentIdOf(PORTAL, { kind: 'key', key }),
    key,
    body: { ...request(number, random), ...chosen },
    clients: random.chance(0.2) ? random.int(2, 5) : 1,
    patienceMs: random.chance(0.3) ? random.int(30, 1_500) : PATIENT_MS,
  };
}

function queueOrder(number: number, random: Random): Order {
  const messageId = `message-${number}`;
  const body = request(number, random);
  const to = random.chance(0.2) ? { replyTo: WORLD.queues.reply } : {};
  const twice = (content: Json): Message[] =>
    ['a', 'b'].map((which) => ({ messageId: `${messageId}-${which}`, body: content, ...to }));
  const asked = (key: IdempotencyKey, messages: readonly Message[]): Order => ({
    kind: 'queue',
    fate: fateOf(random.fork('fate')),
    requestId: intentIdOf(QUEUE, key),
    messages,
  });
  if (random.chance(0.25)) {
    const key = `named-${number}`;
    return asked({ kind: 'key', key }, twice({ ...body, idempotencyKey: key }));
  }
  if (random.chance(0.3)) {
    const [source, id] = ['/chaos', String(number)];
    const event = { specversion: '1.0', source, id, type: 'com.contoso.apikey.requested.v1', data: body };
    return asked({ kind: 'ce', source, id }, twice(event));
  }
  return asked({ kind: 'msg', messageId }, [{ messageId, body, ...to }]);
}

function fateOf(random: Random): Fate {
  if (random.chance(0.3)) return 'rotated';
  return random.chance(0.12) ? 'revoked' : 'kept';
}

const request = (number: number, random: Random): Json => ({
  environmentId: WORLD.target.environmentId,
  clusterId: random.pick(['clusterId-123', 'lkc-1126wj', 'lsrc-stgc1yrzz3']),
  name: `chaos ${number}`,
  secretFormat: random.pick(['secret', 'json', 'jaas', 'basic-auth']),
  ...(random.chance(0.5) && { description: 'asked for in a storm' }),
  ...(random.chance(0.3) && { validFor: 'P30D' }),
});
