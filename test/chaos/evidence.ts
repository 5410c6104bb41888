import * as z from 'zod';
import { readValue } from '../../src/azure/ledger/table.ts';
import type { EmulatedAzure } from '../../src/sandbox/azure/azure.ts';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import type { Credential } from '../../src/vending/model/credential.ts';
import { ROW_SCHEMAS, type RowKind, type RowOf } from '../../src/vending/model/rows.ts';

const entitySchema = z.object({ rowKey: z.string(), document: z.string() });
type Entity = z.infer<typeof entitySchema>;

export type AttemptRow = RowOf<'attempt'>;

/** The ledger, read behind the function's back. */
export class LedgerView {
  readonly credentials: ReadonlyMap<string, Credential>;
  /** Attempts of each credential, by its id. */
  readonly attempts: ReadonlyMap<string, readonly AttemptRow[]>;
  /** Keys of rows that cannot be read, or that have another row's key. */
  readonly unreadable: readonly string[];
  /** Every row as it is, for the search for secrets. */
  readonly text: string;
  readonly #entities: ReadonlyMap<string, readonly Entity[]>;

  constructor(raw: readonly unknown[]) {
    const entities = raw.map((row) => entitySchema.parse(row));
    this.#entities = Map.groupBy(entities, kindOf);
    this.text = JSON.stringify(raw);
    this.credentials = new Map(this.of('credential').map((credential) => [credential.id, credential]));
    this.attempts = Map.groupBy(this.of('attempt'), ({ id }) => id);
    this.unreadable = entities.filter((entity) => !isReadable(entity)).map(({ rowKey }) => rowKey);
  }

  of<Kind extends RowKind>(kind: Kind): readonly RowOf<Kind>[] {
    const entities = this.#entities.get(kind) ?? [];
    return entities.flatMap(({ rowKey, document }) => readValue(kind, rowKey, document) ?? []);
  }

  keysOf(kind: RowKind): readonly string[] {
    return (this.#entities.get(kind) ?? []).map(({ rowKey }) => rowKey);
  }

  /** The attempt whose key was current once. */
  vendedBy(id: string, apiKeyId: string | undefined): AttemptRow | undefined {
    const attempts = this.attempts.get(id) ?? [];
    return attempts.find((attempt) => attempt.outcome === 'vended' && attempt.apiKeyId === apiKeyId);
  }
}

const kindOf = ({ rowKey }: Entity): string => rowKey.split('_', 1)[0] ?? '';
const isKind = (kind: string): kind is RowKind => Object.hasOwn(ROW_SCHEMAS, kind);

function isReadable(entity: Entity): boolean {
  const kind = kindOf(entity);
  return isKind(kind) && readValue(kind, entity.rowKey, entity.document) !== undefined;
}

/** What an account looks at. */
export interface Looked {
  readonly arm: Pick<EmulatedAzure['arm'], 'keys' | 'requests'>;
  readonly vault: Pick<EmulatedAzure['vault'], 'names' | 'secrets'>;
  readonly tables: Pick<EmulatedAzure['tables'], 'rows'>;
  readonly clock: Pick<EmulatedAzure['clock'], 'now'>;
}

export const readLedger = async ({ tables }: Pick<Looked, 'tables'>): Promise<LedgerView> =>
  new LedgerView(await tables.rows(WORLD.ledgerTable));

const vaultNameOf = (vaultUrl: string): string => new URL(vaultUrl).hostname.split('.')[0] ?? '';

/** Every version of the credential's secret name, oldest first. Another credential may have had the name before. */
export const versionsOf = (
  { vault }: Pick<Looked, 'vault'>,
  { vaultUrl, secretName }: Pick<Credential, 'vaultUrl' | 'secretName'>,
) => vault.secrets(vaultNameOf(vaultUrl), secretName) ?? [];
