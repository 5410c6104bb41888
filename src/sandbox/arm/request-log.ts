import type { EmulatorRequest } from '../kit/http-service.ts';
import type { ArmOperation } from './routes.ts';

export interface ArmRequestView {
  readonly method: string;
  /** As it was sent, percent-encoded and not normalised. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON; null when there is none. */
  readonly body: unknown;
  /** The operation that ARM understood: `deleteOrganization` here means that an id with dots got through. */
  readonly operation: ArmOperation | 'unknown';
  /** Null while unanswered, and for ever where the connection was cut. */
  readonly status: number | null;
  /** ISO 8601, of arrival. */
  readonly at: string;
}

/** Every request that reached ARM, in order of arrival. */
export class RequestLog {
  readonly #entries = new Map<EmulatorRequest, ArmRequestView>();

  arrived(request: EmulatorRequest, operation: ArmOperation | 'unknown', at: number): void {
    this.#entries.set(request, {
      method: request.method,
      path: request.rawPath,
      query: Object.fromEntries(request.query),
      body: parsedOrNull(request.body),
      operation,
      status: null,
      at: new Date(at).toISOString(),
    });
  }

  answered(request: EmulatorRequest, status: number | undefined): void {
    const entry = this.#entries.get(request);
    if (entry !== undefined) this.#entries.set(request, { ...entry, status: status ?? null });
  }

  all(): ArmRequestView[] {
    return [...this.#entries.values()];
  }
}

function parsedOrNull(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}
