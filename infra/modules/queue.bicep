metadata description = 'One queue, and who may receive from it and send to it.'

@description('An existing namespace of this resource group.')
param namespaceName string

@description('Name of the queue.')
@minLength(1)
@maxLength(260)
param name string

@description('How long a repeated message id is swallowed.')
param duplicatesFor string

@description('Object ids of identities that receive.')
param receiverPrincipalIds string[]

@description('Object ids of identities that send.')
param senderPrincipalIds string[]

var serviceBusDataReceiver = '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'

resource namespace 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: namespaceName
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = {
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

resource receivers 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in receiverPrincipalIds: {
    name: guid(queue.id, principalId, serviceBusDataReceiver)
    scope: queue
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataReceiver)
    }
  }
]

resource senders 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for principalId in senderPrincipalIds: {
    name: guid(queue.id, principalId, serviceBusDataSender)
    scope: queue
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSender)
    }
  }
]
