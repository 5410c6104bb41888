import { type Mutant, mutantsOf } from './mutant.ts';

const ledger = mutantsOf('src/azure/ledger');
const arm = mutantsOf('src/azure/arm');
const vault = mutantsOf('src/azure/vault');
const entra = mutantsOf('src/azure/entra');
const bus = mutantsOf('src/azure/servicebus');

/** The adapters believe only proofs, and send once what must not take effect twice. */
export const ADAPTER_MUTANTS: readonly Mutant[] = [
  ledger(
    'the condition of a replacement',
    "['update', { ...entity }, 'Replace', { etag: credential.etag }];",
    "['update', { ...entity }, 'Replace', { etag: '*' }];",
  ),
  ledger(
    'the credential first, so that a stale one is reported',
    "    yield writing('credential', action);\n  }\n  for (const row of insert) yield writing(row.kind, ['create', { ...entityOf(row) }]);",
    "    for (const row of insert) yield writing(row.kind, ['create', { ...entityOf(row) }]);\n    yield writing('credential', action);\n  } else for (const row of insert) yield writing(row.kind, ['create', { ...entityOf(row) }]);",
  ),
  ledger(
    'a row that is gone where a commit removes it',
    "if (failed?.does !== 'remove' || !isRowMissing(upstream)) return unreachable(upstream);",
    'if (failed !== undefined || upstream !== undefined) return unreachable(upstream);',
  ),
  ledger(
    'one proven answer for each operation of a transaction',
    'if (!isProven) throw unexpectedAnswer(status);',
    'void isProven;',
  ),
  ledger(
    'an ETag for the credential that was written',
    "if (etag === undefined || etag === '') throw unexpectedAnswer(status);\n  return etag;",
    "return etag ?? '';",
  ),
  ledger(
    "the ETag of a credential's removal",
    "client.deleteEntity(PARTITION, rowKey('credential', id), { etag, abortSignal }),",
    "client.deleteEntity(PARTITION, rowKey('credential', id), { etag: etag && '*', abortSignal }),",
  ),
  ledger('the place of a row that failed beyond the tenth', '.regex(/^\\d+:/)', '.regex(/^\\d:/)'),
  ledger(
    'retries that are deployed',
    '  retryOptions: retries,',
    '  retryOptions: retries === RETRIES ? { maxRetries: 0 } : retries,',
  ),
  ledger('the code beside a 404', 'status === 404 && NO_ROW.has(code);', 'status === 404 || NO_ROW.has(code);'),
  ledger(
    'the code beside a 409',
    "status === 409 && code === 'EntityAlreadyExists';",
    "status === 409 || code === 'EntityAlreadyExists';",
  ),
  ledger(
    'a success that is not of the table service',
    'if (status === 200 && !schema.safeParse(parsedBody).success) throw unexpectedAnswer(status);',
    'void [status, parsedBody, schema];',
  ),
  ledger(
    "a row's own key in its value",
    'return data !== undefined && hasKey(kind, data, key) ? data : undefined;',
    'return data !== undefined && (hasKey(kind, data, key) || key !== "") ? data : undefined;',
  ),
  ledger(
    'the rows below a date',
    'const high = before === undefined ? end : earlier(end, rowKey(kind, before));',
    'const high = before === undefined ? end : later(end, rowKey(kind, before));',
  ),
  ...['EPIPE', 'ETIMEDOUT', 'ECONNRESET'].map((code) =>
    arm(
      `the doubt about a POST that ended with ${code}`,
      "    case 'sent':\n      return { kind: 'broken'",
      `    case 'sent':\n      if (traceOf('arm', error).code === '${code}') return { kind: 'not-sent', upstream: traceOf('arm', error) };\n      return { kind: 'broken'`,
    ),
  ),
  arm(
    'one POST at most',
    "if (this.#stage === 'sent') throw",
    "if (this.#stage === 'sent' && this.#client === undefined) throw",
  ),
  arm(
    'the deadline before a POST is handed over',
    'if (request.abortSignal?.aborted) throw',
    'if (request.abortSignal?.aborted === undefined) throw',
  ),
  arm('the two statuses with which a key is minted', '    case 201:\n', '    case 201:\n    case 202:\n'),
  arm(
    'knowing a proven refusal from an answer that proves nothing',
    "isRefusedByGateway(answer) ? 'upstream-refused' : undefined",
    "answer.status >= 400 && answer.status < 500 ? 'upstream-refused' : undefined",
  ),
  arm('knowing a refusal of the gateway', "(isRefusedByGateway(answer) ? 'upstream-refused' : undefined)", 'undefined'),
  arm(
    'a DELETE that was only accepted',
    "    case 200:\n      return 'deleted';",
    "    case 200:\n    case 202:\n      return 'deleted';",
  ),
  arm(
    'knowing a DELETE that found nothing from one that deleted',
    "    case 204:\n      return 'absent';",
    "    case 204:\n      return 'deleted';",
  ),
  arm(
    'knowing a 404 for the key from one of the gateway',
    "return isRefusedByGateway(answer) || NOT_THE_KEY.has(traceOfAnswer(answer).code) ? 'unclear' : 'absent';",
    "return NOT_THE_KEY.has(traceOfAnswer(answer).code) ? 'unclear' : 'absent';",
  ),
  arm(
    'knowing a 404 for the key from one for what is above it',
    "return isRefusedByGateway(answer) || NOT_THE_KEY.has(traceOfAnswer(answer).code) ? 'unclear' : 'absent';",
    "return isRefusedByGateway(answer) ? 'unclear' : 'absent';",
  ),
  ...[
    'undefined',
    "'SubscriptionNotFound'",
    "'ResourceGroupNotFound'",
    "'ParentResourceNotFound'",
    "'InvalidResourceType'",
    "'InvalidResourceNamespace'",
  ].map((code) => arm(`knowing a 404 for the key from one with the code ${code}`, `  ${code},\n`, '')),
  ...[
    'AuthorizationFailed',
    'MissingSubscriptionRegistration',
    'ReadOnlyDisabledSubscription',
    'RequestDisallowedByPolicy',
    'ResourceGroupBeingDeleted',
    'ScopeLocked',
  ].map((code) => arm(`knowing ${code} for an answer of the gateway`, `  '${code}',\n`, '')),
  arm('the parts of a path', 'if (!segments.every(({ name, legal }) => legal.test(name))) return undefined;', ''),
  vault(
    'one PUT at most that may have taken effect',
    'else if (response.status !== 200) throw notRepeated({ response, details: parseJson(response.bodyAsText) });',
    'else if (response.status === 200) parseJson(response.bodyAsText);',
  ),
  vault(
    'one PUT at most after a connection that broke',
    "if (!NOT_SENT.has(traceOf('vault', error).code)) throw notRepeated(error);",
    "if (!NOT_SENT.has(traceOf('vault', error).code)) throw error;",
  ),
  ...[408, 500, 502, 503, 504].map((status) =>
    vault(
      `knowing a ${status} of the vault from a refusal`,
      'new Set([400, 401, 403, 404, 405, 409, 413, 415, 422, 429]);',
      `new Set([400, 401, 403, 404, 405, 409, 413, 415, 422, 429, ${status}]);`,
    ),
  ),
  ...['EPIPE', 'ETIMEDOUT', 'ECONNRESET'].map((code) =>
    vault(
      `the doubt about a PUT that ended with ${code}`,
      "new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED']);",
      `new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', '${code}']);`,
    ),
  ),
  vault(
    'a 403 that is about access to the vault',
    "return ABOUT_ACCESS.has(code) ? 'transient' : 'denied';",
    "return 'denied';",
  ),
  vault(
    'a 404 in the words of the vault',
    "error.statusCode === 404 && error.code === 'SecretNotFound';",
    'error.statusCode === 404;',
  ),
  vault(
    'a name whose versions are all disabled',
    "versions.some(({ enabled }) => enabled) ? 'in-use' : 'free'",
    "versions.length > 0 ? 'in-use' : 'free'",
  ),
  ...['RS384', 'RS512', 'PS256', 'ES256', 'HS256'].map((algorithm) =>
    entra(`refusing tokens with ${algorithm}`, "algorithms: ['RS256'],", `algorithms: ['RS256', '${algorithm}'],`),
  ),
  vault(
    'the order in which versions were stored',
    '(b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0)',
    '(b.updatedOn?.getTime() ?? 0) - (a.updatedOn?.getTime() ?? 0)',
  ),
  vault(
    'the tags of a version that is disabled',
    '{ enabled: false, abortSignal }',
    '{ enabled: false, tags: {}, abortSignal }',
  ),
  vault('retries within the deadline of a request', 'retryDelayInMs: 500,', 'retryDelayInMs: 20_000,'),
  bus('noticing a send that nobody answers', 'timeoutInMs: 10_000, ', ''),
];
