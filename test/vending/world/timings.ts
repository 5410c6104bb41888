import { settingsSchema } from '../../../src/settings.ts';
import { DAY_MS, type Timings } from '../../../src/vending/model/timings.ts';

const { shape } = settingsSchema;

/** Of a deployment that sets none of them. */
export const DEFAULT_TIMINGS: Timings = {
  leaseMs: shape.LEASE_SECONDS.parse(undefined),
  settleMs: shape.SETTLE_SECONDS.parse(undefined),
  mintDeadlineMs: shape.MINT_DEADLINE_SECONDS.parse(undefined),
  storeDeadlineMs: shape.STORE_DEADLINE_SECONDS.parse(undefined),
  marginMs: shape.LEASE_MARGIN_SECONDS.parse(undefined),
  retentionMs: shape.FAILURE_RETENTION_DAYS.parse(undefined) * DAY_MS,
};
