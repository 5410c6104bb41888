import { extname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describeError, type HostLog } from './log.ts';
import type { InvocationRequest } from './rpc.ts';
import { HostStartError } from './settings.ts';
import type { HostMessage, InvocationAnswer, LoadedApp, WorkerMessage } from './worker-messages.ts';

/** As long as the real worker takes to be back. */
const RESTART_MS = 2_000;
/** The host ends at the third crash of a series in which none comes half an hour after the one before. */
const MAX_CRASHES = 3;
const SERIES_MS = 30 * 60_000;

export interface AppWorkerOptions {
  readonly appDir: string;
  readonly log: HostLog;
  /** The worker crashed too often. */
  readonly onGivenUp: (reason: string) => void;
}

/** The worker as its host sees it. When it dies, whatever it was running fails, and another one is started. */
export class AppWorker {
  readonly #options: AppWorkerOptions;
  readonly #running = new Map<string, (answer: InvocationAnswer) => void>();
  readonly #terminated = Promise.withResolvers<void>();
  /** Absent until the next one is started. */
  #thread: Worker | undefined;
  #app = Promise.withResolvers<LoadedApp>();
  #isLoaded = false;
  #crashes = 0;
  #crashedAt = Number.NEGATIVE_INFINITY;

  constructor(options: AppWorkerOptions) {
    this.#options = options;
    this.#start();
  }

  /** @throws {HostStartError} where the app needs what is not emulated. */
  loaded(): Promise<LoadedApp> {
    return this.#app.promise;
  }

  /** Waits while the worker is being started. */
  async invoke(request: InvocationRequest): Promise<InvocationAnswer> {
    while (!this.#isLoaded) await this.#app.promise;
    const answer = Promise.withResolvers<InvocationAnswer>();
    this.#running.set(request.invocationId, answer.resolve);
    this.#send({ kind: 'invoke', request });
    return answer.promise;
  }

  /** Ends the worker in the middle of what it does. */
  restart(reason: string): void {
    const thread = this.#thread;
    this.#thread = undefined;
    if (this.#isLoaded) this.#app = Promise.withResolvers();
    this.#isLoaded = false;
    this.#options.log({ level: 'critical', category: 'Worker', message: reason });
    void this.#replace(thread, reason);
  }

  /** Resolves once the appTerminate hooks have run. */
  async terminate(): Promise<void> {
    if (!this.#isLoaded) return;
    this.#send({ kind: 'terminate' });
    await this.#terminated.promise;
  }

  async #replace(thread: Worker | undefined, reason: string): Promise<void> {
    await thread?.terminate();
    for (const end of this.#running.values()) end({ kind: 'failed', error: reason });
    this.#running.clear();
    await sleep(RESTART_MS);
    this.#start();
  }

  #start(): void {
    const entry = new URL(`./worker${extname(import.meta.url)}`, import.meta.url);
    const thread = new Worker(entry, { workerData: this.#options.appDir });
    this.#thread = thread;
    thread.on('message', (message: WorkerMessage) => this.#take(message));
    const ends = (reason: string): void => {
      if (thread === this.#thread) this.#crash(reason);
    };
    thread.on('error', (error) => ends(`uncaught exception: ${describeError(error)}`));
    thread.on('exit', (code) => ends(`The worker exited with code ${code}.`));
  }

  #crash(reason: string): void {
    const now = performance.now();
    this.#crashes = now - this.#crashedAt < SERIES_MS ? this.#crashes + 1 : 1;
    this.#crashedAt = now;
    if (this.#crashes < MAX_CRASHES) this.restart(reason);
    else this.#options.onGivenUp(reason);
  }

  #take(message: WorkerMessage): void {
    switch (message.kind) {
      case 'loaded':
        this.#isLoaded = true;
        this.#app.resolve(message);
        break;
      case 'refused':
        this.#app.reject(new HostStartError(message.reason));
        break;
      case 'log':
        this.#options.log(message.entry);
        break;
      case 'answer':
        this.#running.get(message.invocationId)?.(message.answer);
        this.#running.delete(message.invocationId);
        break;
      case 'terminated':
        this.#terminated.resolve();
        break;
    }
  }

  #send(message: HostMessage): void {
    this.#thread?.postMessage(message);
  }
}
