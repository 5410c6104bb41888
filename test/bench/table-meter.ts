import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

const KINDS = ['transactions', 'point reads', 'range queries', 'deletes'] as const;
type RequestKind = (typeof KINDS)[number];

export interface TableCost {
  readonly requests: Readonly<Partial<Record<RequestKind, number>>>;
  /** Entities that the table answered with. */
  readonly read: number;
  /** Entities in transactions, those that are deleted among them. */
  readonly written: number;
  /** Milliseconds during which at least one request was with the table. */
  readonly waitedMs: number;
}

export const requestsIn = ({ requests }: Pick<TableCost, 'requests'>): number =>
  Object.values(requests).reduce((sum, count) => sum + count, 0);

/** Counts what goes over the wire between a client and a table. */
export class TableMeter {
  #requests = new Map<RequestKind, number>();
  #read = 0;
  #written = 0;
  #open = 0;
  #since = 0;
  #waitedMs = 0;

  readonly observe = (client: HttpClient): HttpClient => ({
    sendRequest: async (request) => {
      const kind = kindOf(request);
      this.#requests.set(kind, (this.#requests.get(kind) ?? 0) + 1);
      this.#written += operationsIn(request);
      if (this.#open++ === 0) this.#since = performance.now();
      try {
        const response = await client.sendRequest(request);
        this.#read += entitiesIn(request, response.bodyAsText);
        return response;
      } finally {
        if (--this.#open === 0) this.#waitedMs += performance.now() - this.#since;
      }
    },
  });

  /** The counts since the last call. */
  take(): TableCost {
    const requests = Object.fromEntries([...this.#requests].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const cost = { requests, read: this.#read, written: this.#written, waitedMs: Math.round(this.#waitedMs) };
    this.#requests = new Map();
    this.#read = 0;
    this.#written = 0;
    this.#waitedMs = 0;
    return cost;
  }
}

function kindOf({ method, url }: PipelineRequest): RequestKind {
  const { pathname } = new URL(url);
  if (method === 'GET') return /\(PartitionKey=/.test(decodeURIComponent(pathname)) ? 'point reads' : 'range queries';
  return method === 'DELETE' ? 'deletes' : 'transactions';
}

/** Each operation of a transaction has a request line of its own. */
const operationsIn = ({ method, body }: PipelineRequest): number => {
  if (method === 'DELETE') return 1;
  return typeof body === 'string' ? body.split('content-transfer-encoding: binary').length - 1 : 0;
};

function entitiesIn({ method }: PipelineRequest, body: string | null | undefined): number {
  if (method !== 'GET' || !body) return 0;
  const { value }: { readonly value?: readonly unknown[] } = JSON.parse(body);
  return value?.length ?? 1;
}
