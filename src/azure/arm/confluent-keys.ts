import type { TokenCredential } from '@azure/identity';
import type { UpstreamTrace } from '../../vending/model/upstream.ts';
import type { Clock } from '../../vending/ports/clock.ts';
import type { ConfluentKeys, DeleteKeyOutcome, GetKeyOutcome } from '../../vending/ports/confluent.ts';
import { parseKeyAnswer } from './key-answer.ts';
import { isSuccess, mintOutcomeOf, traceOfAnswer } from './mint-outcome.ts';
import { type ArmAnswer, type ArmTransport, createArmTransport, type Exchange } from './transport.ts';
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
  const transport = createArmTransport(options.credential);
  return {
    mint: async ({ target, name, description }, deadlineMs) => {
      const url = mintUrl(origin, target);
      if (url === undefined) return { kind: 'refused', reason: 'upstream-refused', upstream: ILLEGAL_PATH };
      const exchange = await transport.postOnce(url, JSON.stringify({ name, description }), deadlineMs);
      return mintOutcomeOf(exchange, clock.now());
    },
    deleteKey: (target, keyId) => deleteKey(transport, keyUrl(origin, target, keyId)),
    getKey: (target, keyId) => getKey(transport, keyUrl(origin, target, keyId), keyId),
  };
}

async function deleteKey(transport: ArmTransport, url: string | undefined): Promise<DeleteKeyOutcome> {
  if (url === undefined) return { kind: 'unclear', upstream: ILLEGAL_PATH };
  const exchange = await transport.repeatable('DELETE', url, IDEMPOTENT_DEADLINE_MS);
  if (exchange.kind === 'answered' && isSuccess(exchange.answer.status)) {
    const upstream = traceOfAnswer(exchange.answer);
    // Accepted is not done.
    return { kind: exchange.answer.status === 202 ? 'unclear' : 'deleted', upstream };
  }
  return nothingDone(exchange);
}

async function getKey(transport: ArmTransport, url: string | undefined, keyId: string): Promise<GetKeyOutcome> {
  if (url === undefined) return { kind: 'unclear', upstream: ILLEGAL_PATH };
  const exchange = await transport.repeatable('GET', url, IDEMPOTENT_DEADLINE_MS);
  if (exchange.kind === 'answered' && isSuccess(exchange.answer.status)) {
    const key = parseKeyAnswer(exchange.answer.body)?.key;
    const upstream = traceOfAnswer(exchange.answer);
    return key?.id === keyId ? { kind: 'found', key, upstream } : { kind: 'unclear', upstream };
  }
  return nothingDone(exchange);
}

/** Of what is above the key, of a type or version that ARM does not serve any more, or of a proxy, without a code. */
const NOT_THE_KEY: ReadonlySet<string | undefined> = new Set([
  undefined,
  'SubscriptionNotFound',
  'ResourceGroupNotFound',
  'ParentResourceNotFound',
  'InvalidResourceType',
  'InvalidResourceNamespace',
]);

type NothingDone = { readonly kind: 'absent' | 'forbidden' | 'unclear'; readonly upstream: UpstreamTrace };

function nothingDone(exchange: Exchange): NothingDone {
  if (exchange.kind !== 'answered') return { kind: 'unclear', upstream: exchange.upstream };
  const upstream = traceOfAnswer(exchange.answer);
  if (exchange.answer.status === 404)
    return { kind: isOfTheKey(exchange.answer, upstream) ? 'absent' : 'unclear', upstream };
  return { kind: exchange.answer.status === 403 ? 'forbidden' : 'unclear', upstream };
}

/** ARM's gateway names itself as the cause of what it did not ask the provider, who alone knows the key. */
const isOfTheKey = ({ headers }: ArmAnswer, { code }: UpstreamTrace): boolean =>
  headers.get('x-ms-failure-cause') !== 'gateway' && !NOT_THE_KEY.has(code);
