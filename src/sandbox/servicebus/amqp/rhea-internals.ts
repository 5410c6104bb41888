import rhea, { type AmqpError, type Delivery, type MessageUtil, type Sender } from 'rhea';

/**
 * What a broker needs of rhea 3.0.5 and its typings leave out. Everything that reaches behind them is in this file:
 * look here when rhea is upgraded.
 */
interface SenderInternals {
  credit: number;
  delivery_count: number;
  readonly local: { readonly attach: { snd_settle_mode: number; rcv_settle_mode: number } };
  _get_drain?: () => boolean;
}

interface Outcomes {
  accepted(): { described(): unknown };
  rejected(fields: { error: AmqpError }): { described(): unknown };
}

/** How many deliveries the peer has allowed since the link began, as the sum that neither sending nor draining changes. */
export function deliveryLimit(sender: Sender): number {
  const { credit, delivery_count } = sender as Sender & SenderInternals;
  return credit + delivery_count;
}

/** Must be called from `sender_open`, before the answering attach is written. */
export function echoSettleModes(sender: Sender): void {
  const { attach } = (sender as Sender & SenderInternals).local;
  attach.snd_settle_mode = sender.snd_settle_mode;
  attach.rcv_settle_mode = sender.rcv_settle_mode;
}

/**
 * Answers a drain with a flow that says so, whatever credit is left. rhea alone stays silent when the last credit was
 * used up in the meantime, and the client then closes its link, believing that it was not heard.
 */
export function answerDrain(sender: Sender): void {
  const link = sender as Sender & SenderInternals;
  link._get_drain = () => {
    delete link._get_drain;
    link.delivery_count += link.credit;
    link.credit = 0;
    return true;
  };
  sender.set_drained(true);
}

/** Settles what a peer in settle mode `second` has given an outcome. With an error, the outcome is refused. */
export function settleOutgoing(delivery: Delivery, error?: AmqpError): void {
  const { accepted, rejected } = rhea.message as MessageUtil & Outcomes;
  if (error === undefined) conclude(delivery, accepted().described());
  else setImmediate(conclude, delivery, rejected({ error }).described());
}

function conclude(delivery: Delivery, state: unknown): void {
  delivery.update(true, state);
  // The peer will not confirm: left unset, the delivery occupies the session's buffer until that overflows.
  (delivery as { remote_settled: boolean }).remote_settled = true;
}

/**
 * rhea writes neighbouring dispositions of one tick as one, with the outcome of the first, even if the second differs.
 * A refusal therefore goes out in a tick of its own, here and in `settleOutgoing`.
 */
export function rejectIncoming(delivery: Delivery, error: AmqpError): void {
  setImmediate(() => delivery.reject(error));
}
