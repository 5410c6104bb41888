import { PassThrough } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Activity } from '../activity/activity.ts';
import type { ActivityEvent } from '../activity/types.ts';
import type { Hello, StateView } from './view.ts';

/** A browser that lags this far behind is cut off. It connects again, and gets the present. */
const MAX_BEHIND_BYTES = 4 * 1024 * 1024;
const BATCH_MS = 40;
/** The latest events of one batch. The page could not show more either. */
const MAX_BATCH = 2_000;
const LOOK_MS = 250;
const IDLE_LOOK_MS = 1_500;
/** A look at a big ledger takes long: looks take at most a fifth of the time. */
const REST_PER_LOOK = 4;

export interface StreamSource {
  readonly activity: Activity;
  hello(): Hello;
  state(): Promise<StateView>;
}

/** What happens, for browsers that listen, as server-sent events. Nothing is computed while none does. */
export class EventStream {
  readonly #source: StreamSource;
  readonly #clients = new Set<PassThrough>();
  #batch: ActivityEvent[] = [];
  #sendsSoon = false;
  #isQuiet = true;
  #looks: Promise<void> | undefined;
  #lastState = '';

  constructor(source: StreamSource) {
    this.#source = source;
    source.activity.listen((event) => this.#collect(event));
  }

  /** The body of an answer that does not end. */
  open(): PassThrough {
    const client = new PassThrough({ highWaterMark: MAX_BEHIND_BYTES });
    client.on('close', () => this.#clients.delete(client));
    client.on('error', () => undefined);
    this.#flush();
    client.write(message('hello', this.#source.hello()));
    if (this.#lastState !== '') client.write(this.#lastState);
    this.#clients.add(client);
    this.#looks ??= this.#look().finally(() => {
      this.#looks = undefined;
    });
    return client;
  }

  send(event: string, data: unknown): void {
    this.#isQuiet = false;
    this.#write(message(event, data));
  }

  close(): void {
    for (const client of this.#clients) client.destroy();
  }

  #collect(event: ActivityEvent): void {
    this.#isQuiet = false;
    if (this.#clients.size === 0) return;
    this.#batch.push(event);
    if (this.#batch.length > 2 * MAX_BATCH) this.#batch = this.#batch.slice(-MAX_BATCH);
    if (this.#sendsSoon) return;
    this.#sendsSoon = true;
    setTimeout(() => this.#flush(), BATCH_MS).unref();
  }

  #flush(): void {
    this.#sendsSoon = false;
    if (this.#batch.length === 0) return;
    const batch = this.#batch.slice(-MAX_BATCH);
    this.#batch = [];
    this.#write(message('activity', batch));
  }

  async #look(): Promise<void> {
    while (this.#clients.size > 0) {
      this.#isQuiet = true;
      const startedAt = performance.now();
      // A look may fall into the end of the sandbox.
      const state = await this.#source.state().catch(() => undefined);
      if (state !== undefined) this.#offer(state);
      const rest = (performance.now() - startedAt) * REST_PER_LOOK;
      await sleep(Math.max(rest, this.#isQuiet ? IDLE_LOOK_MS : LOOK_MS), undefined, { ref: false });
    }
  }

  #offer(state: StateView): void {
    const text = message('state', state);
    this.#lastState = text;
    this.#write(text);
  }

  #write(text: string): void {
    for (const client of this.#clients) {
      if (client.writableLength > MAX_BEHIND_BYTES) client.destroy();
      else client.write(text);
    }
  }
}

const message = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
