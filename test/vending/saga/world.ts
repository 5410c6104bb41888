import type { Intent } from '../../../src/vending/intent.ts';
import type { AuditRecord } from '../../../src/vending/model/audit.ts';
import type { KeyRecord } from '../../../src/vending/model/key-record.ts';
import { DEFAULT_TIMINGS } from '../../../src/vending/model/timings.ts';
import type { UpstreamTrace } from '../../../src/vending/model/upstream.ts';
import type {
  ConfluentKeys,
  DeleteKeyOutcome,
  GetKeyOutcome,
  MintOutcome,
} from '../../../src/vending/ports/confluent.ts';
import type {
  DueRow,
  Ledger,
  LedgerRow,
  ListDueOutcome,
  NameClaimOutcome,
  NoteOutcome,
  ReadOutcome,
  WriteOutcome,
} from '../../../src/vending/ports/ledger.ts';
import type { LogEntry } from '../../../src/vending/ports/log.ts';
import type { SendOutcome } from '../../../src/vending/ports/messenger.ts';
import type {
  DisableOutcome,
  FindOutcome,
  NameOutcome,
  SecretVault,
  StoreOutcome,
  TaggedVersion,
  WritableOutcome,
} from '../../../src/vending/ports/secret-vault.ts';
import type { SagaPorts } from '../../../src/vending/saga/ports.ts';
import { Secret } from '../../../src/vending/secret/secret.ts';
import type { Observed } from '../../model/conformance.ts';

/** Every effect of the saga by name: what a fault can be put on. */
export type Call =
  | 'mint'
  | 'deleteKey'
  | 'getKey'
  | 'proveWritable'
  | 'lookUpName'
  | 'store'
  | 'findVersions'
  | 'disableVersion'
  | 'read'
  | 'insert'
  | 'replace'
  | 'noteDue'
  | 'clearDue'
  | 'claimName'
  | 'releaseName'
  | 'listDue'
  | 'remove'
  | 'requestRotation';

/**
 * `lost`: no answer, no effect. `unanswered`: it took effect, the answer was lost. `late`: no answer, and it takes
 * effect at the end of the run. `refused`: proven to have had no effect. `crash-before` and `crash-after`: the worker
 * dies there. `retried` is the SDK's own second try after a lost answer; a mint is never retried, so there it is `unanswered`.
 */
export type Fault = 'lost' | 'unanswered' | 'late' | 'refused' | 'retried' | 'crash-before' | 'crash-after';

export class Crash extends Error {}

const crash = (): never => {
  throw new Crash();
};

interface Outcomes<T> {
  readonly effect: () => T | Promise<T>;
  readonly refused: T;
  readonly silent: T;
}

export interface FakeKey {
  readonly record: KeyRecord;
  readonly description: string;
  readonly secret: string;
  live: boolean;
}

export interface FakeVersion {
  readonly name: string;
  readonly version: string;
  readonly value: string;
  readonly tags: Readonly<Record<string, string>>;
  enabled: boolean;
}

/** The worlds around the saga, in memory: what Confluent, the vault and the ledger hold, and what goes wrong next. */
export class World {
  now = Date.parse('2026-01-01T00:00:00Z');
  keys: FakeKey[] = [];
  versions: FakeVersion[] = [];
  rows = new Map<string, LedgerRow>();
  names = new Map<string, string>();
  rotationsAsked: string[] = [];
  due = new Map<string, DueRow>();
  posts: string[] = [];
  calls: Call[] = [];
  logs: LogEntry[] = [];
  audit: AuditRecord[] = [];
  /** Every change of a row that took effect, for the transition table to judge. */
  changes: Observed[] = [];
  late: { readonly landsBy: number; readonly effect: () => void }[] = [];
  /** Every key that was deleted, and whether a reference without a version led to it then. */
  deletions: { readonly keyId: string; readonly read: readonly string[] }[] = [];
  softDeleted = new Set<string>();
  writable = true;
  /** Decides the fate of each call, in order. */
  fault: (call: Call) => Fault | undefined = () => undefined;
  /** Lets a scheduler interleave the workers at every effect. */
  turn: (call: Call) => Promise<void> = async () => undefined;
  mintAs: (key: KeyRecord, secret: string) => MintOutcome = (key, secret) => ({
    kind: 'minted',
    key,
    secret: new Secret(secret),
    upstream: { service: 'arm', status: 200 },
  });
  owner = 'sa-wwn7mm';
  #serial = 0;

