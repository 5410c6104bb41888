import { AbortError } from '@azure/abort-controller';
import { createHttpHeaders, RestError } from '@azure/core-rest-pipeline';
import { AggregateAuthenticationError, AuthenticationError, CredentialUnavailableError } from '@azure/identity';
import { describe, expect, it } from 'vitest';
import { traceOf, traceOfResponse } from '../../src/azure/upstream-trace.ts';

const SECRET = `cflt${'Aa09'.repeat(15)}`;
const REQUEST = { url: 'https://x.invalid', headers: createHttpHeaders() };

const restError = (status: number, code: string | undefined, headers: Record<string, string> = {}): RestError =>
  Object.assign(new RestError('upstream text', { statusCode: status }), {
    ...(code === undefined ? {} : { code }),
    response: { status, headers: createHttpHeaders(headers), request: REQUEST, bodyAsText: SECRET },
  });

const causedBy = (cause: unknown, depth: number): unknown =>
  depth === 0 ? cause : causedBy(new Error('text', { cause }), depth - 1);

describe('the trace of a thrown value', () => {
  const nodeError = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1'), { code: 'ECONNREFUSED' });
  const msalError = Object.assign(new Error('text'), { errorCode: 'managed_identity_request_failed', status: 500 });
  const circle = new Error('a', { cause: new Error('b') });
  Object.assign(circle.cause as Error, { cause: circle });

  it.each<[string, unknown, object]>([
    ['nothing', undefined, {}],
    ['null', null, {}],
    ['a string', 'upstream text', {}],
    ['a plain error', new Error('upstream text'), {}],
    ['a circle of causes', circle, {}],
    ["Node's error", nodeError, { code: 'ECONNREFUSED' }],
    [
      'fetch, which hides it as the cause',
      new TypeError('fetch failed', { cause: nodeError }),
      { code: 'ECONNREFUSED' },
    ],
    ['several addresses tried', new AggregateError([nodeError], 'text'), { code: 'ECONNREFUSED' }],
    ['an abort', new AbortError('text'), { code: 'AbortError' }],
    [
      "the platform's abort, whose code is a number",
      new DOMException('text', 'TimeoutError'),
      { code: 'TimeoutError' },
    ],
    [
      'a REST error',
      restError(404, 'NotFound', { 'x-ms-request-id': 'r-1' }),
      { status: 404, code: 'NotFound', requestId: 'r-1' },
    ],
    ['a REST error without a code', restError(500, undefined), { status: 500 }],
    ['an error whose answer is no answer', { code: 'X', response: 'text' }, { code: 'X' }],
    [
      'an error whose answer has headers of another kind',
      { code: 'X', response: { status: 500, headers: {} } },
      { code: 'X' },
    ],
    ['a REST error whose code is text', restError(500, 'no such thing!'), { status: 500 }],
    ['a REST error whose code is a secret', restError(500, SECRET), { status: 500 }],
    [
      'a REST error whose request id is a secret',
      restError(500, 'X', { 'x-ms-request-id': SECRET }),
      { status: 500, code: 'X' },
    ],
    [
      "the table client's error, with its code in the details",
      Object.assign(restError(409, 'REQUEST_SEND_ERROR'), { details: { odataError: { code: 'EntityAlreadyExists' } } }),
      { status: 409, code: 'EntityAlreadyExists' },
    ],
    [
      "Key Vault's error, whose inner code is the precise one",
      Object.assign(restError(403, 'Forbidden'), {
        details: { error: { code: 'Forbidden', innerError: { code: 'ForbiddenByFirewall' } } },
      }),
      { status: 403, code: 'ForbiddenByFirewall' },
    ],
    [
      "Key Vault's error as it is on the wire",
      { status: 503, details: { error: { code: 'Outer', innererror: { code: 'Inner' } } } },
      { status: 503, code: 'Inner' },
    ],
    [
      "Key Vault's error whose inner code is a secret",
      Object.assign(restError(403, 'Forbidden'), {
        details: { error: { code: 'Forbidden', innerError: { code: SECRET } } },
      }),
      { status: 403, code: 'Forbidden' },
    ],
    [
      'a credential without an endpoint',
      new CredentialUnavailableError('text', { cause: msalError }),
      { status: 500, code: 'managed_identity_request_failed' },
    ],
    ['a credential without a cause', new CredentialUnavailableError('text'), { code: 'CredentialUnavailableError' }],
    [
      'several credentials',
      new AggregateAuthenticationError(
        [new AuthenticationError(403, { error: 'x', error_description: 'text' })],
        'text',
      ),
      { status: 403, code: 'AggregateAuthenticationError' },
    ],
    ['a status below the first one', { statusCode: 99 }, {}],
    ['the first status', { statusCode: 100 }, { status: 100 }],
    ['a status that is none beside a code', { statusCode: '503', code: 'ECONNRESET' }, { code: 'ECONNRESET' }],
    ['the last status', { statusCode: 599 }, { status: 599 }],
    ['a status beyond the last one', { statusCode: 600 }, {}],
    ['a mistake in our own code', new TypeError('text'), {}],
    ['several addresses of which none was tried', new AggregateError([], 'text'), {}],
    ['an error whose parts are no list', { code: 'X', errors: 'text' }, { code: 'X' }],
    [
      'an error whose status only its answer has',
      { response: { status: 503, headers: createHttpHeaders({ 'x-ms-request-id': 'r-2' }) } },
      { status: 503, requestId: 'r-2' },
    ],
    [
      "Key Vault's error without an inner code",
      Object.assign(restError(403, 'REQUEST_SEND_ERROR'), { details: { error: { code: 'Forbidden' } } }),
      { status: 403, code: 'Forbidden' },
    ],
    ['an error with seven around it', causedBy(nodeError, 7), { code: 'ECONNREFUSED' }],
    ['an error with eight around it, for a chain may be endless', causedBy(nodeError, 8), {}],
  ])('%s', (_name, error, expected) => {
    expect(traceOf('vault', error)).toStrictEqual({ service: 'vault', ...expected });
  });
});

describe('the trace of a response', () => {
  it.each<[string, string | null, string | undefined, object]>([
    ['all that it may hold', 'westus:8c1e-1', 'Conflict', { requestId: 'westus:8c1e-1', code: 'Conflict' }],
    ['nothing but a status', null, undefined, {}],
    ['no code with spaces', null, 'not a code', {}],
    ['no code of 65 characters', null, 'x'.repeat(65), {}],
    ['no request id with spaces', 'a b', undefined, {}],
    ['a code of 64 characters', null, 'x'.repeat(64), { code: 'x'.repeat(64) }],
    ['a request id of 128 characters', 'x'.repeat(128), undefined, { requestId: 'x'.repeat(128) }],
    ['no request id of 129 characters', 'x'.repeat(129), undefined, {}],
  ])('holds %s', (_name, requestId, code, expected) => {
    const headers = new Headers(requestId === null ? {} : { 'x-ms-request-id': requestId });
    expect(traceOfResponse('arm', { status: 409, headers }, code)).toStrictEqual({
      service: 'arm',
      status: 409,
      ...expected,
    });
  });
});
