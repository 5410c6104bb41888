import type { CallerAuthenticator } from '../../vending/ports/callers.ts';
import type { SagaEffects } from '../../vending/saga/ports.ts';
import type { VendSettings } from '../../vending/vend.ts';

/** What the routes on keys work with. */
export interface KeyServices {
  readonly authenticator: CallerAuthenticator;
  readonly effects: SagaEffects;
  readonly settings: VendSettings;
  readonly operatorRole: string;
}
