import type { Credential } from '../../../src/vending/model/credential.ts';
import { ROW_SCHEMAS, type Row, type RowKind, type RowOf, rowKey, rowOf } from '../../../src/vending/model/rows.ts';
import { iso } from '../../../src/vending/model/timings.ts';
import type { UpstreamTrace } from '../../../src/vending/model/tracing.ts';
import type {
  Commit,
  CommitOutcome,
  Ledger,
  ListOutcome,
  ReadOutcome,
  RowChanges,
} from '../../../src/vending/ports/ledger.ts';
import type { Network, Process } from './network.ts';

interface KeptRow {
  readonly text: string;
  readonly etag: string;
}

const SILENT: UpstreamTrace = { service: 'ledger', code: 'ETIMEDOUT' };
const unreachable = { kind: 'unreachable', upstream: SILENT } as const;
const MAX_ROWS = 100;

/** The one partition: every row by its key, with the rules of an entity-group transaction. */
export class FakeLedger {
  rows = new Map<string, KeptRow>();
  /** Every commit of a credential that took effect, in order. `after` is undefined where it was removed. */
  changes: { readonly before: Credential | undefined; readonly after: Credential | undefined }[] = [];
  /** Bodies of all audit and event rows that were ever written. */
  recorded: { readonly audit: string[]; readonly event: string[] } = { audit: [], event: [] };

  /** Values of all rows of a kind that can be read, by key. */
  all<Kind extends RowKind>(kind: Kind): RowOf<Kind>[] {
    return this.keys(kind).flatMap((key) => {
      const value = this.#valueOf(kind, key);
      return value === undefined ? [] : [value];
    });
  }

  keys = (kind: RowKind): string[] =>
    [...this.rows.keys()].filter((key) => key.startsWith(`${kind}_`)).toSorted(byText);

  get = (id: string): Credential | undefined => this.#valueOf('credential', rowKey('credential', id));

  /** A ledger that lost a row. */
  lose = (key: string): boolean => this.rows.delete(key);

