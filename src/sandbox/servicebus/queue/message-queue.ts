import { Backlog } from './backlog.ts';
import { expired, undeliverable } from './dead-letter.ts';
import { Deadlines } from './deadlines.ts';
import { DuplicateHistory } from './duplicate-history.ts';
import { Locks } from './locks.ts';
import type { Enqueued, IncomingMessage, Lock, Properties, QueuedMessage, QueueSettings, Settlement } from './types.ts';

/**
 * The state of one queue: what it holds, what is locked and what is scheduled. It knows neither AMQP nor timers:
 * every operation first brings it up to the clock, and `msUntilNextChange` says when time alone will change it.
 */
export class MessageQueue<C> {
  readonly #settings: QueueSettings;
  readonly #now: () => number;
  readonly #deadLetters: MessageQueue<C> | undefined;
  readonly #backlog = new Backlog<C>();
  readonly #locks = new Locks();
  readonly #scheduled = new Deadlines<number>();
  readonly #expiries = new Deadlines<number>();
  readonly #duplicates: DuplicateHistory;
  #lastSequenceNumber = 0;
  #onChange: () => void = () => undefined;

  /** Absent: the queue is a dead-letter queue itself, and keeps a message that is dead-lettered again. */
  constructor(settings: QueueSettings, now: () => number, deadLetters?: MessageQueue<C>) {
    this.#settings = settings;
    this.#now = now;
    this.#deadLetters = deadLetters;
    this.#duplicates = new DuplicateHistory(settings.duplicateDetectionWindowMs);
  }

  get name(): string {
    return this.#settings.name;
  }

  /** Calls `listener` after whatever may make a message available or bring the next change closer. */
  watch(listener: () => void): void {
    this.#onChange = listener;
  }

