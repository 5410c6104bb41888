import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { buildOpenApiDocument } from '../../../src/functions/openapi/document.ts';

/** Generated clients follow every word of it, so a change of the contract has to show in review. Update it with `-u`. */
it('the document of the API is the one that was agreed', async () => {
  const document = JSON.parse(JSON.stringify(buildOpenApiDocument()));
  const text = inspect(document, {
    depth: null,
    breakLength: 140,
    compact: 4,
    maxArrayLength: null,
    maxStringLength: null,
  });
  await expect(`${text}\n`).toMatchFileSnapshot('contract.txt');
});
