import type { AmqpError, Delivery, EventContext, Sender } from 'rhea';
import * as z from 'zod';
import type { Consumer, Entity } from '../entities/entity.ts';
import { definedOnly } from '../queue/defined-only.ts';
import type { Settlement } from '../queue/types.ts';
import { answerDrain, deliveryLimit, settleOutgoing } from '../wire/rhea-internals.ts';
import { encodeForDelivery } from '../wire/wire-message.ts';
import { conditions } from './conditions.ts';
import type { Exchanges } from './exchanges.ts';
import { fromDeliveryTag, toDeliveryTag } from './lock-token.ts';

const PRESETTLED = 1;

/** A client's receiver: gets messages while it has credit, and settles them. Its locks outlive it, until their time is over. */
export class ReceivingLink implements Consumer {
  readonly #sender: Sender;
  readonly #entity: Entity;
  readonly #exchanges: Exchanges;
  readonly #cut: () => void;
  /** Deliveries made and credit drained since the link began. rhea counts those only that it has already written. */
  #delivered = 0;
  #busy = false;

  constructor(sender: Sender, entity: Entity, exchanges: Exchanges, cut: () => void) {
    this.#sender = sender;
    this.#entity = entity;
    this.#exchanges = exchanges;
    this.#cut = cut;
    sender.on('sender_flow', () => entity.dispatch());
    sender.on('sender_draining', () => this.#drain());
    for (const outcome of outcomeSchema.options)
      sender.on(outcome, ({ delivery }: EventContext) => delivery && this.#onOutcome(outcome, delivery));
    // rhea writes a transfer before an attach of the same tick, and a client breaks off what comes before the attach.
    setImmediate(() => {
      if (!sender.is_open()) return;
      entity.attach(this);
      entity.dispatch();
    });
  }

  isReady(): boolean {
    return !this.#busy && this.#sender.sendable() && deliveryLimit(this.#sender) > this.#delivered;
  }

  deliverNext(): void {
    this.#busy = true;
    this.#exchanges.run('receive', {
      act: () => {
        // During a delay the link may have gone: a lock taken for it now would be nobody's.
        if (!this.#sender.is_open()) return () => undefined;
        this.#busy = false;
        return this.#sender.snd_settle_mode === PRESETTLED ? this.#take() : this.#lock();
      },
      refuse: (condition) => this.#sender.close(conditions.injected(condition)),
      cut: this.#cut,
    });
  }

  close(): void {
    this.#busy = true;
    this.#entity.detach(this);
  }

  #take(): () => void {
    const message = this.#entity.queue.take();
    return () => {
      if (message !== undefined) this.#send(encodeForDelivery(message), Buffer.alloc(16));
    };
  }

  #lock(): () => void {
    const lock = this.#entity.queue.lock();
    return () => {
      if (lock !== undefined) this.#send(encodeForDelivery(lock.message, lock.until), toDeliveryTag(lock.token));
    };
  }

  #send(message: Buffer, tag: Buffer): void {
    this.#delivered++;
    this.#sender.send(message, tag, 0);
  }

  #drain(): void {
    this.#entity.dispatch();
    this.#delivered = deliveryLimit(this.#sender);
    answerDrain(this.#sender);
  }

  #onOutcome(outcome: Outcome, delivery: Delivery): void {
    const settlement = toSettlement(outcome, delivery.remote_state);
    if (settlement === undefined) {
      settleOutgoing(delivery, conditions.notImplemented('deferred messages'));
      return;
    }
    const token = fromDeliveryTag(delivery.tag);
    this.#exchanges.run('settle', {
      act: () => {
        const error: AmqpError | undefined = this.#entity.queue.settle(token, settlement)
          ? undefined
          : conditions.lockLost();
        return () => settleOutgoing(delivery, error);
      },
      refuse: (condition) => settleOutgoing(delivery, conditions.injected(condition)),
      cut: this.#cut,
    });
  }
}

const outcomeSchema = z.enum(['accepted', 'released', 'rejected', 'modified']);
type Outcome = z.infer<typeof outcomeSchema>;

const propertiesSchema = z.record(z.string(), z.unknown()).nullish();
const rejectedSchema = z.object({ error: z.object({ info: propertiesSchema }).nullish() });
const modifiedSchema = z.object({ undeliverable_here: z.boolean().nullish(), message_annotations: propertiesSchema });

/** Undefined for a deferral: modified, undeliverable here. */
function toSettlement(outcome: Outcome, state: unknown): Settlement | undefined {
  // The client sends nulls for what its caller did not give.
  switch (outcome) {
    case 'accepted':
      return { kind: 'complete' };
    case 'released':
      return { kind: 'release' };
    case 'rejected':
      return { kind: 'dead-letter', properties: definedOnly(rejectedSchema.parse(state).error?.info ?? {}) };
    case 'modified': {
      const { undeliverable_here, message_annotations } = modifiedSchema.parse(state);
      return undeliverable_here === true
        ? undefined
        : { kind: 'abandon', properties: definedOnly(message_annotations ?? {}) };
    }
  }
}