  /** A duplicate gets a number and is dropped: its sender sees success. */
  enqueue(message: IncomingMessage<C>): Enqueued {
    const duplicate = message.id !== undefined && this.#duplicates.saw(message.id, this.#now());
    if (duplicate) return { kind: 'duplicate', sequenceNumber: ++this.#lastSequenceNumber };
    return { kind: 'enqueued', sequenceNumber: this.#append(message) };
  }

  hasNext(): boolean {
    return this.#next() !== undefined;
  }

  /** Locks the next message (peek-lock). */
  lock(): Lock<C> | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    const message: QueuedMessage<C> = { ...next, state: 'locked' };
    const until = this.#now() + this.#settings.lockDurationMs;
    const token = this.#locks.acquire(message.sequenceNumber, until);
    this.#put(message);
    return { token, until, message };
  }

  /** Removes the next message (receive-and-delete). */
  take(): QueuedMessage<C> | undefined {
    const next = this.#next();
    if (next !== undefined) this.#remove(next.sequenceNumber);
    return next;
  }

  /** False: the lock is lost, and nothing was done. */
  settle(token: string, settlement: Settlement): boolean {
    this.#advance();
    const message = this.#unlock(token);
    if (message === undefined) return false;
    switch (settlement.kind) {
      case 'complete':
        return this.#remove(message.sequenceNumber);
      case 'abandon':
        this.#giveBack({ ...message, properties: { ...message.properties, ...settlement.properties } });
        return true;
      case 'release':
        this.#put(message);
        return true;
      case 'dead-letter':
        this.#bury(message, settlement.properties);
        return true;
    }
  }

  /** The new end of the lock, in ms since the epoch; undefined: the lock is lost. */
  renew(token: string): number | undefined {
    this.#advance();
    const until = this.#now() + this.#settings.lockDurationMs;
    return this.#locks.renew(token, until) ? until : undefined;
  }

  /** False: nothing is scheduled under that number (any more). */
  cancelScheduled(sequenceNumber: number): boolean {
    this.#advance();
    return this.#scheduled.delete(sequenceNumber) && this.#remove(sequenceNumber);
  }

  /** All messages in any state, by ascending sequence number. */
  peek(fromSequenceNumber = 0, count = Number.POSITIVE_INFINITY): QueuedMessage<C>[] {
    this.#advance();
    return this.#backlog.list(fromSequenceNumber, count);
  }

  /** Lets every lock lapse at once, as if its time were over. */
  expireLocks(): void {
    this.#lapse(this.#locks.lapsed(Number.POSITIVE_INFINITY));
  }

  /** Infinity: nothing waits for time to pass. */
  msUntilNextChange(): number {
    const next = Math.min(this.#locks.earliestEnd(), this.#scheduled.earliest(), this.#expiries.earliest());
    return Math.max(0, next - this.#now());
  }

  #advance(): void {
    this.#lapse(this.#locks.lapsed(this.#now()));
    for (const sequenceNumber of this.#scheduled.due(this.#now())) this.#activate(sequenceNumber);
    for (const sequenceNumber of this.#expiries.due(this.#now())) this.#expire(sequenceNumber);
  }

  #next(): QueuedMessage<C> | undefined {
    this.#advance();
    return this.#backlog.next();
  }

  #append(message: IncomingMessage<C>): number {
    const sequenceNumber = ++this.#lastSequenceNumber;
    const enqueuedAt = this.#now();
    const scheduled = message.scheduledFor !== undefined && message.scheduledFor > enqueuedAt;
    if (scheduled) this.#scheduled.set(sequenceNumber, message.scheduledFor);
    const state = scheduled ? 'scheduled' : 'active';
    this.#put({ ...message, sequenceNumber, enqueuedAt, deliveryCount: 0, state, properties: {} });
    return sequenceNumber;
  }

  /** The service numbers a scheduled message anew when it joins the queue: it is delivered in that order. */
  #activate(sequenceNumber: number): void {
    const message = this.#backlog.get(sequenceNumber);
    this.#scheduled.delete(sequenceNumber);
    this.#remove(sequenceNumber);
    if (message !== undefined) this.#append(message);
  }

  #expire(sequenceNumber: number): void {
    const message = this.#backlog.get(sequenceNumber);
    if (message !== undefined && this.#settings.deadLetterExpired) this.#bury(message, expired());
    else this.#remove(sequenceNumber);
  }

  /** A locked message is its receiver's until the lock ends, and a scheduled one has not begun to live. */
  #put(message: QueuedMessage<C>): void {
    const { sequenceNumber, state, enqueuedAt, timeToLiveMs } = message;
    this.#backlog.put(message);
    if (state === 'active' && timeToLiveMs !== undefined) this.#expiries.set(sequenceNumber, enqueuedAt + timeToLiveMs);
    else this.#expiries.delete(sequenceNumber);
    this.#onChange();
  }

  #remove(sequenceNumber: number): boolean {
    this.#expiries.delete(sequenceNumber);
    return this.#backlog.delete(sequenceNumber);
  }

  #unlock(token: string): QueuedMessage<C> | undefined {
    const message = this.#backlog.get(this.#locks.release(token) ?? 0);
    return message === undefined ? undefined : { ...message, state: 'active' };
  }

  #lapse(tokens: readonly string[]): void {
    for (const token of tokens) {
      const message = this.#unlock(token);
      if (message !== undefined) this.#giveBack(message);
    }
  }

  #giveBack(message: QueuedMessage<C>): void {
    const { maxDeliveryCount } = this.#settings;
    const delivered = { ...message, deliveryCount: message.deliveryCount + 1 };
    if (delivered.deliveryCount < maxDeliveryCount) this.#put(delivered);
    else this.#bury(delivered, undeliverable(maxDeliveryCount));
  }

  #bury(message: QueuedMessage<C>, reason: Properties): void {
    this.#remove(message.sequenceNumber);
    const deadLetterSource = message.deadLetterSource ?? this.#settings.name;
    const properties = { ...message.properties, ...reason };
    (this.#deadLetters ?? this).#put({ ...message, deadLetterSource, properties, timeToLiveMs: undefined });
  }
}
