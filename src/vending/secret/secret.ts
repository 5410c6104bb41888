/**
 * A value that must reach the vault and nothing else.
 *
 * The value lives in a `#private` field, which `JSON.stringify`, `util.inspect`, template literals and spreads do not show.
 * So an accidental log line or error cause cannot carry it. `reveal` is for the vault adapter and `formats.ts` alone.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }
}
