import { describe, expect, it } from 'vitest';
import { parseKeyAnswer } from '../../../src/azure/arm/answer.ts';
import { keyRecordSchema } from '../../../src/vending/model/resources.ts';
import { EXAMPLE_KEY, exampleAnswer, SECRET } from './fixtures.ts';

/** Takes six characters in JSON. */
const ESCAPED = '\u0001';

const answerWith = (spec: object, metadata: object = {}): string =>
  JSON.stringify({
    id: EXAMPLE_KEY.id,
    kind: 'ApiKey',
    properties: { metadata: { ...EXAMPLE_KEY.metadata, ...metadata }, spec: { ...EXAMPLE_KEY.spec, ...spec } },
  });

const keyIn = (body: string) => keyRecordSchema.parse(parseKeyAnswer(body)?.key);

const allTexts = (text: string, description: string): string => {
  const principal = { id: text, kind: text, related: text, resourceName: text };
  return JSON.stringify({
    id: 'A'.repeat(64),
    kind: text,
    properties: {
      metadata: {
        createdTimestamp: text,
        updatedTimestamp: text,
        deletedTimestamp: text,
        resourceName: text,
        self: text,
      },
      spec: {
        name: text,
        description,
        owner: principal,
        resource: { ...principal, environment: text },
        secret: SECRET,
      },
    },
  });
};

describe('a key record', () => {
  it('is the published one without its secret', () => {
    expect(keyIn(JSON.stringify(exampleAnswer()))).toEqual(EXAMPLE_KEY);
  });

  it('keeps texts of 256 characters and drops longer ones, of the description those over 512', () => {
    expect(keyIn(answerWith({ name: 'n'.repeat(256), description: 'd'.repeat(512) })).spec).toMatchObject({
      name: 'n'.repeat(256),
      description: 'd'.repeat(512),
    });
    const { name: _name, description: _description, ...rest } = EXAMPLE_KEY.spec;
    expect(keyIn(answerWith({ name: 'n'.repeat(257), description: 'd'.repeat(513) })).spec).toStrictEqual(rest);
  });

  it('counts UTF-16 code units', () => {
    expect(keyIn(answerWith({ name: '😀'.repeat(128) })).spec.name).toHaveLength(256);
    expect(keyIn(answerWith({ name: '😀'.repeat(129) })).spec.name).toBeUndefined();
  });

  it('keeps what names the key, its owner and its attempt when the whole would be too long', () => {
    const long = 'x'.repeat(256);
    const description = `${'d'.repeat(465)} vend:abcdefghijklmnopqrstuvwxyz.1.abcdef`;
    expect(keyIn(allTexts(long, description))).toStrictEqual({
      id: 'A'.repeat(64),
      metadata: { createdTimestamp: long },
      spec: { description, owner: { id: long } },
    });
  });

  it('is kept as a whole up to 4,000 characters of JSON', () => {
    const withDescription = (length: number) => keyIn(allTexts('x'.repeat(200), 'd'.repeat(length)));
    const left = 4_000 - JSON.stringify(withDescription(0)).length;
    expect(JSON.stringify(withDescription(left))).toHaveLength(4_000);
    expect(withDescription(left + 1)).toStrictEqual({
      id: 'A'.repeat(64),
      metadata: { createdTimestamp: 'x'.repeat(200) },
      spec: { description: 'd'.repeat(left + 1), owner: { id: 'x'.repeat(200) } },
    });
  });

  it('never exceeds 4,000 characters of JSON, whatever the answer holds', () => {
    const long = ESCAPED.repeat(256);
    const key = keyIn(allTexts(long, ESCAPED.repeat(512)));
    expect(key).toStrictEqual({
      id: 'A'.repeat(64),
      metadata: { createdTimestamp: long },
      spec: { owner: { id: long } },
    });
    expect(JSON.stringify(key).length).toBeLessThanOrEqual(4_000);
  });

  it('keeps its secret when it is reduced', () => {
    expect(parseKeyAnswer(allTexts('x'.repeat(256), 'd'))?.secret?.reveal()).toBe(SECRET);
  });
});
