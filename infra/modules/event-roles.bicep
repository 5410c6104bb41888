metadata description = 'Lets the identity of one system topic send to the event queue, and write the events that it could not deliver.'

@description('Resource id of the system topic.')
param topicId string

@description('Object id of its identity.')
param topicPrincipalId string

@description('The Service Bus namespace.')
param busName string

@description('The queue that only Event Grid may send to.')
param queueName string

@description('The storage account.')
param storageName string

var serviceBusDataSender = '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
var storageBlobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: busName
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' existing = {
  parent: namespace
  name: queueName
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource sender 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(queue.id, topicId, serviceBusDataSender)
  scope: queue
  properties: {
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', serviceBusDataSender)
  }
}

// On the account: Event Grid looks for the role there when the subscription is made, and refuses it otherwise.
resource deadLetterWriter 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, topicId, storageBlobDataContributor)
  scope: account
  properties: {
    principalId: topicPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataContributor)
  }
}
