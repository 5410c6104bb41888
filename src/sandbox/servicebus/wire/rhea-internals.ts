import type { Socket } from 'node:net';
import rhea, {
  type AmqpError,
  type Connection,
  type ConnectionOptions,
  type Container,
  type Delivery,
  type link,
  type Message,
  type MessageUtil,
  type Sender,
  type Session,
  type Typed,
} from 'rhea';

/**
 * Parts of rhea 3.0.5 that a broker needs and its typings leave out. Everything that reaches behind them is in this file:
 * look here when rhea is upgraded.
 */
interface SenderInternals {
  credit: number;
  delivery_count: number;
  _get_drain?: () => boolean;
}

interface LinkInternals {
  readonly local: { readonly attach: { snd_settle_mode: number; rcv_settle_mode: number } };
}

interface SessionInternals {
  on_transfer(frame: { readonly performative: { message_format: number | null | undefined } }): void;
  on_attach(frame: { readonly performative: { target: Typed | undefined } }): void;
}

interface Sections {
  header(fields: object): { described(): Typed };
}

interface Writers {
  readonly Writer: new () => { write(value: Typed): void; toBuffer(): Buffer };
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

/**
 * Offers SASL ANONYMOUS, and MSSBCBS, which is the same by another name: .NET's client gives up where it is not offered.
 * Either way a client identifies itself at `$cbs`.
 */
export function offerSasl(container: Container): void {
  const mechanisms: { enable_anonymous(): void; ANONYMOUS?: unknown; MSSBCBS?: unknown } =
    container.sasl_server_mechanisms;
  mechanisms.enable_anonymous();
  mechanisms.MSSBCBS = mechanisms.ANONYMOUS;
}

/** The descriptor of the target that stands for transactions. */
const COORDINATOR = 0x30;

/** rhea knows no such target and complains on stderr. Without any, the link is refused. Call it from `session_open`. */
export function takeCoordinatorsAway(session: Session): void {
  const internals = session as Session & SessionInternals;
  const onAttach = internals.on_attach.bind(internals);
  internals.on_attach = (frame) => {
    if (frame.performative.target?.descriptor?.value === COORDINATOR) frame.performative.target = undefined;
    onAttach(frame);
  };
}

/**
 * Has rhea dispatch what arrives as bytes. It decodes a transfer of format 0 alone, so that one passes for a transfer
 * without a format. Call it from `session_open`.
 */
export function keepTransfersEncoded(session: Session): void {
  const internals = session as Session & SessionInternals;
  const onTransfer = internals.on_transfer.bind(internals);
  internals.on_transfer = (frame) => {
    if (frame.performative.message_format === 0) frame.performative.message_format = undefined;
    onTransfer(frame);
  };
}

export function encode(value: Typed): Buffer {
  const { Writer } = rhea.types as unknown as Writers;
  const writer = new Writer();
  writer.write(value);
  return writer.toBuffer();
}

/** The header section of a message that has these fields. */
export function encodeHeader(message: Partial<Message>): Buffer {
  const { header } = rhea.message as MessageUtil & Sections;
  const { durable, priority, ttl, first_acquirer, delivery_count } = message;
  return encode(header({ durable, priority, ttl, first_acquirer, delivery_count }).described());
}

/** As `container.listen` does it with each socket that comes. */
export function serveAmqp(container: Container, options: object, socket: Socket): void {
  const connection = container.create_connection(options as ConnectionOptions);
  (connection as Connection & { accept(socket: Socket): void }).accept(socket);
}

/** Call it from the event of its opening, before the answering attach is written. */
export function echoSettleModes(opened: link): void {
  const { attach } = (opened as link & LinkInternals).local;
  attach.snd_settle_mode = opened.snd_settle_mode;
  attach.rcv_settle_mode = opened.rcv_settle_mode;
}

/**
 * Answers each drain with a flow, whatever credit is left. rhea alone stays silent when the last credit was used up
 * meanwhile. The client then takes its drain for lost, and closes its link.
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
