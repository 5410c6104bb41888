export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the control API. A connection that is lost is an answer too: status 0. */
export async function call(method: string, path: string, body?: unknown): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return { status: response.status, body: parsed(await response.text()) };
  } catch {
    return { status: 0, body: { error: 'The sandbox does not answer. Is it still running?' } };
  }
}

export interface FunctionRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly as: 'portal' | 'payments' | 'operator';
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

/** Asks the function. The sandbox gives the request its token. */
export async function askFunction(request: FunctionRequest): Promise<Answer> {
  const { status, body } = await call('POST', '/console/requests', request);
  if (status === 200 && isAnswer(body)) return body;
  return { status, body };
}

const isAnswer = (body: unknown): body is Answer =>
  typeof body === 'object' && body !== null && 'status' in body && typeof body.status === 'number' && 'body' in body;

/** The sentence of an answer that is an error or a problem. */
export function sentenceOf({ body }: Answer): string {
  if (typeof body !== 'object' || body === null) return String(body);
  if ('detail' in body) return `${String(body.detail)}${errorsOf(body)}`;
  return 'error' in body ? String(body.error) : '';
}

function errorsOf(body: object): string {
  if (!('errors' in body) || !Array.isArray(body.errors)) return '';
  return body.errors
    .map((error: { pointer?: string; detail?: string }) => ` ${error.pointer} ${error.detail}.`)
    .join('');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
