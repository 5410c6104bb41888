import type { HttpClient, PipelineRequest } from '@azure/core-rest-pipeline';

export interface TableCost {
  /** By kind, in order of name. */
  readonly requests: Readonly<Record<string, number>>;
  /** Entities that the table answered with. */
  readonly entities: number;
  /** Milliseconds during which at least one request was with the table. */
  readonly waitedMs: number;
}

/** Counts what goes over the wire between a client and a table. */
export class TableMeter {
  #requests = new Map<string, number>();
  #entities = 0;
  #open = 0;
  #since = 0;
  #waitedMs = 0;

  readonly observe = (client: HttpClient): HttpClient => ({
    sendRequest: async (request) => {
      const kind = kindOf(request);
      this.#requests.set(kind, (this.#requests.get(kind) ?? 0) + 1);
      if (this.#open++ === 0) this.#since = performance.now();
      try {
        const response = await client.sendRequest(request);
        this.#entities += entitiesIn(request, response.bodyAsText);
        return response;
      } finally {
        if (--this.#open === 0) this.#waitedMs += performance.now() - this.#since;
      }
    },
  });

  /** What was counted since the last time. */
  take(): TableCost {
    const requests = Object.fromEntries([...this.#requests].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const cost = { requests, entities: this.#entities, waitedMs: Math.round(this.#waitedMs) };
    this.#requests = new Map();
    this.#entities = 0;
    this.#waitedMs = 0;
    return cost;
  }
}

const kindOf = ({ method, url }: PipelineRequest): string => {
  const isPoint = /\(PartitionKey=/.test(decodeURIComponent(new URL(url).pathname));
  if (method === 'GET') return isPoint ? 'point reads' : 'range queries';
  return method === 'DELETE' ? 'deletes' : 'writes';
};

function entitiesIn({ method }: PipelineRequest, body: string | null | undefined): number {
  if (method !== 'GET' || !body) return 0;
  const { value } = JSON.parse(body) as { value?: readonly unknown[] };
  return value?.length ?? 1;
}
