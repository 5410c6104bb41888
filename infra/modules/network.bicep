metadata description = 'The network in which vault, bus and storage have their only addresses, and a subnet for the function.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Part of every name.')
param baseName string

@description('Address space: a /24 at least.')
param addressPrefix string

@description('Resource id of the vault.')
param vaultId string

@description('Resource id of the Service Bus namespace.')
param busId string

@description('Resource id of the storage account.')
param storageId string

var storageSuffix = environment().suffixes.storage
var endpoints = [
  { name: 'vault', target: vaultId, group: 'vault', zone: 'privatelink.vaultcore.azure.net' }
  { name: 'bus', target: busId, group: 'namespace', zone: 'privatelink.servicebus.windows.net' }
  { name: 'blob', target: storageId, group: 'blob', zone: 'privatelink.blob.${storageSuffix}' }
  { name: 'queue', target: storageId, group: 'queue', zone: 'privatelink.queue.${storageSuffix}' }
  { name: 'table', target: storageId, group: 'table', zone: 'privatelink.table.${storageSuffix}' }
]

resource network 'Microsoft.Network/virtualNetworks@2026-01-01' = {
  name: '${baseName}-net'
  location: location
  tags: tags
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'function'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 26, 0)
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: { addressPrefix: cidrSubnet(addressPrefix, 27, 2) }
      }
    ]
  }
}

module privateEndpoints 'private-endpoint.bicep' = [
  for endpoint in endpoints: {
    name: 'private-${endpoint.name}'
    params: {
      location: location
      tags: tags
      name: '${baseName}-${endpoint.name}'
      targetId: endpoint.target
      group: endpoint.group
      zoneName: endpoint.zone
      networkId: network.id
      subnetId: network.properties.subnets[1].id
    }
  }
]

@description('Subnet for the function app.')
output integrationSubnetId string = network.properties.subnets[0].id
