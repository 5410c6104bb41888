import { expect, it } from 'vitest';
import { measureAzureCli } from './azure-cli.ts';

it('is skipped where there is none', async () => {
  expect(await measureAzureCli(2, { file: 'no-such-azure-cli', args: [] })).toEqual({ kind: 'absent' });
});

it('measures as many starts as it is told', async () => {
  const measured = await measureAzureCli(2, { file: process.execPath, args: ['--version'] });
  expect(measured).toMatchObject({ kind: 'measured', startMs: { n: 2, min: expect.any(Number) } });
});

it('tells when it is there and does not work', async () => {
  await expect(measureAzureCli(2, { file: process.execPath, args: ['--no-such-option'] })).rejects.toThrow();
});
