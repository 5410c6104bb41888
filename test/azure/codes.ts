/**
 * Codes of errors that Azure is known to answer with, and that our adapters must not take for one of theirs.
 *
 * https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
 * https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
 * https://learn.microsoft.com/azure/key-vault/general/rest-error-codes
 */
export const KNOWN_CODES: readonly string[] = [
  ...['AccessDenied', 'AccountIsDisabled', 'AnotherOperationInProgress', 'AuthenticationFailed', 'AuthorizationFailed'],
  ...['BadParameter', 'BadRequest', 'CannotPerform', 'Conflict', 'ConflictError', 'DeploymentActive', 'DuplicateName'],
  ...['EntityAlreadyExists', 'EntityNotFound', 'Forbidden', 'ForbiddenByConnection', 'ForbiddenByFirewall'],
  ...['ForbiddenByPolicy', 'ForbiddenByRbac', 'GatewayTimeout', 'InternalError', 'InternalServerError'],
  ...['InvalidAuthenticationToken', 'InvalidParameter', 'InvalidRequestContent', 'InvalidResourceNamespace'],
  ...['InvalidResourceReference', 'InvalidResourceType', 'InvalidSubscriptionId', 'InvalidTemplate', 'KeyNotFound'],
  ...['LinkedAuthorizationFailed', 'LinkedInvalidPropertyId', 'MarketplacePurchaseEligibilityFailed'],
  ...['MissingRegistrationForLocation', 'MissingSubscriptionRegistration', 'NoRegisteredProviderFound', 'NotFound'],
  ...['ObjectIsBeingDeleted', 'ObjectIsBeingRecovered', 'ObjectIsDeletedButRecoverable', 'OperationNotAllowed'],
  ...['OperationTimedOut', 'OutOfRangeInput', 'ParentResourceNotFound', 'PreconditionFailed', 'QuotaExceeded'],
  ...['ReadOnlyDisabledSubscription', 'RequestDisallowedByPolicy', 'RequestTimeout', 'ReservedResourceName'],
  ...['ResourceAlreadyExists', 'ResourceGroupBeingDeleted', 'ResourceGroupNotFound', 'ResourceNotFound'],
  ...['ResourceNotProvisioned', 'ScopeLocked', 'SecretDisabled', 'SecretNotFound', 'ServerBusy', 'ServiceUnavailable'],
  ...['SkuNotAvailable', 'SubscriptionNotFound', 'SubscriptionNotRegistered', 'SubscriptionRequestsThrottled'],
  ...['TableAlreadyExists', 'TableBeingDeleted', 'TableNotFound', 'Throttled', 'TooManyRequests', 'Unauthorized'],
  ...['UpdateConditionNotSatisfied', 'VaultNotFound'],
];
