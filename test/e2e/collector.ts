import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import * as z from 'zod';

const value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
]);
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value: of }) => [key, of])));
const spanSchema = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes,
  events: z.array(z.unknown()).default([]),
  status: z.object({ code: z.number().default(0), message: z.string().optional() }).default({ code: 0 }),
});
const tracesSchema = z.object({
  resourceSpans: z.array(
    z.object({ resource: z.object({ attributes }), scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) }),
  ),
});
const point = z.object({
  attributes,
  asInt: z.coerce.number().optional(),
  asDouble: z.number().optional(),
  count: z.coerce.number().optional(),
  sum: z.number().optional(),
});
const points = z.object({ dataPoints: z.array(point) }).optional();
const metricsSchema = z.object({
  resourceMetrics: z.array(
    z.object({
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({ name: z.string(), unit: z.string(), sum: points, gauge: points, histogram: points }),
          ),
        }),
      ),
    }),
  ),
});

export type CollectedSpan = z.infer<typeof spanSchema>;

export interface CollectedPoint {
  readonly dimensions: Readonly<Record<string, unknown>>;
  /** Of a histogram how many values there were. */
  readonly value: number;
  readonly sum: number | undefined;
}

/** An OTLP/HTTP collector on loopback that keeps what it gets. Resources, scopes and everything else stay in `bodies`. */
export class Collector {
  readonly bodies: string[] = [];
  readonly spans: CollectedSpan[] = [];
  readonly #latest = new Map<string, readonly CollectedPoint[]>();
  readonly #server = createServer((request, response) => {
    void this.#take(request).then(
      (status) => response.writeHead(status, { 'content-type': 'application/json' }).end('{}'),
      () => response.writeHead(400).end(),
    );
  });
  /** What it answers while it is not 200. */
  status = 200;

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The latest export of a metric. */
  points(name: string): readonly CollectedPoint[] {
    return this.#latest.get(name) ?? [];
  }

  async #take(request: IncomingMessage): Promise<number> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
    this.bodies.push(`${request.url}\n${JSON.stringify(request.headers)}\n${text}`);
    if (this.status !== 200) return this.status;
    if (request.url === '/v1/traces') this.#takeSpans(JSON.parse(text));
    else if (request.url === '/v1/metrics') this.#takeMetrics(JSON.parse(text));
    else return 404;
    return 200;
  }

  #takeSpans(body: unknown): void {
    for (const { scopeSpans } of tracesSchema.parse(body).resourceSpans)
      for (const { spans } of scopeSpans) this.spans.push(...spans);
  }

  #takeMetrics(body: unknown): void {
    for (const { scopeMetrics } of metricsSchema.parse(body).resourceMetrics)
      for (const { metrics } of scopeMetrics)
        for (const { name, sum, gauge, histogram } of metrics) {
          const found = (sum ?? gauge ?? histogram)?.dataPoints ?? [];
          this.#latest.set(
            name,
            found.map((one) => ({
              dimensions: one.attributes,
              value: one.asInt ?? one.asDouble ?? one.count ?? Number.NaN,
              sum: one.sum,
            })),
          );
        }
  }
}
