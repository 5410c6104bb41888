import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import type { MessageView } from '../../src/sandbox/servicebus/index.ts';
import { type AuditRecord, type TrailRecord, trailRecordSchema } from '../../src/vending/model/audit.ts';
import { type Credential, credentialSchema } from '../../src/vending/model/credential.ts';

export type Json = Readonly<Record<string, unknown>>;

/** Reads what the function left behind in every service of the sandbox. */
export class Traces {
  readonly sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  replies(queue: string = WORLD.queues.result): readonly MessageView[] {
    return this.sandbox.azure.broker.view(queue)?.messages ?? [];
  }

  /** The audit records of one credential, from the function's log, each once. */
  auditOf(credentialId: string): readonly AuditRecord[] {
    return this.auditTrail().flatMap((record) =>
      'credentialId' in record && record.credentialId === credentialId ? [record] : [],
    );
  }

  /** Every audit record of the function's log, each once. */
  auditTrail(): readonly TrailRecord[] {
    const records = this.sandbox.function.logs().flatMap((line) => {
      const { message } = line as { message?: string };
      return message?.startsWith('{"audit":') === true ? [trailRecordSchema.parse(JSON.parse(message).audit)] : [];
    });
    const seen = new Set<string>();
    return records.filter(({ id }) => !seen.has(id) && seen.add(id));
  }

  /** Keys of the ledger's rows. */
  async rowKeys(): Promise<readonly string[]> {
    return (await this.#rows()).map(({ rowKey }) => String(rowKey));
  }

  /** The row of a credential as it is in the ledger; undefined where there is none. */
  async ledgerRow(id: string): Promise<Credential | undefined> {
    const row = (await this.#rows()).find(({ rowKey }) => rowKey === `credential_${id}`);
    return row === undefined ? undefined : credentialSchema.parse(JSON.parse(String(row.document)));
  }

  #rows(): Promise<Record<string, unknown>[]> {
    return this.sandbox.azure.tables.rows(WORLD.ledgerTable);
  }

  /** Types of the events that the topic has of a credential, in the order of its changes and each once. */
  eventsOf(id: string): readonly string[] {
    const events = this.sandbox.azure.eventGrid.published().filter(({ subject }) => subject === id);
    const distinct = new Map(events.map((event) => [event.id, event]));
    return [...distinct.values()]
      .toSorted((a, b) => sequenceOf(a) - sequenceOf(b))
      .map(({ type }) => String(type).replace('confluent-key-vending.apikey.', ''));
  }

  /** The POSTs that ARM got. */
  posts(): ReturnType<Sandbox['azure']['arm']['requests']> {
    return this.sandbox.azure.arm.requests().filter(({ method }) => method === 'POST');
  }

  keys(): ReturnType<Sandbox['azure']['arm']['keys']> {
    return this.sandbox.azure.arm.keys();
  }

  /** True once Confluent has deleted the key. Undefined where it never had it. */
  isDeleted(keyId: string): boolean | undefined {
    return this.keys().find(({ id }) => id === keyId)?.deleted;
  }

  /** Ids of the keys of one credential that are alive in Confluent. */
  livingKeys(id: string): readonly string[] {
    return this.keys()
      .filter(({ deleted, description }) => !deleted && description.includes(`vend:${id}.`))
      .map((key) => key.id);
  }

  versions(name: string, vault: string = WORLD.vaults[0]): ReturnType<Sandbox['azure']['vault']['secrets']> {
    return this.sandbox.azure.vault.secrets(vault, name);
  }
}

const sequenceOf = ({ data }: Json): number => Number((data as Json | undefined)?.sequence);
