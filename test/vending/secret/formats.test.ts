import { describe, expect, it } from 'vitest';
import { SECRET_FORMATS, type SecretFormat } from '../../../src/vending/model/credential.ts';
import { contentTypeOf, formatOf, renderSecret, Secret } from '../../../src/vending/secret/secret.ts';

const key = { id: 'JDCXTFUVFVQGF56J', metadata: {}, spec: {} };
const target = {
  subscriptionId: '00000000-0000-0000-0000-000000000000',
  resourceGroupName: 'myResourceGroup',
  organizationName: 'myOrganization',
  environmentId: 'env-12132',
  clusterId: 'lkc-1126wj',
};
const text = 'cfltAb/+9=:x';
const render = (format: SecretFormat, secret = text) => renderSecret(format, key, new Secret(secret), target);
const jaas = (password: string) =>
  `org.apache.kafka.common.security.plain.PlainLoginModule required username="JDCXTFUVFVQGF56J" password="${password}";`;

describe('renderSecret', () => {
  it.each<[SecretFormat, string]>([
    ['secret', text],
    ['jaas', jaas(text)],
    ['basic-auth', `JDCXTFUVFVQGF56J:${text}`],
  ])('writes %s', (format, value) => {
    expect(render(format).value.reveal()).toBe(value);
  });

  it('writes json with the target', () => {
    expect(JSON.parse(render('json').value.reveal())).toEqual({ apiKey: key.id, apiSecret: text, target });
  });

  it.each([
    ['a quote', 'a"b', String.raw`a\"b`],
    ['a backslash', 'a\\b', String.raw`a\\b`],
    ['a backslash before a quote', '\\"', String.raw`\\\"`],
    ['a line break', 'a\nb', String.raw`a\012b`],
    ['a digit after a control character', '\u00017', String.raw`\0017`],
    ['what would close the line', '"; other required x="', String.raw`\"; other required x=\"`],
  ])('escapes %s in JAAS', (_, secret, escaped) => {
    expect(render('jaas', secret).value.reveal()).toBe(jaas(escaped));
  });

  it.each(SECRET_FORMATS)(
    'names the format %s in a content type that the vault takes, and hides the value',
    (format) => {
      const rendered = render(format);
      expect(rendered.contentType).toBe(contentTypeOf(format));
      expect(formatOf(rendered.contentType)).toBe(format);
      expect(rendered.contentType).toMatch(new RegExp(`^(text/plain|application/json); format=${format}$`));
      expect(rendered.contentType.length).toBeLessThanOrEqual(255);
      expect(JSON.stringify(rendered)).not.toContain('cflt');
    },
  );
});
