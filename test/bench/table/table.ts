import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createCertificates } from '../../../src/sandbox/tls/certificates.ts';
import { type Applied, type Change, type Row, Rows } from './rows.ts';

const HOSTS = ['*.table.core.windows.net'];

/**
 * As much of Table Storage as the ledger uses, over HTTPS: a transaction, a look-up, a range of rows, one conditional
 * delete. Azurite takes longer for a commit the more rows there are, and reads all of them for a list, so with it the
 * bench would measure Azurite. It verifies no tokens.
 */
export interface BenchTable {
  readonly port: number;
  readonly caPem: string;
  /** Adds rows past the wire. Many may share one text: the JSON of their columns without the key. */
  plant(rows: Iterable<readonly [key: string, body: string]>): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function startBenchTable(): Promise<BenchTable> {
  const { caPem, ...tls } = await createCertificates(HOSTS);
  const rows = new Rows();
  const server = createServer(tls, async (request, response) => {
    const { status, headers, body } = answer(rows, request, await text(request));
    response.writeHead(status, headers).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    caPem,
    plant: (planted) => rows.plant(planted),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(rows: Rows, { method = '', url = '', headers }: IncomingMessage, body: string): Answer {
  const { pathname, searchParams } = new URL(url, 'https://table');
  if (pathname === '/$batch') return transaction(rows, body);
  const key = keyIn(pathname);
  if (key === undefined) return page(rows, searchParams);
  if (method === 'DELETE') {
    const etag = headers['if-match'];
    const applied = rows.apply([{ does: 'delete', key, etag, body: '' }]);
    return applied.kind === 'applied' ? { status: 204, headers: {} } : refusal(applied);
  }
  const row = rows.get(key);
  return row === undefined
    ? refusal({ kind: 'refused', at: 0, status: 404, code: 'ResourceNotFound' })
    : json(200, entityOf(key, row));
}

/** The key is not taken from the body: planted rows share theirs. */
const entityOf = (key: string, { etag, body }: Row) => ({ ...JSON.parse(body), RowKey: key, 'odata.etag': etag });

const keyIn = (path: string): string | undefined => /RowKey='([^']*)'/.exec(decodeURIComponent(path))?.[1];

const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json;odata=minimalmetadata', ...headers },
  body: JSON.stringify(value),
});

type Refused = Extract<Applied, { kind: 'refused' }>;
const errorOf = ({ at, code }: Refused) => ({
  'odata.error': { code, message: { lang: 'en-US', value: `${at}:${code}` } },
});
const refusal = (refused: Refused): Answer =>
  json(refused.status, errorOf(refused), { 'x-ms-error-code': refused.code });

/** The filter is `PartitionKey eq '…' and RowKey ge '…' and RowKey lt '…'`. */
function page(rows: Rows, query: URLSearchParams): Answer {
  const filter = query.get('$filter') ?? '';
  const [, low = '', high = ''] = /RowKey ge '([^']*)' and RowKey lt '([^']*)'/.exec(filter) ?? [];
  const from = query.get('NextRowKey') ?? low;
  const top = Number(query.get('$top') ?? 1_000);
  const found = rows.range(from, high, top + 1);
  const next = found[top]?.[0];
  const value = found.slice(0, top).map(([key, row]) => entityOf(key, row));
  const continuation = { 'x-ms-continuation-nextpartitionkey': 'ledger', 'x-ms-continuation-nextrowkey': next ?? '' };
  return json(200, { value }, next === undefined ? {} : continuation);
}

const PART = /^(POST|PUT|PATCH|MERGE|DELETE) (\S+) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n([\s\S]*)$/m;
const IF_MATCH = /^if-match: (.*)$/im;
const keySchema = /"RowKey":"([^"]*)"/;

function transaction(rows: Rows, body: string): Answer {
  const parts = body.split('--changeset_').flatMap((part) => {
    const found = PART.exec(part);
    return found === null ? [] : [found];
  });
  const applied = rows.apply(
    parts.map(([, method, path = '', head = '', entity = '']) => changeOf({ method, path, head, entity })),
  );
  const answers =
    applied.kind === 'refused'
      ? [[applied.status, '', JSON.stringify(errorOf(applied))] as const]
      : applied.etags.map((etag) => [204, etag === undefined ? '' : `ETag: ${etag}\r\n`, ''] as const);
  const sections = answers.map(
    ([status, head, content]) =>
      `--changesetresponse_a\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 ${status} -\r\n${head}\r\n${content}\r\n`,
  );
  return {
    status: 202,
    headers: { 'content-type': 'multipart/mixed; boundary=batchresponse_a' },
    body: `--batchresponse_a\r\nContent-Type: multipart/mixed; boundary=changesetresponse_a\r\n\r\n${sections.join('')}--changesetresponse_a--\r\n--batchresponse_a--`,
  };
}

interface Part {
  readonly method: string | undefined;
  readonly path: string;
  readonly head: string;
  readonly entity: string;
}

function changeOf({ method, path, head, entity }: Part): Change {
  const body = entity.trim();
  const key = keyIn(path) ?? keySchema.exec(body)?.[1] ?? '';
  if (method === 'POST') return { does: 'insert', key, body };
  return { does: method === 'DELETE' ? 'delete' : 'put', key, etag: IF_MATCH.exec(head)?.[1]?.trim(), body };
}
