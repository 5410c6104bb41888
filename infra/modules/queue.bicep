metadata description = 'One queue, and who may receive from it and send to it.'

@description('An existing namespace of this resource group.')
param namespaceName string

@description('Name of the queue.')
@minLength(1)
@maxLength(260)
param name string

@description('How long a repeated message id is swallowed.')
param duplicatesFor string

@description('The function receives from it.')
param received bool

@description('The function sends to it.')
param sent bool

@description('Resource id of the function\'s identity. Names of role assignments come from it, so what-if can predict them.')
param identityId string

@description('Object id of the function\'s identity.')
param principalId string

var serviceBusDataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: namespaceName
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = {
  parent: namespace
  name: name
  properties: {
    // Longer than LEASE_SECONDS: a message whose worker died comes back when nobody holds its lease any more.
    lockDuration: 'PT3M'
    maxDeliveryCount: 10
    requiresDuplicateDetection: true
    duplicateDetectionHistoryTimeWindow: duplicatesFor
    defaultMessageTimeToLive: 'P14D'
    deadLetteringOnMessageExpiration: true
  }
}

resource receiver 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (received) {
  name: guid(queue.id, identityId, serviceBusDataReceiver)
  scope: queue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataReceiver)
  }
}

resource sender 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (sent) {
  name: guid(queue.id, identityId, serviceBusDataSender)
  scope: queue
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSender)
  }
}