  id(prefix: string): string {
    this.#serial++;
    return `${prefix}${this.#serial}`;
  }

  #fateOf(call: Call): Fault | undefined {
    const fault = this.fault(call);
    return call === 'mint' && fault === 'retried' ? 'unanswered' : fault;
  }

  /** Lets time go by; what was sent and not answered lands within the settling time, as the saga assumes. */
  pass(ms: number): void {
    this.now += ms;
    const landed = this.late.filter(({ landsBy }) => landsBy <= this.now);
    this.late = this.late.filter(({ landsBy }) => landsBy > this.now);
    for (const { effect } of landed) effect();
  }

  settle(): void {
    this.pass(DEFAULT_TIMINGS.settleMs);
  }

  /**
   * Runs one effect under its fault. A mint and a store have deadlines and act when they are sent; only their answers
   * wait. Everything else may be overtaken by whatever happens meanwhile.
   */
  async act<T>(call: Call, outcomes: Outcomes<T>): Promise<T> {
    if (call !== 'mint' && call !== 'store') await this.turn(call);
    this.calls.push(call);
    const settled = this.#perform(outcomes, this.#fateOf(call));
    if (call === 'mint' || call === 'store') await this.turn(call);
    return settled();
  }

  /** Acts at once; what it gives tells the outcome later. */
  #perform<T>({ effect, refused, silent }: Outcomes<T>, fault: Fault | undefined): () => T | Promise<T> {
    switch (fault) {
      case undefined: {
        const outcome = effect();
        return () => outcome;
      }
      case 'lost':
        return () => silent;
      case 'refused':
        return () => refused;
      case 'unanswered':
        effect();
        return () => silent;
      case 'late':
        this.late.push({ landsBy: this.now + DEFAULT_TIMINGS.settleMs, effect: () => void effect() });
        return () => silent;
      case 'retried': {
        effect();
        const outcome = effect();
        return () => outcome;
      }
      case 'crash-before':
        return crash;
      case 'crash-after':
        effect();
        return crash;
    }
  }

  /** The keys whose secrets consumers get who read a name without a version: of the newest one, if it is in force. */
  readable(): readonly string[] {
    const newest = new Map(this.versions.map((version) => [version.name, version]));
    return [...newest.values()].filter(({ enabled }) => enabled).map(({ tags }) => tags['vend-key'] ?? '');
  }

  ports(actor = 'worker'): SagaPorts {
    return {
      confluent: confluentOf(this),
      vault: vaultOf(this),
      ledger: ledgerOf(this, actor),
      clock: {
        now: () => this.now,
        sleep: async (ms) => {
          this.now += ms;
        },
      },
      ids: { writeId: () => this.id('w') },
      timings: DEFAULT_TIMINGS,
      // Awaited, so that a run has an end; what is left undone is what its faults lose.
      afterwards: (work) => work(),
      rotations: {
        request: (intentId) =>
          this.act<SendOutcome>('requestRotation', {
            effect: () => {
              this.rotationsAsked.push(intentId);
              return { kind: 'sent' };
            },
            refused: { kind: 'not-sent', upstream },
            silent: { kind: 'not-sent', upstream },
          }),
      },
      log: (entry) => this.logs.push(entry),
      audit: (record) => this.audit.push(record),
      actor,
    };
  }
}

const upstream: UpstreamTrace = { service: 'arm', status: 503 };

