import type { EmulatorResponse } from '../kit/http-service.ts';

/** A refusal in ARM's shape; thrown by any check, answered in one place. */
export class ArmError extends Error {
  readonly #status: number;
  readonly #code: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.#status = status;
    this.#code = code;
    this.#headers = headers;
  }

  toResponse(): EmulatorResponse {
    const body = { error: { code: this.#code, message: this.message } };
    return { status: this.#status, headers: this.#headers, body };
  }
}
