import { readFile } from 'node:fs/promises';
import { parsePolicy } from '../../src/vending/policy/policy.ts';

const SAMPLE = new URL('../../infra/policy.sample.jsonc', import.meta.url);

/** The sample's rules with the shortest overlap that there is, so that a run sees the old keys go. Who expires is revoked. */
export async function stormPolicy(): Promise<string> {
  const sample = parsePolicy(await readFile(SAMPLE, 'utf8'));
  if (sample.kind === 'invalid') throw new Error(sample.lines.join('\n'));
  const rules = sample.value.rules.map((rule) => ({
    ...rule,
    overlap: 'PT1M',
    allowShortOverlap: true,
    revokeAtExpiry: true,
  }));
  return JSON.stringify({ rules });
}
