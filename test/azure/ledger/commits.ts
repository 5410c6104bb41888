import { expect } from 'vitest';
import { type Row, rowOf } from '../../../src/vending/model/rows.ts';
import type { Commit, RowChanges } from '../../../src/vending/ports/ledger.ts';
import { credentialOf, TABLE, type TableWorld } from './emulated-table.ts';

/** Of no row that ever was. */
export const STALE = `W/"datetime'2020-01-01T00%3A00%3A00.0000000Z'"`;
export const COMMITTED = { kind: 'committed', etag: expect.stringMatching(/^W\//) };
export const NO_ETAG = { kind: 'committed', etag: '' };

export const unreachable = (upstream: object): object => ({
  kind: 'unreachable',
  upstream: expect.objectContaining({ service: 'ledger', ...upstream }),
});

type Beside = Pick<RowChanges, 'insert' | 'put' | 'remove'>;

/** Commits and rows about the credential of the test that runs. */
export const commitsAbout = (idOf: () => string) => ({
  inserting: (id = idOf(), beside: Beside = {}): Commit => ({
    credential: { action: 'insert', value: credentialOf(id) },
    ...beside,
  }),
  replacing: (etag: string, writeId: string, beside: Beside = {}): Commit => ({
    credential: { action: 'replace', value: credentialOf(idOf(), { sequence: 2, writeId }), etag },
    ...beside,
  }),
  dueRow: (at: number, id = idOf()): Row => rowOf('due', { id, at }),
  nameRow: (): Row => rowOf('name', { vaultUrl: 'https://teams.vault.azure.net', secretName: idOf(), id: idOf() }),
  keyRow: (attempt: number): Row => rowOf('key', { apiKeyId: `KEY-${idOf()}`, id: idOf(), attempt }),
});

/** Keys of the rows that have to do with a credential, in their order. */
export const keysAbout = async (id: string, { emulator }: TableWorld): Promise<string[]> =>
  (await emulator.rows(TABLE)).map(({ rowKey }) => String(rowKey)).filter((key) => key.includes(id));
