import type { AmqpError, Connection, EventContext, link, Receiver, Sender } from 'rhea';
import type { Entity } from '../entities/entity.ts';
import { Topic } from '../entities/topic.ts';
import { echoSettleModes, keepTransfersEncoded, takeCoordinatorsAway } from '../wire/rhea-internals.ts';
import { Claims, entityPath } from './claims.ts';
import { conditions } from './conditions.ts';
import type { Exchanges } from './exchanges.ts';
import { manage } from './management.ts';
import { ReceivingLink } from './receiving-link.ts';
import { serveRequests } from './request-response.ts';
import { serveSendingLink } from './sending-link.ts';

const CBS = '$cbs';
const MANAGEMENT = '/$management';

/** The target of a link's address. */
type Node =
  | { readonly kind: 'cbs' }
  | { readonly kind: 'management'; readonly entity: Entity }
  | { readonly kind: 'messages'; readonly entity: Entity }
  | { readonly kind: 'topic'; readonly topic: Topic }
  | { readonly kind: 'refused'; readonly error: AmqpError };

/**
 * One client's connection: joins its links to the entities that they name. In rhea's terms, which are the broker's
 * here, a client's receiver is a `Sender` and its sender a `Receiver`.
 */
export class ServedConnection {
  readonly #entities: ReadonlyMap<string, Entity | Topic>;
  readonly #exchanges: Exchanges;
  readonly #cut: () => void;
  readonly #claims = new Claims();
  readonly #receivingLinks = new Map<Sender, ReceivingLink>();
  readonly #replyLinks = new Map<string, Sender>();

  /** `entities` by lower-case path; `cut` destroys the connection. */
  constructor(
    connection: Connection,
    entities: ReadonlyMap<string, Entity | Topic>,
    exchanges: Exchanges,
    cut: () => void,
  ) {
    this.#entities = entities;
    this.#exchanges = exchanges;
    this.#cut = cut;
    connection.on('session_open', ({ session }: EventContext) => {
      if (session === undefined) return;
      keepTransfersEncoded(session);
      takeCoordinatorsAway(session);
    });
    connection.on('sender_open', ({ sender }: EventContext) => sender && this.#openSender(sender));
    connection.on('receiver_open', ({ receiver }: EventContext) => receiver && this.#openReceiver(receiver));
    connection.on('sender_close', ({ sender }: EventContext) => this.#lose((other) => other === sender));
    connection.on('receiver_close', () => undefined);
    connection.on('session_close', ({ session }: EventContext) => this.#lose((other) => other.session === session));
    connection.on('connection_close', () => this.#lose(() => true));
    connection.on('disconnected', () => this.#lose(() => true));
  }

  #openSender(sender: Sender): void {
    const node = this.#resolve(sender.source?.address);
    switch (node.kind) {
      case 'cbs':
      case 'management':
        accept(sender);
        this.#replyLinks.set(sender.target?.address ?? sender.name, sender);
        break;
      case 'messages':
        if (wantsSession(sender)) sender.close(conditions.notAllowed('The queue does not support sessions.'));
        else this.#receive(sender, node.entity);
        break;
      case 'topic':
        sender.close(conditions.notAllowed('Messages are received from the subscriptions of a topic.'));
        break;
      case 'refused':
        sender.close(node.error);
    }
  }

  #openReceiver(receiver: Receiver): void {
    const node: Node =
      receiver.target?.address === undefined
        ? { kind: 'refused', error: conditions.notImplemented('transactions') }
        : this.#resolve(receiver.target.address);
    const replyLink = (replyTo: string): Sender | undefined => this.#replyLinks.get(replyTo);
    switch (node.kind) {
      case 'cbs':
        accept(receiver);
        serveRequests(receiver, replyLink, (request, reply) => reply(this.#claims.put(request)));
        break;
      case 'management':
        accept(receiver);
        serveRequests(receiver, replyLink, (request, reply) =>
          manage(node.entity, this.#exchanges, this.#cut, request, reply),
        );
        break;
      case 'messages':
        if (node.entity.acceptsMessages) this.#send(receiver, node.entity);
        else receiver.close(conditions.notAllowed('Messages cannot be sent to a dead-letter queue.'));
        break;
      case 'topic':
        this.#send(receiver, node.topic);
        break;
      case 'refused':
        receiver.close(node.error);
    }
  }

  #receive(sender: Sender, entity: Entity): void {
    accept(sender);
    this.#receivingLinks.set(sender, new ReceivingLink(sender, entity, this.#exchanges, this.#cut));
  }

  #send(receiver: Receiver, entity: Entity | Topic): void {
    accept(receiver);
    serveSendingLink(receiver, entity, this.#exchanges, this.#cut);
  }

  /** Existence comes after the claim, as with the service: without a claim, names cannot be probed. */
  #resolve(address: string | undefined): Node {
    const path = entityPath(address ?? '');
    if (path === CBS) return { kind: 'cbs' };
    if (!this.#claims.cover(path)) return { kind: 'refused', error: conditions.unauthorized(path) };
    const management = path.endsWith(MANAGEMENT);
    const entity = this.#entities.get(management ? path.slice(0, -MANAGEMENT.length) : path);
    if (entity === undefined) return { kind: 'refused', error: conditions.entityNotFound(path) };
    if (entity instanceof Topic) {
      const error = conditions.notImplemented('the management of topics');
      return management ? { kind: 'refused', error } : { kind: 'topic', topic: entity };
    }
    return { kind: management ? 'management' : 'messages', entity };
  }

  #lose(gone: (sender: Sender) => boolean): void {
    for (const [sender, receivingLink] of this.#receivingLinks) {
      if (!gone(sender)) continue;
      this.#receivingLinks.delete(sender);
      receivingLink.close();
    }
    for (const [replyTo, sender] of this.#replyLinks) if (gone(sender)) this.#replyLinks.delete(replyTo);
  }
}

/**
 * Answers an attach with what it asks for. Without the termini, clients take the link for a refused one. A link that is
 * refused must not have them: .NET's client takes it for an open one, and waits for messages in vain. Its sender refuses
 * a link whose settle modes differ from its own.
 */
function accept(opened: link): void {
  opened.set_source(opened.source);
  opened.set_target(opened.target);
  echoSettleModes(opened);
}

const wantsSession = (sender: Sender): boolean => 'com.microsoft:session-filter' in (sender.source?.filter ?? {});
