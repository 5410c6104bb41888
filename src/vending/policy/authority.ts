import type { Caller } from '../model/caller.ts';
import { isManager, type Policy } from './policy.ts';

/** By what right somebody acts on a credential: as its caller or manager, as an operator, or as this service itself. */
export type Authority =
  | { readonly kind: 'caller'; readonly caller: Caller }
  | { readonly kind: 'operator'; readonly caller: Caller }
  | { readonly kind: 'service' };

interface Owned {
  readonly caller: string;
  readonly grant: { readonly rule: string };
}

/** To everybody else the credential does not exist. */
export const mayActOn = (policy: Policy, authority: Authority, { caller, grant }: Owned): boolean =>
  authority.kind !== 'caller' || authority.caller.id === caller || isManager(policy, grant.rule, authority.caller);

export const authorityOf = (caller: Caller, operatorRole: string): Authority => ({
  kind: caller.roles.includes(operatorRole) ? 'operator' : 'caller',
  caller,
});
