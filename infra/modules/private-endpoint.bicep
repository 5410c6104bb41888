metadata description = 'One service\'s address in the network, and the DNS zone in which its public name leads there.'

@description('Region.')
param location string

@description('Tags on every resource.')
param tags { *: string }

@description('Name of the endpoint.')
@minLength(2)
@maxLength(64)
param name string

@description('Resource id of the service.')
param targetId string

@description('Which of the service\'s addresses: vault, namespace, blob, queue or table.')
param group string

@description('The private DNS zone of that kind of service.')
param zoneName string

@description('Resource id of the virtual network.')
param networkId string

@description('Resource id of the subnet for endpoints.')
param subnetId string

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'
  tags: tags
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: name
  location: 'global'
  properties: {
    registrationEnabled: false
    virtualNetwork: { id: networkId }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2026-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnetId }
    privateLinkServiceConnections: [
      {
        name: group
        properties: {
          privateLinkServiceId: targetId
          groupIds: [group]
        }
      }
    ]
  }
}

resource records 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2026-01-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: group
        properties: { privateDnsZoneId: zone.id }
      }
    ]
  }
}