  #valueOf<Kind extends RowKind>(kind: Kind, key: string): RowOf<Kind> | undefined {
    const row = this.rows.get(key);
    if (row === undefined) return undefined;
    // The compiler does not see that the schema of a kind makes the row of that kind.
    const schema: { safeParse(value: unknown): { data?: unknown } } = ROW_SCHEMAS[kind];
    return schema.safeParse(JSON.parse(row.text)).data as RowOf<Kind> | undefined;
  }

  #read<Kind extends RowKind>(kind: Kind, key: string): ReadOutcome<RowOf<Kind>> {
    const row = this.rows.get(key);
    if (row === undefined) return { kind: 'absent' };
    const value = this.#valueOf(kind, key);
    return value === undefined ? { kind: 'unreadable' } : { kind: 'found', value, etag: row.etag };
  }

  #commit(network: Network, commit: Commit): CommitOutcome {
    const { credential, insert = [], put = [], remove = [] } = commit;
    if (credential?.action === 'remove') return this.#remove(credential.id, credential.etag);
    const own = credential === undefined ? [] : [rowOf('credential', credential.value)];
    expectLegal([...[...own, ...insert, ...put].map(keyOf), ...remove]);
    const [before] = own.map(({ key }) => this.rows.get(key)?.text);
    if (credential !== undefined && this.#etagOf(credential.value.id) !== etagIn(credential))
      return { kind: 'conflict', row: 'credential' };
    const taken = insert.find(({ key }) => this.rows.has(key));
    if (taken !== undefined) return { kind: 'conflict', row: taken.kind };
    for (const row of [...own, ...insert, ...put]) this.#write(network, row);
    for (const each of remove) this.rows.delete(each);
    if (credential === undefined) return { kind: 'committed', etag: '' };
    const { value } = credential;
    this.changes.push({ before: before === undefined ? undefined : JSON.parse(before), after: value });
    return { kind: 'committed', etag: this.#etagOf(value.id) ?? '' };
  }

  #remove(id: string, etag: string): CommitOutcome {
    const before = this.get(id);
    if (before === undefined) return { kind: 'committed', etag: '' };
    if (this.#etagOf(id) !== etag) return { kind: 'conflict', row: 'credential' };
    this.rows.delete(rowKey('credential', id));
    this.changes.push({ before, after: undefined });
    return { kind: 'committed', etag: '' };
  }

  #etagOf = (id: string): string | undefined => this.rows.get(rowKey('credential', id))?.etag;

  #write(network: Network, { kind, key, value }: Row): void {
    if ((kind === 'audit' || kind === 'event') && 'body' in value) this.recorded[kind].push(value.body);
    this.rows.set(key, { text: JSON.stringify(ROW_SCHEMAS[kind].parse(value)), etag: network.id('etag') });
  }

  #list<Kind extends RowKind>(
    kind: Kind,
    { within = [], before, from, limit }: Omit<Parameters<Ledger['list']>[0], 'kind'>,
  ): ListOutcome<RowOf<Kind>> {
    const after = (key: string): string => key.slice(kind.length + 1);
    const keys = this.keys(kind)
      .filter((key) => key.startsWith(`${rowKey(kind, ...within)}_`))
      .filter((key) => (before === undefined || after(key) < before) && (from === undefined || after(key) >= from));
    const page = keys.slice(0, limit).map((key) => ({ key, value: this.#valueOf(kind, key) }));
    const next = keys[limit];
    return {
      kind: 'listed',
      rows: page.flatMap(({ key, value }) => (value === undefined ? [] : [{ key, value }])),
      unreadable: page.filter(({ value }) => value === undefined).map(({ key }) => key),
      ...(next !== undefined && { next: after(next) }),
    };
  }

  port(network: Network, process: Process): Ledger {
    const refused = { kind: 'unreachable', upstream: { service: 'ledger', status: 413, code: 'TooLarge' } } as const;
    return {
      read: (kind, ...key) =>
        network.act<ReadOutcome<RowOf<typeof kind>>>(process, 'read', `READ ${kind}`, {
          effect: () => this.#read(kind, rowKey(kind, ...key)),
          refused,
          silent: unreachable,
        }),
      commit: (commit) =>
        network.act<CommitOutcome>(process, commit.credential ? 'commit' : 'cleanUp', textOf(commit), {
          effect: () => this.#commit(network, commit),
          refused,
          silent: unreachable,
        }),
      list: ({ kind, ...query }) =>
        network.act<ListOutcome<RowOf<typeof kind>>>(process, 'list', `LIST ${kind}`, {
          effect: () => this.#list(kind, query),
          refused,
          silent: unreachable,
        }),
      listDue: ({ kind, before, ...query }) =>
        network.act<ListOutcome<RowOf<'due'>>>(process, 'listDue', `LIST ${kind}`, {
          effect: () => this.#list(kind, { ...query, before: iso(before) }),
          refused,
          silent: unreachable,
        }),
      ping: async () => true,
    };
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const etagIn = (credential: NonNullable<RowChanges['credential']>): string | undefined =>
  credential.action === 'replace' ? credential.etag : undefined;
const keyOf = ({ key }: Row): string => key;

/** The service refuses such a transaction, and that would be a defect of the caller. */
function expectLegal(keys: readonly string[]): void {
  if (keys.length > MAX_ROWS) throw new Error(`A commit of ${keys.length} rows.`);
  if (new Set(keys).size < keys.length) throw new Error(`A row stands twice in a commit: ${keys.join(' ')}`);
}

function textOf({ credential, insert = [], put = [], remove = [] }: Commit): string {
  const kinds = (keys: readonly string[]): string => keys.map((key) => key.split('_')[0]).join(' ');
  const parts = [
    credential === undefined ? '' : `${credential.action} credential`,
    insert.length === 0 ? '' : `insert ${kinds(insert.map(keyOf))}`,
    put.length === 0 ? '' : `put ${kinds(put.map(keyOf))}`,
    remove.length === 0 ? '' : `remove ${kinds(remove)}`,
  ];
  return `COMMIT ${parts.filter((part) => part !== '').join(', ')}`;
}
