metadata description = 'One vault\'s events about expiring secrets, delivered to the event queue by Event Grid\'s own identity. Optional: they make reviews earlier, and the ledger keeps every date without them.'

@description('Region of the vault.')
param location string

@description('Tags on every resource.')
param tags { *: string } = {}

@description('Name of the system topic. A vault has one at most: if it has one, give its name.')
@minLength(3)
@maxLength(50)
param name string

@description('The vault whose events these are, of this resource group.')
param vaultName string

@description('Subscription of the function.')
param homeSubscriptionId string = subscription().subscriptionId

@description('Resource group of the function.')
param homeResourceGroup string = resourceGroup().name

@description('The Service Bus namespace there.')
param busName string

@description('The queue that only Event Grid may send to.')
param queueName string = 'vend-events'

@description('The storage account there.')
param storageName string

@description('Container for events that could not be delivered.')
param deadLetterContainer string = 'event-dead-letters'

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: busName
  scope: resourceGroup(homeSubscriptionId, homeResourceGroup)
}

resource queue 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' existing = {
  parent: namespace
  name: queueName
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
  scope: resourceGroup(homeSubscriptionId, homeResourceGroup)
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: name
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }
}

module roles 'event-roles.bicep' = {
  name: 'event-roles-${uniqueString(topic.id)}'
  scope: resourceGroup(homeSubscriptionId, homeResourceGroup)
  params: {
    topicId: topic.id
    topicPrincipalId: topic.identity.principalId
    busName: busName
    queueName: queueName
    storageName: storageName
  }
}

resource delivery 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'expiring-secrets'
  dependsOn: [roles]
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: ['Microsoft.KeyVault.SecretNearExpiry', 'Microsoft.KeyVault.SecretExpired']
    }
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'ServiceBusQueue'
        properties: { resourceId: queue.id }
      }
    }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: account.id
          blobContainerName: deadLetterContainer
        }
      }
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}

@description('Resource id of the system topic.')
output topicId string = topic.id
