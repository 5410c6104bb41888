import type { Intent } from '../intent.ts';
import type { Caller } from '../ports/callers.ts';

/** By what right somebody acts on a request that exists: as its caller, as an operator, or as this service itself. */
export type Authority =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'operator' }
  | { readonly kind: 'service' };

/** To anybody else the request does not exist. */
export const mayActOn = (authority: Authority, intent: Pick<Intent, 'caller'>): boolean =>
  authority.kind !== 'caller' || authority.caller.id === intent.caller;

export const authorityOf = (caller: Caller, operatorRole: string): Authority =>
  caller.roles.includes(operatorRole) ? { kind: 'operator' } : { kind: 'caller', caller };
