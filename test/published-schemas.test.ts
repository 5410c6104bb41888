import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { EVENT_KINDS, eventJsonSchema } from '../src/vending/events/outgoing-schema.ts';
import { auditJsonSchema } from '../src/vending/model/audit.ts';
import { policyJsonSchema } from '../src/vending/policy/policy-schema.ts';

// UPDATE_SCHEMAS=1 npx vitest run --config test/vitest.config.ts test/published-schemas && npm run format
it.each<[string, () => object]>([
  ['policy.schema.json', policyJsonSchema],
  ['audit.schema.json', auditJsonSchema],
  ...EVENT_KINDS.map((kind): [string, () => object] => [
    `events/apikey.${kind}.v1.schema.json`,
    () => eventJsonSchema(kind),
  ]),
])('infra/%s is what the code goes by', (name, schemaOf) => {
  const published = `${import.meta.dirname}/../infra/${name}`;
  const schema = schemaOf();
  if (process.env.UPDATE_SCHEMAS === '1') writeFileSync(published, `${JSON.stringify(schema, null, 2)}\n`);
  expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(JSON.parse(JSON.stringify(schema)));
});
