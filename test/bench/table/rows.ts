/** One change of a transaction, as the wire has it. */
export interface Change {
  readonly does: 'insert' | 'put' | 'delete';
  readonly key: string;
  /** The ETag that the row must carry. `*`: any. Absent: there need be no row. */
  readonly etag?: string | undefined;
  /** JSON of the entity; empty for a delete. */
  readonly body: string;
}

export interface Row {
  readonly etag: string;
  readonly body: string;
}

export type Applied =
  | { readonly kind: 'applied'; readonly etags: readonly (string | undefined)[] }
  | { readonly kind: 'refused'; readonly at: number; readonly status: 404 | 409 | 412; readonly code: string };

/** The rows of one partition. Range queries pay for the rows that they find, however many there are. */
export class Rows {
  readonly #rows = new Map<string, Row>();
  /** Keys in order, of the kinds that were listed once. */
  readonly #sorted = new Map<string, string[]>();
  #writes = 0;

  get = (key: string): Row | undefined => this.#rows.get(key);

  /** All of it, or nothing. */
  apply(changes: readonly Change[]): Applied {
    for (const [at, change] of changes.entries()) {
      const refusal = this.#refusalOf(change);
      if (refusal !== undefined) return { kind: 'refused', at, ...refusal };
    }
    return { kind: 'applied', etags: changes.map((change) => this.#perform(change)) };
  }

  /** Puts many rows. Their keys are sorted again when they are listed: to find the place of each would take far longer. */
  plant(rows: Iterable<readonly [key: string, body: string]>): void {
    this.#sorted.clear();
    for (const [key, body] of rows) this.#perform({ does: 'put', key, body });
  }

  /** The first rows from `low` to below `high`, whose kind must be the same. */
  range(low: string, high: string, limit: number): readonly (readonly [key: string, row: Row])[] {
    const keys = this.#keysOf(kindOf(low));
    const found: (readonly [string, Row])[] = [];
    for (let at = placeOf(keys, low); at < keys.length && found.length < limit; at++) {
      const key = keys[at] ?? '';
      const row = this.#rows.get(key);
      if (key >= high || row === undefined) break;
      found.push([key, row]);
    }
    return found;
  }

  #refusalOf({ does, key, etag }: Change) {
    const row = this.#rows.get(key);
    if (does === 'insert') return row && ({ status: 409, code: 'EntityAlreadyExists' } as const);
    if (row === undefined)
      return does === 'delete' || etag !== undefined ? ({ status: 404, code: 'ResourceNotFound' } as const) : undefined;
    const isStale = etag !== undefined && etag !== '*' && etag !== row.etag;
    return isStale ? ({ status: 412, code: 'UpdateConditionNotSatisfied' } as const) : undefined;
  }

  #perform({ does, key, body }: Change): string | undefined {
    const keys = this.#sorted.get(kindOf(key));
    if (does === 'delete') {
      this.#rows.delete(key);
      keys?.splice(placeOf(keys, key), 1);
      return undefined;
    }
    if (keys !== undefined && !this.#rows.has(key)) keys.splice(placeOf(keys, key), 0, key);
    const etag = `W/"datetime'${++this.#writes}'"`;
    this.#rows.set(key, { etag, body });
    return etag;
  }

  #keysOf(kind: string): readonly string[] {
    const known = this.#sorted.get(kind);
    if (known !== undefined) return known;
    const keys = [...this.#rows.keys()].filter((key) => kindOf(key) === kind).sort(byText);
    this.#sorted.set(kind, keys);
    return keys;
  }
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);
const kindOf = (key: string): string => key.slice(0, key.indexOf('_'));

/** The place of the first key that is not below this one. */
function placeOf(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
