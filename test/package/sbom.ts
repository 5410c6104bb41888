import { createHash } from 'node:crypto';
import { type BundledPackage, packagePathOf } from './bundled-packages.ts';
import type { Metafile } from './metafile.ts';

export interface Product {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** SHA-256 of the zip, in hexadecimal. */
  readonly sha256: string;
  /** Version of esbuild, which made the bundle. */
  readonly bundler: string;
}

/**
 * CycloneDX 1.6 of what is in the bundle, and who imports whom there. Without time or chance: the serial number is
 * derived from the content.
 */
export function sbomOf(product: Product, packages: readonly BundledPackage[], metafile: Metafile): string {
  const ref = `${product.name}@${product.version}`;
  const content = {
    metadata: {
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: 'esbuild', version: product.bundler }] },
      component: {
        type: 'application',
        'bom-ref': ref,
        name: product.name,
        version: product.version,
        hashes: [{ alg: 'SHA-256', content: product.sha256 }],
        licenses: licences(product.licence),
      },
    },
    components: packages.map(componentOf),
    dependencies: dependencies(ref, packages, metafile),
    compositions: [{ aggregate: 'complete', assemblies: [ref], dependencies: [ref] }],
  };
  const head = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
  };
  const bom = { ...head, serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`, version: 1, ...content };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function componentOf({ purl, name, version, licence, integrity }: BundledPackage): object {
  const [, scope, bare] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name) ?? [];
  return {
    type: 'library',
    'bom-ref': purl,
    ...(scope === undefined ? {} : { group: scope }),
    name: bare,
    version,
    scope: 'required',
    hashes: [hashOf(integrity)],
    licenses: licences(licence),
    purl,
  };
}

/** Of the package's archive as the registry serves it. @throws Error for another algorithm than npm's. */
function hashOf(integrity: string): object {
  const [, base64] = /^sha512-([A-Za-z0-9+/]{86}==)$/.exec(integrity) ?? [];
  if (base64 === undefined) throw new Error(`The lockfile's integrity is no SHA-512: ${integrity}`);
  return { alg: 'SHA-512', content: Buffer.from(base64, 'base64').toString('hex') };
}

const licences = (spdx: string): object[] => (/[ (]/.test(spdx) ? [{ expression: spdx }] : [{ license: { id: spdx } }]);

function dependencies(product: string, packages: readonly BundledPackage[], metafile: Metafile): object[] {
  const purls = new Map(packages.flatMap(({ paths, purl }) => paths.map((path) => [path, purl])));
  const refOf = (input: string): string | undefined => {
    const path = packagePathOf(input);
    return path === undefined ? product : purls.get(path);
  };
  const edges = new Map([product, ...packages.map(({ purl }) => purl)].map((ref) => [ref, new Set<string>()]));
  for (const input of metafile.bundled) {
    const from = refOf(input);
    for (const to of metafile.importsOf(input).map(refOf)) {
      if (from !== undefined && to !== undefined && from !== to) edges.get(from)?.add(to);
    }
  }
  return [...edges].map(([ref, to]) => ({ ref, dependsOn: [...to].sort() }));
}

/** RFC 9562, version 8: what the hash leaves free is the hash. */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
