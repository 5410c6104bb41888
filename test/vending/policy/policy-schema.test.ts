import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { policyJsonSchema } from '../../../src/vending/policy/policy-schema.ts';

const published = `${import.meta.dirname}/../../../infra/policy.schema.json`;

// UPDATE_SCHEMAS=1 npx vitest run --config test/vitest.config.ts test/vending/policy && npm run format
it('is published as JSON Schema in infra/policy.schema.json', () => {
  const schema = policyJsonSchema();
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(published, `${JSON.stringify(schema, null, 2)}\n`);
  expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});
