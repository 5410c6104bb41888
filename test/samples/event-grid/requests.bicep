metadata description = 'Delivers the key requests of your own Event Grid topic to the function. Deploy it in the resource group of the topic.'

@description('Your custom topic. Its schema is CloudEvents 1.0.')
param topicName string

@description('Webhook of the function, such as https://FUNCTION.azurewebsites.net/api/v1/events. A gateway may want its key in it.')
@secure()
param webhookUrl string

@description('Application id URI of the function. Event Grid fetches its token for it.')
param audience string

@description('Tenant of the function.')
param tenantId string = tenant().tenantId

@description('Storage account for events that the function refuses, of this resource group.')
param storageName string

@description('Blob container there.')
param deadLetterContainer string = 'event-dead-letters'

resource topic 'Microsoft.EventGrid/topics@2025-02-15' existing = {
  name: topicName
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: storageName
}

resource requests 'Microsoft.EventGrid/topics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'key-requests'
  properties: {
    eventDeliverySchema: 'CloudEventSchemaV1_0'
    filter: {
      includedEventTypes: [
        'com.contoso.apikey.requested.v1'
        'com.contoso.apikey.rotate.requested.v1'
        'com.contoso.apikey.end-overlap.requested.v1'
        'com.contoso.apikey.revoke.requested.v1'
      ]
    }
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: webhookUrl
        azureActiveDirectoryTenantId: tenantId
        azureActiveDirectoryApplicationIdOrUri: audience
        maxEventsPerBatch: 10
        preferredBatchSizeInKilobytes: 64
      }
    }
    // Event Grid drops what is answered 400, 401, 403 or 413.
    deadLetterDestination: {
      endpointType: 'StorageBlob'
      properties: {
        resourceId: account.id
        blobContainerName: deadLetterContainer
      }
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
  }
}