function confluentOf(world: World): ConfluentKeys {
  const mintNow = (description: string): MintOutcome => {
    const secret = world.id('cflt/secret+');
    const record: KeyRecord = {
      id: world.id('KEY'),
      kind: 'ApiKey',
      metadata: {},
      spec: { description, owner: { id: world.owner } },
    };
    world.keys.push({ record, description, secret, live: true });
    return world.mintAs(record, secret);
  };
  const find = (keyId: string): FakeKey | undefined => world.keys.find(({ record }) => record.id === keyId);
  return {
    mint: (request) => {
      world.posts.push(request.description);
      return world.act<MintOutcome>('mint', {
        effect: () => mintNow(request.description),
        refused: { kind: 'throttled', retryAfterMs: 7_000, upstream },
        silent: { kind: 'ambiguous', upstream },
      });
    },
    deleteKey: (_target, keyId) =>
      world.act<DeleteKeyOutcome>('deleteKey', {
        effect: () => {
          const key = find(keyId);
          if (key?.live !== true) return { kind: 'absent', upstream };
          key.live = false;
          world.deletions.push({ keyId, read: world.readable().filter((read) => read === keyId) });
          return { kind: 'deleted', upstream };
        },
        refused: { kind: 'forbidden', upstream },
        silent: { kind: 'unclear', upstream },
      }),
    getKey: (_target, keyId) =>
      world.act<GetKeyOutcome>('getKey', {
        effect: () => {
          const key = find(keyId);
          return key?.live === true ? { kind: 'found', key: key.record, upstream } : { kind: 'absent', upstream };
        },
        refused: { kind: 'forbidden', upstream },
        silent: { kind: 'unclear', upstream },
      }),
  };
}

const vaultTrace: UpstreamTrace = { service: 'vault', status: 503 };

function vaultOf(world: World): SecretVault {
  const versionsOf = (name: string): FakeVersion[] =>
    world.versions.filter((version) => version.name.toLowerCase() === name.toLowerCase());
  const idOf = (name: string, version: string): string => `https://v.vault.azure.net/secrets/${name}/${version}`;
  const tagged = ({ name, version, enabled, tags }: FakeVersion): TaggedVersion => ({
    id: idOf(name, version),
    version,
    enabled,
    tags,
  });
  const unavailable = { kind: 'unavailable', upstream: vaultTrace } as const;
  return {
    proveWritable: () =>
      world.act<WritableOutcome>('proveWritable', {
        effect: () => (world.writable ? { kind: 'writable' } : { kind: 'not-writable', upstream: vaultTrace }),
        refused: { kind: 'not-writable', upstream: vaultTrace },
        silent: { kind: 'not-writable', upstream: vaultTrace },
      }),
    lookUpName: (_vaultUrl, name) =>
      world.act<NameOutcome>('lookUpName', {
        effect: () => {
          if (world.softDeleted.has(name)) return { kind: 'soft-deleted' };
          const newest = versionsOf(name).at(-1);
          return newest === undefined ? { kind: 'free' } : { kind: 'in-use', tags: newest.tags };
        },
        refused: unavailable,
        silent: unavailable,
      }),
    store: (secret) =>
      world.act<StoreOutcome>('store', {
        effect: () => {
          const version = world.id('v');
          const { name, tags, value } = secret;
          world.versions.push({ name, version, value: value.reveal(), tags, enabled: true });
          return { kind: 'stored', stored: { id: idOf(name, version), version }, upstream: vaultTrace };
        },
        refused: { kind: 'refused', upstream: vaultTrace },
        silent: { kind: 'ambiguous', upstream: vaultTrace },
      }),
    findVersions: ({ name, intentId, attempt, orEarlier }) =>
      world.act<FindOutcome>('findVersions', {
        effect: () => {
          const ours = versionsOf(name).filter(
            ({ tags }) =>
              tags['vend-intent'] === intentId &&
              (orEarlier ? Number(tags['vend-attempt']) <= attempt : tags['vend-attempt'] === String(attempt)),
          );
          return { kind: 'listed', versions: ours.toReversed().map(tagged) };
        },
        refused: unavailable,
        silent: unavailable,
      }),
    disableVersion: (_vaultUrl, name, version) =>
      world.act<DisableOutcome>('disableVersion', {
        effect: () => {
          for (const stored of versionsOf(name)) if (stored.version === version) stored.enabled = false;
          return { kind: 'disabled' };
        },
        refused: unavailable,
        silent: unavailable,
      }),
  };
}

