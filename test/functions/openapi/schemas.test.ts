import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { closedSchema, openSchema } from '../../../src/functions/openapi/schemas.ts';

const either = (a: z.ZodType, b: z.ZodType): z.ZodType =>
  z.union([z.strictObject({ field: a }), z.strictObject({ field: b }).meta({ description: 'The second.' })]);

describe('one schema in the place of several', () => {
  it('is refused where they give one field different types: generated clients would fail at one of them', () => {
    expect(() => openSchema(either(z.string(), z.number()))).toThrow(
      'A field is string in one alternative and number in another.',
    );
  });

  it('keeps what only one of them says', () => {
    expect(openSchema(either(z.string(), z.string()))).toMatchObject({ description: 'The second.' });
  });

  it('keeps the pattern of a field that has no list of values', () => {
    const text = z.string().regex(/^x/);
    const schema = closedSchema(either(text.meta({ title: 'a' }), text.meta({ title: 'b' })));
    expect(schema.properties?.field).toEqual({ type: 'string', pattern: '^x', title: 'a' });
  });

  it('has the values of a field that all of them list', () => {
    expect(closedSchema(either(z.literal('a'), z.enum(['b', 'c']))).properties?.field).toEqual({
      type: 'string',
      examples: ['a', 'b', 'c'],
      pattern: '^(?:a|b|c)$',
    });
  });
});
