import { describe, expect, it } from 'vitest';
import { compileRoute, orderRoutes } from '../../../src/sandbox/host/routes.ts';
import { readTrigger } from '../../../src/sandbox/host/triggers.ts';

const read = (binding: object, settings: Record<string, string> = {}, more: object = {}) =>
  readTrigger({ name: 'fn', bindings: { trigger: { direction: 'in', ...binding }, ...more } }, settings);

const http = { type: 'httpTrigger', authLevel: 'anonymous', methods: ['get'] };
const queue = { type: 'serviceBusTrigger', connection: 'Bus', queueName: 'q' };

describe('readTrigger', () => {
  it('names a route after its function, and methods in upper case', () => {
    expect(read(http)).toEqual({ kind: 'http', binding: 'trigger', route: 'fn', methods: ['GET'] });
  });

  it('resolves app settings in a queue name, and keeps the settlement of the binding', () => {
    expect(read({ ...queue, queueName: '%A%-%B%', autoCompleteMessages: false }, { A: 'in', B: 'box' })).toMatchObject({
      queue: 'in-box',
      autoCompleteMessages: false,
    });
  });

  it.each([
    [{ ...http, authLevel: 'function' }, 'keys are not emulated: authLevel must be "anonymous"'],
    [{ ...queue, isSessionsEnabled: true }, 'isSessionsEnabled is not emulated'],
    [{ ...queue, cardinality: 'many' }, 'cardinality "many" is not emulated'],
    [{ ...queue, dataType: 'stream' }, 'dataType must be "string" or "binary"'],
    [{ ...queue, queueName: undefined, topicName: 't' }, 'only queues are emulated, not topics'],
    [{ type: 'blobTrigger' }, "triggers of type 'blobTrigger' are not emulated."],
  ])('refuses %o', (binding, reason) => {
    expect(() => read(binding)).toThrow(`The 'fn' function is in error: ${reason}`);
  });

  it('refuses settings that are missing and bindings besides the trigger', () => {
    expect(() => read({ ...queue, queueName: '%NONE%' })).toThrow("'%NONE%' does not resolve to a value");
    const output = { out: { type: 'queue', direction: 'out' } };
    expect(() => read(http, {}, output)).toThrow("the out binding 'out' of type 'queue' is not emulated.");
  });
});

describe('routes', () => {
  it('conflict when their templates are equal but for case and they share a method', () => {
    const routes = (method: string) => [
      compileRoute('b', 'x/{id}', ['GET']),
      compileRoute('a', 'X/{ID}', ['POST', method]),
    ];
    expect(() => orderRoutes(routes('GET'))).toThrow(
      "The 'b' function is in error: The route specified conflicts with the route defined by function 'a'.",
    );
    expect(orderRoutes(routes('PUT')).map((route) => route.functionName)).toEqual(['a', 'b']);
  });

  it.each(['x/{id=1}', 'x/{a}.{b}', 'x/{id:nosuch}', 'x//y', 'x/{id:range(1,b)}'])(
    'refuses the template %s',
    (template) => {
      expect(() => compileRoute('fn', template, ['GET'])).toThrow('is not emulated');
    },
  );
});
