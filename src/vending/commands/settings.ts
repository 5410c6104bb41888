import type { Policy } from '../policy/policy.ts';
import type { TargetDefaults } from '../request/request.ts';

/** `paused` mints nothing new. Credentials that exist are answered, and open work goes on. */
export type Mode = 'normal' | 'paused';

export interface VendSettings {
  readonly mode: Mode;
  readonly policy: Policy;
  readonly targetDefaults: TargetDefaults;
  readonly defaultVaultUrl: string;
}
