import { variablesOf } from './document.ts';
import { literalOf, type Node, type Say, walk } from './syntax.ts';

/** Built-in roles, from learn.microsoft.com/azure/role-based-access-control/built-in-roles. */
export const BUILT_IN: Readonly<Record<string, string>> = {
  '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39': 'serviceBusDataSender',
  '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0': 'serviceBusDataReceiver',
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': 'storageBlobDataOwner',
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': 'storageBlobDataContributor',
  '3913510d-42f4-4e42-8a64-420c390055eb': 'monitoringMetricsPublisher',
};
const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Every GUID is a built-in role that we give, under that role's name. */
export function checkRoles(root: Node, say: Say): void {
  for (const node of walk(root)) {
    const text = literalOf(node) ?? '';
    if (GUID.test(text) && BUILT_IN[text] === undefined) say(node, `${text} is no role that may be given`);
  }
  for (const { name, node, value } of variablesOf(root)) {
    const role = BUILT_IN[literalOf(value) ?? ''];
    if (role !== undefined && role !== name) say(node, `"${name}" is the role ${role}`);
  }
}
