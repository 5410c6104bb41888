import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { WORLD } from '../../src/sandbox/azure/world.ts';
import { EXAMPLE, Rig } from '../e2e/harness.ts';

// No package brings the published schema of workflow definitions. This is its part that the samples use.
const expression = z.string();
const action = z.strictObject({
  type: z.enum(['Compose', 'ApiConnection', 'Response', 'Switch', 'Terminate']),
  kind: z.literal('Http').optional(),
  description: z.string().optional(),
  inputs: z.unknown().optional(),
  expression: expression.optional(),
  get cases() {
    return z.record(z.string(), z.strictObject({ case: z.string(), actions })).optional();
  },
  get default() {
    return z.strictObject({ actions }).optional();
  },
  runAfter: z.record(z.string(), z.array(z.enum(['Succeeded', 'Failed', 'Skipped', 'TimedOut']))).optional(),
});
const actions = z.record(z.string(), action);
const workflow = z.strictObject({
  $schema: z.string().regex(/2016-06-01\/workflowdefinition\.json#$/),
  contentVersion: z.literal('1.0.0.0'),
  parameters: z.record(z.string(), z.strictObject({ type: z.enum(['Object', 'String']), defaultValue: z.unknown() })),
  triggers: z.record(z.string(), z.looseObject({ type: z.enum(['Request', 'ApiConnection']), inputs: z.unknown() })),
  actions,
  outputs: z.strictObject({}),
});
/** The message of the connector's operations. */
const sent = z.object({
  method: z.literal('post'),
  path: z.string(),
  body: z.strictObject({
    ContentData: z.literal("@{base64(string(outputs('request')))}"),
    ContentType: z.string(),
    MessageId: z.string(),
    ReplyTo: z.string(),
  }),
});

const terminated = z.object({ runStatus: z.literal('Failed'), runError: z.record(z.string(), expression) });

const read = (name: string) =>
  workflow.parse(JSON.parse(readFileSync(join(import.meta.dirname, 'logic-app', name), 'utf8')));
const request = read('request.json');
const reply = read('reply.json');

/** Evaluates the expressions that the samples use, as the engine does. */
function evaluated(value: unknown, scope: Readonly<Record<string, unknown>>): unknown {
  if (typeof value !== 'string') return value;
  const found = /^@\{?(\w+\([^)]*\)(?:\.run\.name)?)((?:\??\['\w+'\])*)\}?$/.exec(value);
  if (found === null) return value;
  const [, call = '', path = ''] = found;
  if (!(call in scope)) throw new Error(`${value} is not known here.`);
  return [...path.matchAll(/'(\w+)'/g)].reduce(
    (node, [, name = '']) => (node as Record<string, unknown> | undefined)?.[name],
    scope[call],
  );
}

const all = (inputs: unknown, scope: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(inputs as object).map(([name, value]) => [name, evaluated(value, scope)]));

let rig: Rig;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.close());

/** Sends what the first workflow would send for an order. @returns what the second one reads */
async function ordered(order: string, run: string, change: object = {}): Promise<Record<string, unknown>> {
  const scope = {
    'triggerBody()': { order, ...EXAMPLE, ...change },
    'workflow().run.name': run,
    "parameters('replyQueue')": request.parameters.replyQueue?.defaultValue,
  };
  const { body } = sent.parse(request.actions.send?.inputs);
  const { ContentData: _, ...properties } = all(body, scope);
  rig.sandbox.azure.broker.enqueue(WORLD.queues.request, {
    body: all(request.actions.request?.inputs, scope),
    contentType: String(properties.ContentType),
    messageId: String(properties.MessageId),
    replyTo: String(properties.ReplyTo),
  });
  const answer = await rig.replyTo(run, WORLD.queues.reply);
  return {
    'triggerBody()': { Label: answer.subject, CorrelationId: answer.correlationId },
    "outputs('body')": answer.body,
  };
}

describe('the workflows of Logic Apps', () => {
  it.each([request, reply])('run their actions after actions that exist', ({ actions: own }) => {
    const named = Object.values(own).flatMap(({ runAfter = {} }) => Object.keys(runAfter));
    expect(Object.keys(own)).toEqual(expect.arrayContaining(named));
  });

  it('send to the queue of requests and read the queue that they ask to be answered on', () => {
    expect(request.parameters.requestQueue?.defaultValue).toBe(WORLD.queues.request);
    expect(request.parameters.replyQueue).toEqual(reply.parameters.replyQueue);
    expect(sent.parse(request.actions.send?.inputs).path).toContain("parameters('requestQueue')");
  });

  it('end with the reference, and a second run for the same order makes no second key', async () => {
    const { outcome } = reply.actions;
    const first = await ordered('order-1', 'run-1');
    const again = await ordered('order-1', 'run-2');
    expect(evaluated(outcome?.expression, first)).toBe(outcome?.cases?.done?.case);
    const inputs = outcome?.cases?.done?.actions.reference?.inputs;
    const result = all(inputs, first);
    expect(result).toEqual({
      request: 'run-1',
      credential: expect.stringMatching(/^[a-z2-7]{26}$/),
      apiKey: rig.keys()[0]?.id,
      keyVaultReference: expect.stringContaining(`-${result.credential}/)`),
    });
    expect(all(inputs, again)).toEqual({ ...result, request: 'run-2' });
    expect(rig.keys()).toHaveLength(1);
  });

  it('end as failed, with the problem and its text, where the request is refused', async () => {
    const refused = await ordered('order-2', 'run-3', { environmentId: 'env-other' });
    const { runError } = terminated.parse(reply.actions.outcome?.default?.actions.failed?.inputs);
    expect(all(runError, refused)).toEqual({ code: 'forbidden', message: expect.stringContaining('policy') });
  });
});
