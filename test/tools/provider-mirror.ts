/** A folder from which OpenTofu installs a provider without a network. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './run-tool.ts';
import { pinnedVersion } from './tool.ts';

/** The addresses that sources of providers stand for. They name providers; nothing is asked there. */
const addresses = {
  'terraform-provider-kubernetes': 'registry.opentofu.org/hashicorp/kubernetes',
  'terraform-provider-kubectl': 'registry.opentofu.org/gavinbunney/kubectl',
} as const;

type Provider = keyof typeof addresses;

/** Makes the mirror in `folder` and resolves to the CLI configuration (TF_CLI_CONFIG_FILE) that knows nothing but it. */
export async function writeProviderMirror(
  folder: string,
  provider: Provider = 'terraform-provider-kubernetes',
): Promise<string> {
  const version = pinnedVersion(provider);
  const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const place = join(folder, 'mirror', addresses[provider], version.slice(1), platform);
  mkdirSync(place, { recursive: true });
  cpSync(await pathOf(provider), join(place, `${provider}_${version}`));
  const configuration = join(folder, 'mirror.tfrc');
  const mirror = `filesystem_mirror {\n    path = ${JSON.stringify(join(folder, 'mirror'))}\n  }`;
  writeFileSync(configuration, `provider_installation {\n  ${mirror}\n}\n`);
  return configuration;
}