const ledgerTrace: UpstreamTrace = { service: 'ledger', status: 503 };

function ledgerOf(world: World, actor: string): Ledger {
  const unreachable = { kind: 'unreachable', upstream: ledgerTrace } as const;
  const write = (intent: Intent, expected: string | undefined): WriteOutcome => {
    if (world.rows.get(intent.id)?.etag !== expected) return { kind: 'conflict' };
    world.changes.push({ before: world.rows.get(intent.id)?.intent, after: intent, actor });
    const row = { intent, etag: world.id('etag') };
    world.rows.set(intent.id, row);
    return { kind: 'written', row };
  };
  const noted = { kind: 'noted' } as const;
  return {
    read: (intentId) =>
      world.act<ReadOutcome>('read', {
        effect: () => {
          const row = world.rows.get(intentId);
          return row === undefined ? { kind: 'absent' } : { kind: 'found', row };
        },
        refused: unreachable,
        silent: unreachable,
      }),
    insert: (intent) =>
      world.act<WriteOutcome>('insert', {
        effect: () => write(intent, undefined),
        refused: unreachable,
        silent: unreachable,
      }),
    replace: (intent, etag) =>
      world.act<WriteOutcome>('replace', {
        effect: () => write(intent, etag),
        refused: unreachable,
        silent: unreachable,
      }),
    noteDue: (row) =>
      world.act<NoteOutcome>('noteDue', {
        effect: () => {
          world.due.set(`${row.at.toISOString()}_${row.intentId}`, row);
          return noted;
        },
        refused: unreachable,
        silent: unreachable,
      }),
    clearDue: (intentId, at) =>
      world.act<NoteOutcome>('clearDue', {
        effect: () => {
          world.due.delete(`${at.toISOString()}_${intentId}`);
          return noted;
        },
        refused: unreachable,
        silent: unreachable,
      }),
    claimName: ({ vaultUrl, secretName }, intentId) =>
      world.act<NameClaimOutcome>('claimName', {
        effect: () => {
          const row = `${vaultUrl} ${secretName.toLowerCase()}`;
          const holder = world.names.get(row) ?? intentId;
          world.names.set(row, holder);
          return holder === intentId ? { kind: 'claimed' } : { kind: 'held', intentId: holder };
        },
        refused: unreachable,
        silent: unreachable,
      }),
    releaseName: ({ vaultUrl, secretName }, intentId, isOrphan) =>
      world.act<NoteOutcome>('releaseName', {
        effect: async () => {
          const row = `${vaultUrl} ${secretName.toLowerCase()}`;
          if (world.names.get(row) === intentId && (await isOrphan())) world.names.delete(row);
          return noted;
        },
        refused: unreachable,
        silent: unreachable,
      }),
    listDue: ({ limit, before, from = '' }) =>
      world.act<ListDueOutcome>('listDue', {
        effect: () => {
          const due = [...world.due].filter(([name, { at }]) => name >= from && (before === undefined || at < before));
          const sorted = due.toSorted(([a], [b]) => (a < b ? -1 : 1));
          const rows = sorted.slice(0, limit).map(([, row]) => row);
          const [next] = sorted[limit] ?? [];
          return next === undefined ? { kind: 'listed', rows } : { kind: 'listed', rows, next };
        },
        refused: unreachable,
        silent: unreachable,
      }),
    remove: (intentId, etag) =>
      world.act<WriteOutcome['kind']>('remove', {
        effect: () => {
          if (world.rows.get(intentId)?.etag !== etag) return 'conflict';
          world.changes.push({ before: world.rows.get(intentId)?.intent, after: undefined, actor });
          world.rows.delete(intentId);
          return 'written';
        },
        refused: 'unreachable',
        silent: 'unreachable',
      }),
    ping: async () => noted,
  };
}
