import type { KeyRecord } from '../../../src/vending/model/resources.ts';
import { PROPAGATION_MS } from '../../../src/vending/model/timings.ts';
import type { UpstreamTrace } from '../../../src/vending/model/tracing.ts';
import type {
  ConfluentKeys,
  DeleteKeyOutcome,
  GetKeyOutcome,
  MintOutcome,
  MintRequest,
} from '../../../src/vending/ports/confluent.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import type { Network, Process } from './network.ts';

export interface FakeKey {
  readonly record: KeyRecord;
  readonly description: string;
  readonly secret: string;
  readonly mintedAt: number;
  live: boolean;
}

const arm = (status: number): UpstreamTrace => ({ service: 'arm', status, requestId: 'arm-request' });
const SILENT: UpstreamTrace = { service: 'arm', code: 'ECONNRESET' };

/** Confluent behind ARM: every key that was ever minted. */
export class FakeConfluent {
  keys: FakeKey[] = [];
  /** Descriptions of all POSTs. */
  posts: string[] = [];
  /** Ids of keys whose deletion took effect, in order. */
  deleted: string[] = [];
  owner = 'sa-wwn7mm';
  /** ARM has this instance wait. */
  throttledMs = 0;
  /** A lock, say: Confluent deletes nothing. */
  isLocked = false;
  /** Confluent answers so about keys that are gone. */
  goneAs: 'absent' | 'forbidden' = 'absent';
  mintAs: (key: KeyRecord, secret: string) => MintOutcome = (key, secret) => ({
    kind: 'minted',
    key,
    secret: new Secret(secret),
    upstream: arm(200),
  });
  /** Called when a deletion takes effect. */
  onDelete: (keyId: string) => void = () => undefined;

  find = (keyId: string): FakeKey | undefined => this.keys.find(({ record }) => record.id === keyId);

  /** Ids of the keys that live. */
  live = (): string[] => this.keys.filter(({ live }) => live).map(({ record }) => record.id);

  /** A key that nobody here asked for. */
  add(network: Network, description: string, name = 'by hand'): string {
    const id = network.id('KEY');
    const spec = { name, description, owner: { id: this.owner } };
    const record: KeyRecord = { id, kind: 'ApiKey', metadata: {}, spec };
    const secret = network.id('cflt/secret+');
    this.keys.push({ record, description, secret, mintedAt: network.now, live: true });
    return id;
  }

  #mint(network: Network, { description, name }: MintRequest): MintOutcome {
    this.add(network, description, name);
    const key = this.keys.at(-1);
    return key === undefined ? { kind: 'ambiguous', upstream: SILENT } : this.mintAs(key.record, key.secret);
  }

  #delete(keyId: string): DeleteKeyOutcome {
    const key = this.find(keyId);
    if (key?.live !== true) return { kind: this.goneAs, upstream: arm(this.goneAs === 'absent' ? 404 : 403) };
    if (this.isLocked) return { kind: 'refused', upstream: { ...arm(409), code: 'ScopeLocked' } };
    this.onDelete(keyId);
    key.live = false;
    this.deleted.push(keyId);
    return { kind: 'deleted', upstream: arm(200) };
  }

  #get(keyId: string): GetKeyOutcome {
    const key = this.find(keyId);
    if (key?.live === true) return { kind: 'found', key: key.record, upstream: arm(200) };
    return { kind: this.goneAs, upstream: arm(this.goneAs === 'absent' ? 404 : 403) };
  }

  port(network: Network, process: Process): ConfluentKeys {
    const young = (keyId: string) => () => {
      const key = this.find(keyId);
      const isYoung = key !== undefined && network.now < key.mintedAt + PROPAGATION_MS;
      return isYoung ? ({ kind: 'absent', upstream: arm(404) } as const) : undefined;
    };
    return {
      openMintConnection: () => {
        let isUsed = false;
        return {
          mint: (request) => {
            const { description } = request;
            if (isUsed) throw new Error('A connection carries one POST.');
            isUsed = true;
            return network.act<MintOutcome>(process, 'mint', `POST createAPIKey ${description}`, {
              effect: () => {
                this.posts.push(description);
                return this.#mint(network, request);
              },
              refused: { kind: 'throttled', retryAfterMs: 7_000, upstream: arm(429) },
              silent: { kind: 'ambiguous', upstream: SILENT },
            });
          },
          discard: () => {
            isUsed = true;
          },
        };
      },
      throttledFor: () => this.throttledMs,
      deleteKey: (_target, keyId) =>
        network.act<DeleteKeyOutcome>(process, 'deleteKey', `DELETE ${keyId}`, {
          effect: () => this.#delete(keyId),
          refused: { kind: 'forbidden', upstream: arm(403) },
          silent: { kind: 'unclear', upstream: SILENT },
          young: young(keyId),
        }),
      getKey: (_target, keyId) =>
        network.act<GetKeyOutcome>(process, 'getKey', `GET ${keyId}`, {
          effect: () => this.#get(keyId),
          refused: { kind: 'forbidden', upstream: arm(403) },
          silent: { kind: 'unclear', upstream: SILENT },
          young: young(keyId),
        }),
    };
  }
}
