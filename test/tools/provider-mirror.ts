/** A folder from which OpenTofu installs the kubernetes provider without a network. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './run-tool.ts';
import { pinnedVersion } from './tool.ts';

/** The address that `hashicorp/kubernetes` stands for. It names the provider; nothing is asked there. */
const PROVIDER = 'registry.opentofu.org/hashicorp/kubernetes';

/** Makes the mirror in `folder` and resolves to the CLI configuration (TF_CLI_CONFIG_FILE) that knows nothing but it. */
export async function writeProviderMirror(folder: string): Promise<string> {
  const version = pinnedVersion('terraform-provider-kubernetes');
  const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const place = join(folder, 'mirror', PROVIDER, version.slice(1), platform);
  mkdirSync(place, { recursive: true });
  cpSync(await pathOf('terraform-provider-kubernetes'), join(place, `terraform-provider-kubernetes_${version}`));
  const configuration = join(folder, 'mirror.tfrc');
  const mirror = `filesystem_mirror {\n    path = ${JSON.stringify(join(folder, 'mirror'))}\n  }`;
  writeFileSync(configuration, `provider_installation {\n  ${mirror}\n}\n`);
  return configuration;
}
