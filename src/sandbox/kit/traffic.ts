import type { FaultService } from './faults.ts';

/** One call of an emulated service. It has no query, no header and no body, so it holds no secret. */
export interface Call {
  readonly id: number;
  readonly service: FaultService;
  readonly operation: string;
  /** Method, host and path, or the name of a queue. */
  readonly target: string;
  /** W3C `traceparent` of the invocation that makes it, where it is known. */
  readonly traceparent: string | undefined;
  /** A fault of the plan meets it. */
  readonly isFault: boolean;
  /** Milliseconds since the epoch, of real time. */
  readonly at: number;
}

export interface CallEnd {
  readonly id: number;
  /** Milliseconds. */
  readonly ms: number;
  /** HTTP status, AMQP condition, `ok`, or `cut`: the caller got no answer. */
  readonly outcome: string;
  /** Messages of a call to the bus. */
  readonly messages: readonly MessageSummary[];
}

export interface MessageSummary {
  readonly subject: string | undefined;
  readonly correlationId: string | undefined;
}

export interface TrafficListener {
  onBegin(call: Call): void;
  onEnd(end: CallEnd): void;
  /** A client has connected to a service. */
  onConnection?(service: FaultService): void;
}

/** Ends a call that was begun. */
export type EndCall = (outcome: string, messages?: readonly MessageSummary[]) => void;

/** All calls of all services of one sandbox, for those who watch. */
export class Traffic {
  readonly #listeners = new Set<TrafficListener>();
  #calls = 0;

  /** Returns how to stop. */
  listen(listener: TrafficListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connected(service: FaultService): void {
    for (const listener of this.#listeners) listener.onConnection?.(service);
  }

  /** Undefined while nobody watches. */
  begin(call: Omit<Call, 'id' | 'at'>): EndCall | undefined {
    if (this.#listeners.size === 0) return undefined;
    this.#calls++;
    const id = this.#calls;
    const startedAt = performance.now();
    for (const listener of this.#listeners) listener.onBegin({ ...call, id, at: Date.now() });
    return (outcome, messages = []) => {
      const ms = Math.round((performance.now() - startedAt) * 10) / 10;
      for (const listener of this.#listeners) listener.onEnd({ id, ms, outcome, messages });
    };
  }
}
