import { WORLD } from '../../src/sandbox/azure/world.ts';
import { credentialIdOf, type IdempotencyKey } from '../../src/vending/model/idempotency.ts';
import type { Random } from './random.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Message {
  readonly messageId: string;
  readonly body: Json;
  readonly replyTo?: string;
}

/**
 * Names what somebody asks for after a credential was vended.
 *
 * - `rivals`: several rotations that name the same key to replace.
 * - `overlap-ended`: a rotation, and then the end of its overlap.
 * - `revoked-midway`: a rotation and a revocation at once.
 * - `expiring`: nothing. The service rotates it by itself after half a minute. Where it cannot, the secret expires after a
 *   minute, and the credential is revoked.
 */
export type Fate = 'kept' | 'rotated' | 'rivals' | 'overlap-ended' | 'revoked' | 'revoked-midway' | 'expiring';

/** One credential, and how it is asked for. */
export type Order =
  | {
      readonly kind: 'http';
      readonly fate: Fate;
      /** Of the credential. */
      readonly id: string;
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
      readonly id: string;
      readonly messages: readonly Message[];
    };

export type HttpOrder = Extract<Order, { kind: 'http' }>;
export type QueueOrder = Extract<Order, { kind: 'queue' }>;

export const PORTAL = `entra:${WORLD.tenantId}:${WORLD.portalOid}`;
export const QUEUE = `queue:${WORLD.queues.request}`;
export const CALLERS = { http: PORTAL, queue: QUEUE } as const satisfies Record<Order['kind'], string>;
const PATIENT_MS = 30_000;
/** What bulk operations are about. Nobody changes these credentials otherwise. */
const BULK_CLUSTER = 'lsrc-stgc1yrzz3';
export const BULK_FILTERS = {
  revoke: { caller: PORTAL, cluster: BULK_CLUSTER },
  rotate: { caller: QUEUE, cluster: BULK_CLUSTER },
} as const;

export function orderOf(number: number, random: Random): Order {
  return random.chance(0.5) ? httpOrder(number, random) : queueOrder(number, random);
}

function httpOrder(number: number, random: Random): Order {
  const key = `chaos-${number}`;
  // Sometimes two requests want the same name.
  const chosen = random.chance(0.2) ? { secretName: `portal-chaos-${random.chance(0.2) ? 'contested' : number}` } : {};
  const asked = { ...requestOf(number, random), ...chosen };
  const fate = fateOf(asked, random);
  const body = livedAs(fate, asked);
  return {
    kind: 'http',
    fate,
    id: credentialIdOf(PORTAL, { kind: 'key', key }),
    key,
    body,
    clients: random.chance(0.2) ? random.int(2, 5) : 1,
    patienceMs: random.chance(0.3) ? random.int(30, 1_500) : PATIENT_MS,
  };
}

function queueOrder(number: number, random: Random): Order {
  const messageId = `message-${number}`;
  const request = requestOf(number, random);
  const fate = fateOf(request, random.fork('fate'));
  const body = livedAs(fate, request);
  const to = random.chance(0.2) ? { replyTo: WORLD.queues.reply } : {};
  const twice = (content: Json): Message[] =>
    ['a', 'b'].map((which) => ({ messageId: `${messageId}-${which}`, body: content, ...to }));
  const asked = (key: IdempotencyKey, messages: readonly Message[]): Order => ({
    kind: 'queue',
    fate,
    id: credentialIdOf(QUEUE, key),
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

function fateOf({ clusterId }: Json, random: Random): Fate {
  if (clusterId === BULK_CLUSTER) return 'kept';
  if (random.chance(0.1)) return 'expiring';
  if (random.chance(0.35)) return random.pick(['rotated', 'rotated', 'rivals', 'overlap-ended']);
  return random.chance(0.2) ? random.pick(['revoked', 'revoked-midway']) : 'kept';
}

/** The shortest validity that there is. */
const livedAs = (fate: Fate, body: Json): Json => (fate === 'expiring' ? { ...body, validFor: 'PT1M' } : body);

const requestOf = (number: number, random: Random): Json => ({
  environmentId: WORLD.target.environmentId,
  clusterId: random.pick(['clusterId-123', 'lkc-1126wj', BULK_CLUSTER]),
  name: `chaos ${number}`,
  secretFormat: random.pick(['secret', 'json', 'jaas', 'basic-auth']),
  ...(random.chance(0.5) && { description: 'asked for in a storm' }),
  ...(random.chance(0.3) && { validFor: 'P30D' }),
});
