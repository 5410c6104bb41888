metadata description = 'The function app, on Flex Consumption.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Name of the app.')
@minLength(2)
@maxLength(60)
param name string

@description('Node.js version.')
@allowed(['22', '24'])
param nodeVersion string

@description('Memory of one instance, in MB.')
param instanceMemoryMB int

@description('Instances at most.')
param maximumInstances int

@description('Resource id of the user-assigned identity.')
param identityId string

@description('Blob container of the package.')
param deploymentContainerUrl string

@description('Subnet to reach private endpoints from; empty: none.')
param subnetId string

@description('Addresses that may call; none named: any.')
param allowedCallers string[]

@description('App settings.')
param settings { *: string }

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: '${name}-plan'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: tags
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    // Without it, references in app settings are read as a system-assigned identity, which there is none of.
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    // No siteUpdateStrategy: a rolling update is a preview, and it leaves instances from before a pause running for up to an hour.
    // A recovery of the ledger relies on their end.
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: { name: 'node', version: nodeVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ipSecurityRestrictionsDefaultAction: empty(allowedCallers) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (range, index) in allowedCallers: {
          name: 'caller-${index}'
          ipAddress: range
          action: 'Allow'
          priority: 100 + index
        }
      ]
      appSettings: [for setting in items(settings): { name: setting.key, value: setting.value }]
    }
  }
}

// No deployment by password: az functionapp deployment uses the deployer's Entra token.
resource scmPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'scm'
  properties: { allow: false }
}

resource ftpPasswords 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: site
  name: 'ftp'
  properties: { allow: false }
}

@description('Name.')
output name string = site.name

@description('Host name.')
output hostName string = site.properties.defaultHostName
