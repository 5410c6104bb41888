import { expect, it } from 'vitest';
import { INSTRUMENTS } from '../../../src/vending/ports/telemetry.ts';

it('dashboards and alerts know every instrument by its name, kind and unit', () => {
  const known = Object.entries(INSTRUMENTS).map(([name, { kind, unit }]) => `${name} ${kind} ${unit}`);
  expect(known).toMatchInlineSnapshot(`
    [
      "vending.outcomes counter {request}",
      "vending.mint.duration histogram s",
      "vending.store.duration histogram s",
      "vending.throttled counter {answer}",
      "vending.open_credentials gauge {credential}",
      "vending.oldest_due gauge s",
    ]
  `);
});
