import type { Kept } from './kept.ts';

const endpoint = (name: string, target: string, group: string, zone: string): string => `
      endpoints[${name}].target = ${target}
      endpoints[${name}].group = '${group}'
      endpoints[${name}].zone = '${zone}'`;

/** Under private networking each service has an address in the network, and its public name leads there. */
export const NETWORK: readonly Kept[] = [
  {
    file: 'modules/network.bicep',
    so: 'every service that the function calls has an endpoint, in the zone of its kind',
    values: [
      endpoint('vault', 'vaultId', 'vault', 'privatelink.vaultcore.azure.net'),
      endpoint('bus', 'busId', 'namespace', 'privatelink.servicebus.windows.net'),
      // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Bicep's own
      endpoint('blob', 'storageId', 'blob', 'privatelink.blob.${storageSuffix}'),
      endpoint('queue', 'storageId', 'queue', 'privatelink.queue.${storageSuffix}'),
      endpoint('table', 'storageId', 'table', 'privatelink.table.${storageSuffix}'),
      // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Bicep's own
    ].join(''),
  },
  {
    file: 'modules/network.bicep',
    so: 'the function has a subnet of its own, which Flex Consumption takes from it, beside that of the endpoints',
    values: `
      network.properties.addressSpace.addressPrefixes = [addressPrefix]
      network.properties.subnets[function].properties.addressPrefix = cidrSubnet(addressPrefix, 26, 0)
      network.properties.subnets[function].properties.delegations[flex-consumption].properties.serviceName = 'Microsoft.App/environments'
      network.properties.subnets[endpoints].properties.addressPrefix = cidrSubnet(addressPrefix, 27, 2)
      privateEndpoints.params.subnetId = network.properties.subnets[1].id
      output integrationSubnetId = network.properties.subnets[0].id
    `,
  },
  {
    file: 'modules/private-endpoint.bicep',
    so: 'the public name of a service leads to its endpoint, and machines of the network get no names in its zone',
    values: `
      zone.location = 'global'
      link.location = 'global'
      link.properties.registrationEnabled = false
      link.properties.virtualNetwork.id = networkId
      endpoint.properties.subnet.id = subnetId
      endpoint.properties.privateLinkServiceConnections[0].properties.privateLinkServiceId = targetId
      endpoint.properties.privateLinkServiceConnections[0].properties.groupIds = [group]
      records.parent = endpoint
      records.name = 'default'
      records.properties.privateDnsZoneConfigs[0].properties.privateDnsZoneId = zone.id
      endpoint.properties.privateLinkServiceConnections[0].name = group
      records.properties.privateDnsZoneConfigs[0].name = group
    `,
  },
];
