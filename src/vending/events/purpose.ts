import type { Operation } from '../request/operation.ts';

export type OperationName = Operation['operation'];

/** The purpose of an event, by its type. */
export type Purpose =
  | { readonly kind: 'command'; readonly operation: OperationName }
  /** A secret nears its end, or has expired. Both mean: look at it now. */
  | { readonly kind: 'key-vault' }
  | { readonly kind: 'subscription-validation' }
  | { readonly kind: 'other' };

const OPERATIONS: readonly (readonly [RegExp, OperationName])[] = [
  [/(?:^|\.)apikey\.requested\.v1$/, 'vend'],
  [/(?:^|\.)apikey\.revoke\.requested\.v1$/, 'revoke'],
  [/(?:^|\.)apikey\.rotate\.requested\.v1$/, 'rotate'],
  [/(?:^|\.)apikey\.end-overlap\.requested\.v1$/, 'end-overlap'],
];

/** For an error that says which types there are. */
export const COMMAND_TYPES = 'apikey[.revoke|.rotate|.end-overlap].requested.v1';

/** @param type of a CloudEvent, or `eventType` of Event Grid. */
export function purposeOf(type: string): Purpose {
  switch (type) {
    case 'Microsoft.KeyVault.SecretNearExpiry':
    case 'Microsoft.KeyVault.SecretExpired':
      return { kind: 'key-vault' };
    case 'Microsoft.EventGrid.SubscriptionValidationEvent':
      return { kind: 'subscription-validation' };
  }
  const operation = OPERATIONS.find(([pattern]) => pattern.test(type))?.[1];
  return operation === undefined ? { kind: 'other' } : { kind: 'command', operation };
}
