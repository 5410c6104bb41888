import type { Audit } from '../../../src/vending/model/audit.ts';
import { nonceOf, readMarker } from '../../../src/vending/model/idempotency.ts';
import type {
  EventPublisher,
  PublishOutcome,
  RotationRequest,
  SendOutcome,
} from '../../../src/vending/ports/messaging.ts';
import type { Clock, InvocationClock } from '../../../src/vending/ports/runtime.ts';
import type { LogEntry } from '../../../src/vending/ports/telemetry.ts';
import type { Actor, Context, Effects } from '../../../src/vending/saga/context.ts';
import { createOutbox } from '../../../src/vending/saga/outbox.ts';
import { FakeConfluent } from './confluent.ts';
import { FakeLedger } from './ledger.ts';
import { Crash, Network, type Process } from './network.ts';
import { DEFAULT_TIMINGS } from './timings.ts';
import { FakeVault } from './vault.ts';

export const VAULT = 'https://v.vault.azure.net';

const ACTORS = {
  worker: { party: 'worker', name: 'worker' },
  reconciler: { party: 'reconciler', name: 'reconciler' },
  operator: { party: 'operator', name: 'operator:entra:t:o' },
} as const satisfies Record<string, Actor>;

interface BackgroundTask {
  readonly process: Process;
  readonly work: () => Promise<void>;
}

/** Everything around the domain, in memory: Confluent, the vault, the ledger, the topic, the bus, the clock and the log. */
export class World extends Network {
  readonly confluent = new FakeConfluent();
  readonly vault = new FakeVault();
  readonly ledger = new FakeLedger();
  /** False: no topic is configured. */
  hasTopic = true;
  /** Milliseconds that are left of every invocation. */
  timeLeft = Number.POSITIVE_INFINITY;
  /** A topic that takes nothing. */
  refusesEvents = false;
  published: Parameters<EventPublisher['publish']>[0][] = [];
  rotationsAsked: RotationRequest[] = [];
  logs: LogEntry[] = [];
  audit: Parameters<Audit>[0][] = [];
  /** Deletions of keys without our marker, and of keys that readers use. */
  brokenRules: string[] = [];
  /** Ids of keys that strangers deleted, and versions that they forged. */
  strangers: string[] = [];
  #background: BackgroundTask[] = [];

  constructor() {
    super();
    this.vault.provenAt.set(VAULT, this.now);
    this.confluent.onDelete = (keyId) => this.#judgeDeletion(keyId);
  }

  /** Of a new process. Its background tasks wait for `settled`. */
  effects(process: Process = { isDead: false }): Effects {
    const clock: InvocationClock = {
      now: () => this.now,
      sleep: async (ms) => this.pass(ms),
      timeLeft: () => this.timeLeft,
    };
    const backgroundTasks = (work: () => Promise<void>): void => void this.#background.push({ process, work });
    const ledger = this.ledger.port(this, process);
    const events = this.hasTopic ? { events: this.#topic(process) } : {};
    // The outbox waits for the host, not for the clock of the saga.
    const outboxClock: Clock = { ...clock, sleep: async () => undefined };
    return {
      confluent: this.confluent.port(this, process),
      vault: this.vault.port(this, process),
      ledger,
      clock,
      ids: { writeId: () => this.id('w'), nonce: () => this.#nonce() },
      timings: DEFAULT_TIMINGS,
      rotations: { request: (asked) => this.#request(process, asked) },
      backgroundTasks,
      outbox: createOutbox({ ledger, clock: outboxClock, backgroundTasks, ...events }),
      ...events,
    };
  }

  ctx(actor: keyof typeof ACTORS = 'worker'): Context {
    return {
      ...this.effects(),
      log: (entry) => void this.logs.push(entry),
      audit: (record) => void this.audit.push(record),
      actor: ACTORS[actor],
    };
  }

  /** Runs all background tasks, and those that they begin. */
  async settled(): Promise<void> {
    while (this.#background.length > 0) {
      const tasks = this.#background;
      this.#background = [];
      for (const { process, work } of tasks) if (!process.isDead) await dropped(work);
    }
  }

  /** Every process ends here, and takes its background tasks along. */
  killAll(): void {
    this.#background = [];
  }

  #judgeDeletion(keyId: string): void {
    const key = this.confluent.find(keyId);
    const id = readMarker(key?.description)?.id;
    if (id === undefined) this.brokenRules.push(`${keyId} has no marker of ours`);
    const isRevoked = id !== undefined && this.ledger.get(id)?.revocation !== undefined;
    if (!isRevoked && this.vault.readableValues().includes(key?.secret ?? ''))
      this.brokenRules.push(`${keyId} is what readers get`);
  }

  #nonce(): string {
    const serial = Number(this.id(''));
    return nonceOf(Uint8Array.of(serial >> 8, serial, 0, 0));
  }

  #request(process: Process, asked: World['rotationsAsked'][number]): Promise<SendOutcome> {
    const notSent = { kind: 'not-sent', upstream: { service: 'bus', status: 503 } } as const;
    return this.act<SendOutcome>(process, 'requestRotation', `REQUEST rotation of attempt ${asked.attempt}`, {
      effect: () => {
        this.rotationsAsked.push(asked);
        return { kind: 'sent' };
      },
      refused: notSent,
      silent: notSent,
    });
  }

  #topic(process: Process): EventPublisher {
    const notPublished = { kind: 'not-published', upstream: { service: 'events', status: 503 } } as const;
    return {
      publish: (event) =>
        this.act<PublishOutcome>(process, 'publish', `PUBLISH ${event.type}`, {
          effect: () => {
            if (this.refusesEvents) return notPublished;
            this.published.push(event);
            return { kind: 'published' };
          },
          refused: notPublished,
          silent: notPublished,
        }),
    };
  }
}

async function dropped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}
