import type { TokenCredential } from '@azure/identity';
import type { Target } from '../../vending/model/resources.ts';
import type { UpstreamTrace } from '../../vending/model/tracing.ts';
import type {
  ConfluentKeys,
  DeleteKeyOutcome,
  GetKeyOutcome,
  MintConnection,
  MintOutcome,
} from '../../vending/ports/confluent.ts';
import type { Clock } from '../../vending/ports/runtime.ts';
import { isSuccess } from '../http.ts';
import { isRefusedByGateway, parseKeyAnswer, traceOfAnswer } from './answer.ts';
import { mintOutcomeOf } from './mint-outcome.ts';
import { type ArmAnswer, type ArmTransport, createArmTransport, type OnePost } from './transport.ts';
import { keyUrl, mintUrl } from './urls.ts';

export interface ConfluentKeysOptions {
  readonly credential: TokenCredential;
  /** Default `https://management.azure.com`. */
  readonly endpoint?: string;
  /** For a `Retry-After` that is a date; default: the system's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/** For one look-up or deletion with all its retries. */
const IDEMPOTENT_DEADLINE_MS = 15_000;

/** Nothing is sent for a target or key id that does not belong into a path. */
const ILLEGAL_PATH: UpstreamTrace = { service: 'arm', code: 'IllegalPathSegment' };

/** Confluent's API keys through ARM, api-version 2024-07-01. */
export function createConfluentKeys(options: ConfluentKeysOptions): ConfluentKeys {
  const { origin } = new URL(options.endpoint ?? 'https://management.azure.com');
  const clock = options.clock ?? Date;
  const transport = createArmTransport(options.credential, origin);
  const throttle = createThrottle(clock);
  return {
    openMintConnection: () => {
      const { mint, discard } = mintConnection(transport.openPost(), origin, clock);
      return {
        mint: async (request, deadlineMs) => throttle.noted(request.target, await mint(request, deadlineMs)),
        discard,
      };
    },
    throttledFor: throttle.left,
    deleteKey: (target, keyId) => deleteKey(transport, keyUrl(origin, target, keyId)),
    getKey: (target, keyId) => getKey(transport, keyUrl(origin, target, keyId), keyId),
  };
}

const mintConnection = (post: OnePost, origin: string, clock: Pick<Clock, 'now'>): MintConnection => ({
  mint: async ({ target, name, description }, deadlineMs) => {
    const url = mintUrl(origin, target);
    if (url === undefined) {
      post.discard();
      return { kind: 'refused', reason: 'upstream-refused', upstream: ILLEGAL_PATH };
    }
    const exchange = await post.send(url, JSON.stringify({ name, description }), deadlineMs);
    return mintOutcomeOf(exchange, clock.now());
  },
  discard: () => post.discard(),
});

async function deleteKey(transport: ArmTransport, url: string | undefined): Promise<DeleteKeyOutcome> {
  if (url === undefined) return { kind: 'unclear', upstream: ILLEGAL_PATH };
  const exchange = await transport.repeatable('DELETE', url, IDEMPOTENT_DEADLINE_MS);
  if (exchange.kind !== 'answered') return { kind: 'unclear', upstream: exchange.upstream };
  return { kind: deletionIn(exchange.answer), upstream: traceOfAnswer(exchange.answer) };
}

function deletionIn(answer: ArmAnswer): DeleteKeyOutcome['kind'] {
  switch (answer.status) {
    case 200:
      return 'deleted';
    case 204:
      return 'absent';
    case 409:
      return isRefusedByGateway(answer) ? 'refused' : 'unclear';
    default:
      // Among these is 202: accepted is not done.
      return nothingDone(answer);
  }
}

async function getKey(transport: ArmTransport, url: string | undefined, keyId: string): Promise<GetKeyOutcome> {
  if (url === undefined) return { kind: 'unclear', upstream: ILLEGAL_PATH };
  const exchange = await transport.repeatable('GET', url, IDEMPOTENT_DEADLINE_MS);
  if (exchange.kind !== 'answered') return { kind: 'unclear', upstream: exchange.upstream };
  const upstream = traceOfAnswer(exchange.answer);
  if (!isSuccess(exchange.answer.status)) return { kind: nothingDone(exchange.answer), upstream };
  const key = parseKeyAnswer(exchange.answer.body)?.key;
  return key?.id === keyId ? { kind: 'found', key, upstream } : { kind: 'unclear', upstream };
}

/**
 * A 404 with one of these codes is about something above the key, or a type that ARM does not serve any more. One without
 * a code comes from a proxy.
 */
const NOT_THE_KEY: ReadonlySet<string | undefined> = new Set([
  undefined,
  'SubscriptionNotFound',
  'ResourceGroupNotFound',
  'ParentResourceNotFound',
  'InvalidResourceType',
  'InvalidResourceNamespace',
]);

function nothingDone(answer: ArmAnswer): 'absent' | 'forbidden' | 'unclear' {
  switch (answer.status) {
    case 403:
      return 'forbidden';
    case 404:
      return isRefusedByGateway(answer) || NOT_THE_KEY.has(traceOfAnswer(answer).code) ? 'unclear' : 'absent';
    default:
      return 'unclear';
  }
}

export interface Throttle {
  /** Milliseconds until this instance may ask again; 0: now. */
  left(target: Target): number;
  noted(target: Target, outcome: MintOutcome): MintOutcome;
}

/** ARM throttles a principal in a subscription, so an answer to one request holds for all of them. */
export function createThrottle(clock: Pick<Clock, 'now'>): Throttle {
  const ends = new Map<string, number>();
  const keyOf = ({ subscriptionId }: Target): string => subscriptionId.toLowerCase();
  const left = (target: Target): number => Math.max(0, (ends.get(keyOf(target)) ?? 0) - clock.now());
  return {
    left,
    noted: (target, outcome) => {
      if (outcome.kind !== 'throttled') return outcome;
      // A request that was under way beside it may have been asked to wait for longer.
      ends.set(keyOf(target), clock.now() + Math.max(outcome.retryAfterMs, left(target)));
      return outcome;
    },
  };
}
