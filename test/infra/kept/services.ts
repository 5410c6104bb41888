import type { Kept } from './kept.ts';

/**
 * Vault, ledger and function let in nobody by key, and lose nothing at once. A role keeps the name of its definition: under
 * another one Azure refuses a second role that is called the same.
 */
export const SERVICES: readonly Kept[] = [
  {
    file: 'modules/vault.bicep',
    so: 'a secret that somebody deletes can be brought back for 90 days, by whatever right it was deleted',
    values: `
      vault.properties.enableSoftDelete = true
      vault.properties.softDeleteRetentionInDays = 90
      vault.properties.enablePurgeProtection = true
    `,
  },
  {
    file: 'modules/vault.bicep',
    so: 'roles alone open the vault, and no service of Azure comes past its firewall',
    values: `
      vault.properties.tenantId = tenant().tenantId
      vault.properties.enableRbacAuthorization = true
      vault.properties.publicNetworkAccess = publicAccess ? 'Enabled' : 'Disabled'
      vault.properties.networkAcls.bypass = 'None'
      vault.properties.networkAcls.defaultAction = publicAccess ? 'Allow' : 'Deny'
      vault.properties.sku.name = 'standard'
    `,
  },
  {
    file: 'modules/vault-writer.bicep',
    so: 'the function writes secrets and finds versions, and reads no value',
    values: `
      role.properties.type = 'CustomRole'
      role.properties.assignableScopes = [groupId]
      role.properties.permissions[0].actions = []
      role.properties.permissions[0].notActions = []
      role.properties.permissions[0].dataActions = [ 'Microsoft.KeyVault/vaults/secrets/setSecret/action' 'Microsoft.KeyVault/vaults/secrets/readMetadata/action' 'Microsoft.KeyVault/vaults/secrets/update/action' ]
      role.properties.permissions[0].notDataActions = ['Microsoft.KeyVault/vaults/secrets/getSecret/action']
      role.name = guid(groupId, 'key-vending-secret-writer')
    `,
  },
  {
    file: 'modules/confluent-role.bicep',
    so: 'the function cannot end or change the organization, whatever actions it is given',
    values: `
      role.properties.type = 'CustomRole'
      role.properties.assignableScopes = [groupId]
      role.properties.permissions[0].actions = actions
      role.properties.permissions[0].notActions = [ 'Microsoft.Confluent/organizations/delete' 'Microsoft.Confluent/organizations/write' 'Microsoft.Confluent/organizations/environments/delete' 'Microsoft.Confluent/organizations/environments/clusters/delete' ]
      role.properties.permissions[0].dataActions = []
      role.properties.permissions[0].notDataActions = []
      role.name = guid(groupId, 'key-vending-minter', deploymentId)
    `,
  },
  {
    file: 'modules/storage.bicep',
    so: 'no key, no anonymous reader, no plain text and no other tenant reaches ledger and package',
    values: `
      account.kind = 'StorageV2'
      account.properties.allowSharedKeyAccess = false
      account.properties.allowBlobPublicAccess = false
      account.properties.allowCrossTenantReplication = false
      account.properties.defaultToOAuthAuthentication = true
      account.properties.minimumTlsVersion = 'TLS1_2'
      account.properties.supportsHttpsTrafficOnly = true
      packages.properties.publicAccess = 'None'
      deadLetters.properties.publicAccess = 'None'
    `,
  },
  {
    file: 'modules/storage.bicep',
    so: 'a private account is closed but to Event Grid',
    values: `
      account.properties.publicNetworkAccess = publicAccess ? 'Enabled' : 'Disabled'
      account.properties.networkAcls.bypass = 'AzureServices'
      account.properties.networkAcls.defaultAction = publicAccess ? 'Allow' : 'Deny'
    `,
  },
  {
    file: 'modules/storage.bicep',
    so: 'the function writes rows and cannot delete the table: another one would be empty',
    values: `
      ledger.name = 'apikeyvending'
      ledgerWriter.scope = ledger
      ledgerRole.properties.type = 'CustomRole'
      ledgerRole.properties.assignableScopes = [groupId]
      ledgerRole.properties.permissions[0].actions = []
      ledgerRole.properties.permissions[0].notActions = []
      ledgerRole.properties.permissions[0].dataActions = [ 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read' 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write' 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete' 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action' 'Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action' ]
      ledgerRole.properties.permissions[0].notDataActions = []
      ledgerRole.name = guid(groupId, 'key-vending-ledger-writer')
    `,
  },
  {
    file: 'modules/storage.bicep',
    so: 'blobs have the names that package and Event Grid know, and can be brought back for a week',
    values: `
      blobs.name = 'default'
      tables.name = 'default'
      blobs.properties.deleteRetentionPolicy.enabled = true
      blobs.properties.deleteRetentionPolicy.days = 7
      packages.name = 'packages'
      deadLetterContainer = 'event-dead-letters'
      deadLetters if = (eventGrid)
    `,
  },
  {
    file: 'modules/function.bicep',
    so: 'callers come over TLS 1.2, from where they are allowed, and nobody deploys by password',
    values: `
      site.properties.httpsOnly = true
      site.properties.siteConfig.minTlsVersion = '1.2'
      site.properties.siteConfig.scmMinTlsVersion = '1.2'
      site.properties.siteConfig.ipSecurityRestrictionsDefaultAction = empty(allowedCallers) ? 'Allow' : 'Deny'
      site.properties.siteConfig.ipSecurityRestrictions = [ for (range, index) in allowedCallers: { name: 'caller-\${index}' ipAddress: range action: 'Allow' priority: 100 + index } ]
      scmPasswords.name = 'scm'
      scmPasswords.properties.allow = false
      ftpPasswords.name = 'ftp'
      ftpPasswords.properties.allow = false
    `,
  },
  {
    file: 'modules/function.bicep',
    so: 'the app runs on Flex Consumption, with Node.js, as its one identity',
    values: `
      nodeVersion = - @allowed(['22', '24'])
      plan.kind = 'functionapp'
      plan.sku.name = 'FC1'
      plan.sku.tier = 'FlexConsumption'
      plan.properties.reserved = true
      site.kind = 'functionapp,linux'
      site.identity.type = 'UserAssigned'
      site.properties.keyVaultReferenceIdentity = identityId
      site.properties.virtualNetworkSubnetId = empty(subnetId) ? null : subnetId
      site.properties.functionAppConfig.deployment.storage.type = 'blobContainer'
      site.properties.functionAppConfig.deployment.storage.authentication.type = 'UserAssignedIdentity'
      site.properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId = identityId
      site.properties.functionAppConfig.runtime.name = 'node'
      site.properties.functionAppConfig.runtime.version = nodeVersion
      site.properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB = instanceMemoryMB
      site.properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount = maximumInstances
      site.properties.siteConfig.appSettings = [for setting in items(settings): { name: setting.key, value: setting.value }]
      site.properties.serverFarmId = plan.id
      site.identity.userAssignedIdentities.'\${identityId}' = {}
    `,
  },
];
