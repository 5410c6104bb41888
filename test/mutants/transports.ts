import { type Mutant, mutantsOf } from './mutant.ts';

const http = mutantsOf('src/functions/http');
const queue = mutantsOf('src/functions/queue');
const tables = mutantsOf('src/sandbox/tables');

/** The contract over HTTP and over the queues. */
export const TRANSPORT_MUTANTS: readonly Mutant[] = [
  http(
    'query parameters that nobody reads',
    'const parsed = parameters.safeParse(Object.fromEntries(entries));',
    'const parsed = parameters.strip().safeParse(Object.fromEntries(entries)) as ReturnType<typeof parameters.safeParse>;',
  ),
  http(
    'several lines of an idempotency key',
    "if (header.includes(',')) return refuse('invalid-request', SEVERAL);",
    '',
  ),
  http(
    'a body that got lost in chunks',
    'if (bytes.byteLength === 0) return isBodyLost(request) ? chunkedBody : missing;',
    'if (bytes.byteLength === 0) return missing;',
  ),
  http(
    'the pause of a recovery',
    "if (settings.mode !== 'paused') return { kind: 'problem', problem: NOT_PAUSED };",
    '',
  ),
  http('the wait of a recovery', 'if (left <= 0) return undefined;', 'if (left !== undefined) return undefined;'),
  http('the body of a DELETE', 'if (refusal !== undefined) return problemResponse(refusal, id);', ''),
  http(
    'the trial of a rotation',
    '        overlapMs: overlapMsOf(terms),\n        validateOnly,\n',
    "        overlapMs: overlapMsOf(terms),\n        validateOnly: validateOnly && id === '',\n",
  ),
  http(
    'telling a revocation that goes on from one that is done',
    'return jsonResponse(202, answerOf(outcome.credential)',
    'return jsonResponse(200, answerOf(outcome.credential)',
  ),
  http('the mark of a replay', "'Idempotency-Replayed': 'true'", "'Idempotency-Replayed': 'false'"),
  http(
    'a Location that survives the prefix of a gateway',
    'return depth === 0 ?',
    "return depth === 0 ? '/api/v1/credentials/'.concat(id) : depth === -1 ?",
  ),
  http(
    'the role of operators',
    'asked.caller.roles.includes(operatorRole)\n',
    'asked.caller.roles.includes(operatorRole) || asked.http !== undefined\n',
  ),
  http(
    'the right to deliver events',
    'if (!isSender && !caller.roles.includes(operatorRole) && !namesCaller(policy, caller))',
    'if (!isSender && caller.roles.includes(operatorRole))',
  ),
  queue(
    'an invocation that did not come from the bus',
    'if (isAbsent(triggerMetadata.lockToken) || isAbsent(triggerMetadata.sequenceNumber)) return undefined;',
    '',
  ),
  queue(
    'the body among what names a message',
    'hashOf(queue, sequenceNumber, enqueuedTime, messageId, digestOf(body))',
    'hashOf(queue, sequenceNumber, enqueuedTime, messageId)',
  ),
  queue(
    'the time to live of a message',
    'executeOperation(isExpired ? paused(services) : services, work, envelope);',
    'executeOperation(services, work, envelope);',
  ),
  queue(
    'the answer to a message that expired',
    "const isOver = isExpired && retry !== undefined && retry.after !== 'failure';",
    'const isOver = false;',
  ),
  queue('the doubt about a key of a message that expired', " && retry.after !== 'failure';", ';'),
  queue(
    'a pause that uses up no attempt',
    "if (type === 'paused') return { after: 'pause',",
    "if (type === 'paused') return { after: 'failure',",
  ),
  queue(
    'throttling that uses up no attempt',
    "if (type === 'upstream-throttled') return { after: 'throttling', waitMs };",
    '',
  ),
  queue('the spread of throttled messages', 'retryAfterMs + Math.round(share *', 'retryAfterMs + Math.round(0 *'),
  queue('the refusal of a body that is not bytes', 'if (!(body instanceof Uint8Array)) return undefined;', ''),
  queue(
    'allowed reply queues',
    'return [resultQueue, ...replyQueues].find((allowed) => allowed.toLowerCase() === queue.toLowerCase());',
    'return [resultQueue, ...replyQueues].find((allowed) => allowed.toLowerCase() === queue.toLowerCase()) ?? queue;',
  ),
  queue(
    'two ids for the answers to one message',
    "wasServed(outcome) ? 'served' : 'failed'",
    "wasServed(outcome) ? 'served' : 'served'",
  ),
  queue(
    'one retry message for all deliveries of a message',
    'hashOf(caller, reference).slice(0, 40)',
    'hashOf(caller, reference, String(Math.random())).slice(0, 40)',
  ),
  queue('abandoning a message whose answer was not sent', "throw new Error('A message was not sent.');", ''),
  queue('one idempotency key for each rotation that is due', 'const name = ', 'const name = notBefore.getTime() + '),
  queue(
    'the sender of a message as its caller',
    '  const { queue } = message;\n',
    '  const queue = message.queue.slice(0, 1);\n',
  ),
  queue(
    'the source of an event in the id of its message',
    'hashOf(event.source, event.id, JSON',
    'hashOf(event.id, JSON',
  ),
  queue('the data of an event in the id of its message', 'JSON.stringify(writeEvent(event)), minute', 'minute'),
  queue('the source of an event in what its answers carry', 'hashOf(source, id)', "hashOf(id, source === '' ? 1 : 0)"),
  tables('refusing a bare plus sign in a query', "if (rawQuery.includes('+')) return INVALID_INPUT;", ''),
];
